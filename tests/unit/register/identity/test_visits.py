from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.register import audit
from bot.register.errors import DraftIsUnknownError
from bot.register.identity.models import Visit
from bot.register.identity.visits import VisitView, end_visit, open_visit, visit
from bot.register.models import Request


def test_a_visit_sees_its_draft_and_every_request_records_it(session: Session, known: Request, now: datetime) -> None:
    token = open_visit(session, known.draft_id, opened_by="link", now=now, minutes=30)

    rows = session.scalars(select(Request).order_by(Request.number)).all()
    ids, ends = tuple(row.id for row in rows), now + timedelta(minutes=30)
    assert visit(session, token, now=now) == VisitView(known.draft_id, "eparkrelax", ids, ends)
    assert [audit.trail(session, row.id)[-1].action for row in rows] == ["page:visited"] * 2


def test_a_visit_ends_by_itself_or_before(session: Session, known: Request, now: datetime) -> None:
    token, other = (open_visit(session, known.draft_id, opened_by="link", now=now, minutes=30) for _ in range(2))
    end_visit(session, token, now=now)

    assert visit(session, token, now=now) is None
    assert visit(session, other, now=now + timedelta(minutes=29)) is not None
    assert visit(session, other, now=now + timedelta(minutes=30)) is None


def test_a_token_is_long_and_stored_hashed(session: Session, known: Request, now: datetime) -> None:
    token = open_visit(session, known.draft_id, opened_by="link", now=now, minutes=30)

    stored = session.scalars(select(Visit)).one()

    assert len(token) == 43
    assert token not in {value for value in vars(stored).values() if isinstance(value, str)}


@pytest.mark.parametrize("token", ["", "x" * 43, "日本語", "\ud800"])
def test_an_unknown_token_is_no_visit(session: Session, now: datetime, token: str) -> None:
    end_visit(session, token, now=now)

    assert visit(session, token, now=now) is None


def test_nobody_visits_a_draft_that_is_not_there(session: Session, now: datetime) -> None:
    with pytest.raises(DraftIsUnknownError):
        open_visit(session, "0" * 32, opened_by="link", now=now, minutes=30)
