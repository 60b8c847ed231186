"""A writer is killed at random moments: no receipt that it gave is lost, nothing stands half, nothing twice.

`make prove-crashes` kills it 1,000 times on SQLite and 200 times on PostgreSQL. What nobody knows the end of is
pressed again, as a member would: it gets the number that was committed, or its first one.
"""

from __future__ import annotations

import os
import random
import time
from datetime import datetime

import pytest
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from bot.clock import system_clock
from bot.register.alerts.models import Alert
from bot.register.check import contradictions
from bot.register.models import AuditEvent, Draft, Request
from bot.storage.engine import reading
from bot.storage.models import Outbound
from tests.support.filing_writer import Told, Writer, preload

KILLS = int(os.environ.get("MADOGUCHI_PROOF_KILLS", "20"))
# A server's database does not lie in the writer's hands: a fifth of the deaths tells as much.
_OF_WHICH = {"sqlite": 1, "postgresql": 5}
# A busy machine is slow: a life is as long as it takes to say so much, and a random moment more.
_MOST_WORDS = 8
_MOMENT_SECONDS = 0.02

pytestmark = pytest.mark.timeout(300 + 5 * KILLS)


def test_what_a_killed_writer_acknowledged_is_there_once_and_whole(
    engine: Engine, capsys: pytest.CaptureFixture[str]
) -> None:
    preload()
    kills = max(KILLS // _OF_WHICH[engine.dialect.name], 5)
    moments = random.Random(7)  # noqa: S311 - the same lives each time, as far as a machine repeats itself
    acknowledged: dict[str, str] = {}
    kept: set[str] = set()
    pressed_again: list[str] = []
    begun_at, begun = system_clock(), time.monotonic()
    for _ in range(kills):
        writer = Writer(engine.url.render_as_string(hide_password=False), pressed_again)
        writer.listen(moments.randrange(_MOST_WORDS))
        time.sleep(moments.uniform(0, _MOMENT_SECONDS))
        told = writer.kill()
        expect_each_whole(engine, told)
        expect_one_number_each(acknowledged, told)
        acknowledged |= told.numbers
        kept |= set(told.drafts)
        pressed_again = [draft for draft in (*pressed_again, *told.drafts) if draft not in acknowledged]
        pressed_again = list(dict.fromkeys(pressed_again))
    expect_all_there(engine, acknowledged, kept, begun_at)
    with capsys.disabled():
        seconds = time.monotonic() - begun
        print(f"\n{engine.dialect.name}: {kills} kills, {len(acknowledged)} receipts, {seconds:.0f} s")  # noqa: T201 - a proof tells its figures


def expect_each_whole(engine: Engine, told: Told) -> None:
    """Every draft that this writer touched has a request with trail, alert and notice, or nothing at all."""
    with reading(engine) as session:
        for draft in session.scalars(select(Draft).where(Draft.id.in_(told.drafts))):
            expected = () if draft.filed_at is None else (1, 1, 1)
            assert halves(session, draft.id) == expected, draft.id
            assert draft.filed_at is not None or draft.id not in told.numbers


def halves(session: Session, draft_id: str) -> tuple[int, ...]:
    """How many events, alerts and notices each request of a draft has; one triple, or none."""
    found: list[int] = []
    for request_id in session.scalars(select(Request.id).where(Request.draft_id == draft_id)):
        for rows, of in ((AuditEvent, AuditEvent.request_id), (Alert, Alert.request_id)):
            found.append(session.scalar(select(func.count()).select_from(rows).where(of == request_id)) or 0)
        alert = session.scalar(select(Alert.id).where(Alert.request_id == request_id))
        notices = select(func.count()).select_from(Outbound).where(Outbound.dedupe_key.startswith(f"alert:{alert}:"))
        found.append(session.scalar(notices) or 0)
    return tuple(found)


def expect_one_number_each(acknowledged: dict[str, str], told: Told) -> None:
    again = acknowledged.keys() & told.numbers.keys()
    assert {draft: acknowledged[draft] for draft in again} == {draft: told.numbers[draft] for draft in again}


def expect_all_there(engine: Engine, acknowledged: dict[str, str], kept: set[str], begun_at: datetime) -> None:
    with reading(engine) as session:
        filed = {row.draft_id: row.number for row in session.execute(select(Request.draft_id, Request.number))}
        total = session.scalar(select(func.count()).select_from(Request))
        # As of the beginning: no jobs send here, and notices that wait for longer than minutes are a finding.
        assert contradictions(session, now=begun_at) == []
        events = session.scalar(select(func.count()).select_from(AuditEvent))
    assert len(acknowledged) > 0
    assert {draft: filed.get(draft) for draft in acknowledged} == acknowledged
    assert len(filed) == len(set(filed.values())) == total == events
    assert filed.keys() <= kept
