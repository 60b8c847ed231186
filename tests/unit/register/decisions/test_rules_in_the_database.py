"""Past the functions: the database itself refuses a decision that breaks a rule."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import Engine, insert, update
from sqlalchemy.exc import DatabaseError

from bot.register.decisions.deciding import approve, note_executed, reject
from bot.register.decisions.models import Decision
from bot.register.kinds import Kind
from bot.register.models import Request, State
from bot.storage.engine import transaction
from tests.support.cases import SUZUKI, TANAKA
from tests.support.proposals import GRANTED

Make = Callable[..., Any]


def _row(request_id: str, now: datetime, **facts: object) -> dict[str, object]:
    return {
        "id": "d" * 32,
        "controller": "eparkrelax",
        "request_id": request_id,
        "kind": "disclosure",
        "outcome": "granted",
        "decided_by": SUZUKI,
        "decided_at": now,
        **facts,
    }


@pytest.mark.parametrize(
    "facts",
    [
        {"effective": True},
        {"effective": True, "approved_by": SUZUKI},
        {"effective": True, "approved_by": "member"},
        {"effective": True, "approved_by": "system"},
        {"decided_by": "member"},
        {"outcome": "denied", "sealed_explanation": b"x"},
        {"outcome": "denied", "ground": "disclosure-harms-rights"},
        {"outcome": "answered", "sealed_explanation": b"x", "effective": True},
        {"outcome": "maybe"},
        {"kind": "erasure"},
        {"executed": True},
        {"effective": True, "approved_by": TANAKA, "rejected": True},
    ],
)
def test_the_database_refuses_a_decision_that_breaks_a_rule(
    engine: Engine, reviewed: Make, now: datetime, facts: dict[str, object]
) -> None:
    moments = {"effective": "effective_at", "executed": "executed_at", "rejected": "rejected_at"}
    with transaction(engine) as session:
        row = _row(
            reviewed(session),
            now,
            **{moments.get(key, key): now if key in moments else value for key, value in facts.items()},
        )

    with pytest.raises(DatabaseError), transaction(engine) as session:
        session.execute(insert(Decision).values(**row))


@pytest.mark.parametrize("kind", [Kind.CORRECTION, Kind.ADDITION, Kind.DELETION])
def test_the_database_wants_the_content_of_a_correction(
    engine: Engine, reviewed: Make, now: datetime, kind: Kind
) -> None:
    with transaction(engine) as session:
        row = _row(reviewed(session, kind), now, kind=kind)

    with pytest.raises(DatabaseError), transaction(engine) as session:
        session.execute(insert(Decision).values(**row))


def test_the_database_tells_nothing_to_somebody_unverified(engine: Engine, reviewed: Make, now: datetime) -> None:
    with transaction(engine) as session:
        row = _row(reviewed(session, verified=False), now, approved_by=TANAKA, effective_at=now)

    with pytest.raises(DatabaseError, match="verified person"), transaction(engine) as session:
        session.execute(insert(Decision).values(**row))


def test_the_database_decides_nothing_without_a_decision_in_effect(
    engine: Engine, reviewed: Make, proposes: Make
) -> None:
    with transaction(engine) as session:
        request_id = reviewed(session)
        proposes(session, request_id)

    with pytest.raises(DatabaseError, match="decision in effect"), transaction(engine) as session:
        session.get_one(Request, request_id).state = State.DECIDED


def test_the_database_keeps_one_open_decision(engine: Engine, reviewed: Make, proposes: Make, now: datetime) -> None:
    with transaction(engine) as session:
        request_id = reviewed(session)
        proposes(session, request_id)

    with pytest.raises(DatabaseError), transaction(engine) as session:
        session.execute(insert(Decision).values(**_row(request_id, now)))


@pytest.mark.parametrize(
    "change",
    [
        {"outcome": "partial", "ground": "disclosure-harms-rights"},
        {"ground": "disclosure-breaks-law"},
        {"sealed_explanation": b"y"},
        {"sealed_detail": b"y"},
        {"decided_by": "staff:sato"},
        {"approved_by": "staff:sato"},
        {"effective_at": None},
        {"executed_at": None},
    ],
)
def test_the_database_does_not_let_a_decision_be_rewritten(
    engine: Engine, reviewed: Make, proposes: Make, now: datetime, change: dict[str, object]
) -> None:
    with transaction(engine) as session:
        decision_id = proposes(session, reviewed(session), replace(GRANTED, explanation="開示します。"))
        approve(session, decision_id, actor=TANAKA, now=now)
        note_executed(session, decision_id, actor=SUZUKI, now=now)

    with pytest.raises(DatabaseError), transaction(engine) as session:
        session.execute(update(Decision).where(Decision.id == decision_id).values(**change))


def test_the_database_lets_no_rejection_be_undone(
    engine: Engine, reviewed: Make, proposes: Make, now: datetime
) -> None:
    with transaction(engine) as session:
        decision_id = proposes(session, reviewed(session))
        reject(session, decision_id, actor=TANAKA, now=now)

    undone = {"rejected_at": None, "approved_by": TANAKA, "effective_at": now}
    with pytest.raises(DatabaseError, match="rewritten"), transaction(engine) as session:
        session.execute(update(Decision).where(Decision.id == decision_id).values(**undone))
