"""Whoever may write everything changes one thing about both trails: trails and digests together always show it.

All the changes are made to one filled database, each in a savepoint that is rolled back. `make prove-audit` makes ten
thousand of them on each database.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from random import Random
from typing import Any

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from bot.register import audit
from bot.register.digests.comparing import broken_by_digests
from bot.register.digests.folder import Folder
from bot.register.digests.making import make_digest
from bot.register.models import Request
from bot.register.trail.links import broken_trails
from bot.staff.trail import About, StaffAction, note_of
from bot.staff.trail_links import broken_staff_trails
from bot.storage.engine import reading, transaction
from tests.support.tampering import OF_REQUESTS, OF_THE_CONSOLE, tamper_at_will, unguarded

pytestmark = pytest.mark.companies

Make = Callable[..., Any]

CHANGES = int(os.environ.get("MADOGUCHI_PROOF_CHANGES", "100"))
HOUR = timedelta(hours=1)
_LOOK_AT_WHOLE_EACH = 10


@pytest.fixture
def filled(engine: Engine, filed: Make, folder: Folder, now: datetime) -> Engine:
    """Eight requests and two companies' consoles, that go on over three hours, with a digest of each."""
    for hour in range(3):
        at = now + hour * HOUR
        with transaction(engine) as session:
            for _ in range(2 if hour else 4):
                filed(session)
            for count, request in enumerate(session.scalars(select(Request).order_by(Request.number)).all()):
                for step in range(count % 3):
                    named = ["氏名", "state"][: step + 1]
                    audit.record(
                        session, request, action=audit.Action.FILE_READ, actor="staff:青木", now=at, fields=named
                    )
            for company in ("eparkrelax", "other"):
                about = About("talk", "t" * 32, fields=["words"], reason="問い合わせ" if hour else None)
                note_of(session, company, "staff:aoki", StaffAction.TALK_READ, about, now=at, role="officer")
        with reading(engine) as session:
            make_digest(session, folder, now=at)
    return engine


def shows(session: Session, folder: Folder, now: datetime) -> bool:
    by_themselves = [*broken_trails(session), *broken_staff_trails(session)]
    return bool(by_themselves) or bool([*broken_by_digests(session, folder.place, folder.keys, now=now)])


def test_every_single_change_shows_and_whole_trails_raise_no_alarm(
    filled: Engine, folder: Folder, now: datetime, capsys: pytest.CaptureFixture[str]
) -> None:
    random, made, missed, alarms = Random(26), Counter[str](), [], 0  # noqa: S311 - the same changes every time
    at = now + 2 * HOUR
    with unguarded(filled) as session:
        for count in range(CHANGES):
            savepoint = session.begin_nested()
            trail = random.choice((OF_REQUESTS, OF_THE_CONSOLE))
            change = tamper_at_will(session, trail, random)
            session.expire_all()
            if not shows(session, folder, at):
                missed.append(change)
            savepoint.rollback()
            made[change] += 1
            if count % _LOOK_AT_WHOLE_EACH == 0:
                alarms += shows(session, folder, at)
    with capsys.disabled():
        if CHANGES > 1000:
            print(  # noqa: T201 - what the proof says
                f"\n{filled.dialect.name}: {CHANGES} changes, {len(missed)} missed, {alarms} false alarms; {dict(made)}"
            )

    assert missed == []
    assert alarms == 0
    assert len(made) > min(CHANGES, 100) / 10
