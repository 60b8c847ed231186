"""The drill: a register is filled, backed up while filing goes on, lost, and restored elsewhere.

`make prove-restore` does it with 100,000 requests on each database. What was acknowledged before the backup began is
there, the trails verify, and of everything filed afterwards nothing has a number that was ever given out.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import TypeVar

import pytest
from sqlalchemy import Engine, select

from bot.backup.making import Made
from bot.clock import system_clock
from bot.register.check import contradictions
from bot.register.drafts import open_draft
from bot.register.filing import file_draft
from bot.register.kinds import Kind
from bot.register.models import Request
from bot.storage.engine import reading, transaction
from tests.support.backups import Installation, opened
from tests.support.filing_writer import CONTROLLER, VAULT, Writer, file, keep_draft, preload

REQUESTS = int(os.environ.get("MADOGUCHI_PROOF_REQUESTS", "300"))
AFTERWARDS = min(REQUESTS, 1000)
_TOGETHER = 200
_WORDS_BEFORE = 20

pytestmark = pytest.mark.timeout(600 + REQUESTS // 10)

T = TypeVar("T")


def test_a_register_is_lost_and_restored(
    engine: Engine, installation: Installation, elsewhere: Installation, capsys: pytest.CaptureFixture[str]
) -> None:
    preload()
    begun_at = system_clock()
    kept, filling = timed(lambda: fill(engine, REQUESTS))
    writer = Writer(installation.database_url, [])
    writer.listen(_WORDS_BEFORE)
    acknowledged = {*kept, *writer.numbers}
    (made, meanwhile), backing_up = timed(lambda: back_up_beside(writer, installation))
    writer.listen(_WORDS_BEFORE)
    given = acknowledged | {*writer.kill().numbers.values()}

    _restored, restoring = timed(lambda: elsewhere.restore(made, sleep=time.sleep))

    with opened(elsewhere.database_url) as again:
        found, checking = timed(lambda: findings(again, begun_at))
        there = numbers(again)
        more = [file(again, keep_draft(again)) for _ in range(AFTERWARDS)]
    assert found == []
    assert acknowledged <= there
    assert there <= given
    assert len(given) > len(there)  # something was lost, or nothing was tried
    assert len({*given, *more}) == len(given) + AFTERWARDS
    assert meanwhile > 0
    size = sum(each.bytes for each in made.manifest.files.values()) / 1e6
    with capsys.disabled():
        print(  # noqa: T201 - a proof tells its figures
            f"\n{engine.dialect.name}: {len(there)} requests, {size:.1f} MB; filled {filling:.1f} s, "
            f"backed up {backing_up:.1f} s with {meanwhile} filings meanwhile, restored {restoring:.1f} s, "
            f"checked {checking:.1f} s; {len(given) - len(there)} given out after the backup, "
            f"{AFTERWARDS} filed since, no number twice"
        )


def fill(engine: Engine, count: int) -> list[str]:
    """Files so many requests by the code that the chat uses, many in a transaction; gives their numbers."""
    numbers: list[str] = []
    while len(numbers) < count:
        with transaction(engine) as session:
            for _ in range(min(_TOGETHER, count - len(numbers))):
                now = system_clock()
                draft = open_draft(
                    session,
                    controller=CONTROLLER,
                    conversation_id=None,
                    channel="web",
                    kinds=[Kind.DISCLOSURE],
                    scope="予約履歴",
                    words="予約の記録を見せてください。",
                    vault=VAULT,
                    now=now,
                )
                numbers += [filed.number for filed in file_draft(session, draft, now=now, vault=VAULT)]
    return numbers


def back_up_beside(writer: Writer, installation: Installation) -> tuple[Made, int]:
    """Makes a backup while the writer goes on; gives how many filings were acknowledged meanwhile."""
    before = len(writer.numbers)
    with ThreadPoolExecutor(1) as threads:
        making = threads.submit(installation.back_up)
        while not making.done():
            writer.listen(1)
        return making.result(), len(writer.numbers) - before


def findings(engine: Engine, begun_at: datetime) -> list[str]:
    # As of the beginning: no jobs send here, and notices that wait for longer than minutes are a finding.
    with reading(engine) as session:
        return contradictions(session, now=begun_at)


def numbers(engine: Engine) -> set[str]:
    with reading(engine) as session:
        return set(session.scalars(select(Request.number)))


def timed(work: Callable[[], T]) -> tuple[T, float]:
    begun = time.monotonic()
    return work(), time.monotonic() - begun
