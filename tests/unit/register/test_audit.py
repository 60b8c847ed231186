from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import DatabaseError

from bot.register import audit
from bot.register.models import Request
from bot.storage.engine import transaction

Make = Callable[..., Any]


def test_events_of_one_request_are_counted(engine: Engine, filed: Make, now: datetime) -> None:
    with transaction(engine) as session:
        (one,) = filed(session)
        (other,) = filed(session)
        for receipt in (one, one, other):
            request = session.get_one(Request, receipt.request_id)
            audit.record(session, request, action=audit.Action.PAGE_ISSUED, actor="system", now=now, fields=("state",))

        assert [event.position for event in audit.trail(session, one.request_id)] == [1, 2, 3]
        assert [event.fields for event in audit.trail(session, other.request_id)] == [[], ["state"]]


@pytest.mark.parametrize("statement", ["UPDATE audit SET actor = 'nobody'", "DELETE FROM audit"])
def test_the_database_refuses_to_change_the_trail(engine: Engine, filed: Make, statement: str) -> None:
    with transaction(engine) as session:
        (receipt,) = filed(session)

    with pytest.raises(DatabaseError, match="only added to"), transaction(engine) as session:
        session.execute(text(statement))

    with transaction(engine) as session:
        assert [event.actor for event in audit.trail(session, receipt.request_id)] == ["member"]


@pytest.mark.parametrize("action", list(audit.Action))
def test_actions_follow_their_grammar(action: audit.Action) -> None:
    assert re.fullmatch(r"[a-z]+:[a-z]+", action)
