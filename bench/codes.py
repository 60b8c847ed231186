"""Times what could betray whether a receipt number exists: `make prove-codes`.

Asks for codes under numbers that exist and that do not, and tries codes and decoys, 2,000 times each, in turns and in
random order, on SQLite and on PostgreSQL, each in a committed transaction of its own. Prints the medians, the
p-value of Mann and Whitney's test, and the chance that of one sample of each the one that exists took longer: 0.5 when
nobody can tell them apart, and no more than 0.03 away from that, or the run fails.
"""

from __future__ import annotations

import gc
import random
import secrets
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Any

from scipy.stats import mannwhitneyu
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from bot.register.drafts import open_draft
from bot.register.filing import file_draft
from bot.register.identity.codes import ask_by_number, make_wanted, try_code
from bot.register.identity.models import Code, Purpose
from bot.register.kinds import Kind
from bot.register.models import Contact
from bot.register.numbers import new_number
from bot.register.requests import by_number
from bot.storage.encryption import Vault
from bot.storage.engine import open_engine, transaction
from bot.storage.migrate import upgrade
from tests.support.postgres import run_server, server_programs

SAMPLES = 2000
TRIES = 2
FARTHEST_FROM_HALF = 0.03

NOW = datetime(2026, 11, 23, 1, 30, tzinfo=UTC)
VAULT = Vault(secrets.token_bytes(32), secrets.token_bytes(32))
WISH: dict[str, Any] = {"controller": "bench", "now": NOW, "vault": VAULT}

Step = Callable[[Session], object]


def main() -> None:
    """Measures on both databases, prints, and fails when the two can be told apart."""
    separable = False
    for name, url in _databases():
        upgrade(url)
        engine = open_engine(url, controller="eparkrelax")
        separable |= _measure(engine, name)
        engine.dispose()
    sys.exit(1 if separable else 0)


def _databases() -> Iterator[tuple[str, str]]:
    with tempfile.TemporaryDirectory() as folder:
        yield "SQLite", f"sqlite:///{Path(folder) / 'codes.db'}"
    programs = server_programs()
    if programs is not None:
        with run_server(programs) as url:
            yield "PostgreSQL", url


def _measure(engine: Engine, name: str) -> bool:
    numbers = [_file(engine, place) for place in range(SAMPLES // TRIES)]
    strangers = [new_number(NOW) for _ in numbers]
    for _ in range(50):  # warm
        _time(engine, partial(_ask, number="warm"))
    asks = _in_turns(
        engine,
        [partial(_ask, number=number) for number in numbers * TRIES],
        [partial(_ask, number=number) for number in strangers * TRIES],
    )
    handles = [_handle(engine, number) for number in chain(*zip(numbers, strangers, strict=True))]
    _make_all(engine)
    tries = _in_turns(
        engine,
        [partial(_try, handle=handle) for handle in handles[::2] * TRIES],
        [partial(_try, handle=handle) for handle in handles[1::2] * TRIES],
    )
    return any([_print(f"{name}, asking for a code", asks), _print(f"{name}, trying one", tries)])


def _file(engine: Engine, place: int) -> str:
    with transaction(engine) as session:
        draft_id = open_draft(
            session,
            controller="bench",
            conversation_id="c" * 32,
            channel="web",
            kinds=(Kind.DISCLOSURE,),
            scope=None,
            words="開示してください",
            vault=VAULT,
            now=NOW,
        )
        number = file_draft(session, draft_id, now=NOW, vault=VAULT)[0].number
        view = by_number(session, number)
        if view is None:
            raise LookupError(number)
        session.add(_contact(view.draft_id, f"{place}@example.com"))
    return number


def _contact(draft_id: str, email: str) -> Contact:
    row = secrets.token_hex(16)
    return Contact(
        id=row,
        controller="bench",
        draft_id=draft_id,
        role="self",
        reply_by="email",
        sealed_name=VAULT.seal("山田花子", table="contact", row=row, column="sealed_name"),
        sealed_email=VAULT.seal(email, table="contact", row=row, column="sealed_email"),
        email_hash=VAULT.keyed_hash(email, purpose="email"),
        given_at=NOW,
    )


def _ask(session: Session, *, number: str) -> str:
    return ask_by_number(session, number, Purpose.OPEN, minutes=10, **WISH)


def _try(session: Session, *, handle: str) -> object:
    return try_code(session, handle, f"{secrets.randbelow(10**6):06}", now=NOW, vault=VAULT)


def _make_all(engine: Engine) -> None:
    unmade = select(Code.id).where(Code.made_at.is_(None)).limit(1)
    while True:
        with transaction(engine) as session:
            make_wanted(session, **WISH)
            if session.scalar(unmade) is None:
                return


def _handle(engine: Engine, number: str) -> str:
    with transaction(engine) as session:
        return _ask(session, number=number)


def _time(engine: Engine, step: Step) -> float:
    began = time.perf_counter()
    with transaction(engine) as session:
        step(session)
    return (time.perf_counter() - began) * 1e6


def _in_turns(engine: Engine, existing: Sequence[Step], unknown: Sequence[Step]) -> tuple[list[float], list[float]]:
    """Microseconds of both; which of a pair comes first is drawn by lot."""
    taken: tuple[list[float], list[float]] = ([], [])
    with _undisturbed():
        for pair in zip(existing, unknown, strict=True):
            for which in random.sample((0, 1), 2):
                taken[which].append(_time(engine, pair[which]))
    return taken


@contextmanager
def _undisturbed() -> Iterator[None]:
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def _print(what: str, taken: tuple[list[float], list[float]]) -> bool:
    existing, unknown = taken
    test = mannwhitneyu(existing, unknown)
    chance = test.statistic / (len(existing) * len(unknown))
    medians = [statistics.median(one) for one in taken]
    print(
        f"{what}: {len(existing)} + {len(unknown)} samples, medians {medians[0]:.0f} and {medians[1]:.0f} µs "
        f"({medians[0] - medians[1]:+.1f}), p {test.pvalue:.2f}, chance that what exists took longer {chance:.3f}"
    )
    return bool(abs(chance - 0.5) > FARTHEST_FROM_HALF)


if __name__ == "__main__":
    main()
