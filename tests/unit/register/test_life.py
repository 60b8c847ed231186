from __future__ import annotations

from collections import deque
from collections.abc import Callable
from datetime import datetime
from itertools import product
from typing import Any

import pytest
from sqlalchemy import Engine, select, update
from sqlalchemy.exc import DatabaseError
from sqlalchemy.orm import Session

from bot.register import audit
from bot.register.decisions.models import Decision, Outcome
from bot.register.errors import RequestIsUnknownError, StaffOnlyError, StateForbidsError
from bot.register.kinds import Kind
from bot.register.life import (
    PAIRS,
    TERMINAL,
    TRANSITIONS,
    Move,
    Party,
    can_move,
    locked_request,
    move,
    require_staff,
)
from bot.register.models import Request, State
from bot.storage.engine import transaction
from bot.storage.models import Outbound
from tests.support.cases import SUZUKI, TANAKA, add_proof

Make = Callable[..., Any]
ACTORS = {Party.MEMBER: "member", Party.STAFF: SUZUKI, Party.SYSTEM: "system"}


def _way(target: State) -> list[State]:
    """The shortest way from arrival to a state."""
    ways = deque([[State.RECEIVED]])
    while ways[0][-1] is not target:
        way = ways.popleft()
        ways.extend([*way, after] for before, after in sorted(PAIRS) if before is way[-1] and after not in way)
    return list(ways[0][1:])


@pytest.fixture
def standing(filed: Make, now: datetime) -> Make:
    """A request that has all a state may want, brought to a state past all functions; gives its row."""

    def make(session: Session, state: State) -> Request:
        (receipt,) = filed(session, Kind.DISCLOSURE)
        request = session.get_one(Request, receipt.request_id)
        add_proof(session, request, now=now)
        request.verified_at = now
        session.flush()
        session.add(
            Decision(
                id=request.id,
                controller=request.controller,
                request_id=request.id,
                kind=request.kind,
                outcome=Outcome.GRANTED,
                decided_by=SUZUKI,
                decided_at=now,
                approved_by=TANAKA,
                effective_at=now,
            )
        )
        for after in _way(state):
            request.state = after
            session.flush()
        return request

    return make


def test_the_database_allows_exactly_the_table(engine: Engine, standing: Make) -> None:
    allowed = set()
    with transaction(engine) as session:
        requests = {state: standing(session, state).id for state in State}
    for source, target in product(State, State):
        statement = update(Request).where(Request.id == requests[source]).values(state=target)
        with engine.connect() as connection:
            try:
                connection.execute(statement)
            except DatabaseError as error:
                assert "does not follow" in str(error)  # noqa: PT017 - most pairs raise, which ones is what is asked
            else:
                allowed.add((source, target))

    assert allowed == PAIRS | {(state, state) for state in State}


@pytest.mark.parametrize("state", [state for state in State if state is not State.RECEIVED])
def test_the_database_lets_nothing_begin_elsewhere(engine: Engine, filed: Make, state: State) -> None:
    with transaction(engine) as session:
        (receipt,) = filed(session)
        first = session.get_one(Request, receipt.request_id)
        columns = {column.key: getattr(first, column.key) for column in Request.__table__.columns}
    again = {**columns, "id": "2" * 32, "number": "K261123-0000-00000", "kind": "erasure", "state": state}

    with pytest.raises(DatabaseError, match="begins as received"), transaction(engine) as session:
        session.execute(Request.__table__.insert().values(**again))  # type: ignore[attr-defined]  # a Table, as mapped


def test_nobody_is_verified_without_a_proof(engine: Engine, filed: Make, now: datetime) -> None:
    with transaction(engine) as session:
        (receipt,) = filed(session)
        session.get_one(Request, receipt.request_id).state = State.IDENTITY_PENDING

    verified = update(Request).values(verified_at=now, state=State.VERIFIED)
    with pytest.raises(DatabaseError, match="proof that suffices"), transaction(engine) as session:
        session.execute(verified)


@pytest.mark.parametrize("step", list(Move))
def test_a_step_writes_state_event_and_notice(session: Session, standing: Make, now: datetime, step: Move) -> None:
    row = TRANSITIONS[step]
    for source, party in product(row.sources, sorted(row.parties)):
        request = standing(session, source)
        before = len(audit.trail(session, request.id))

        move(session, request, step, actor=ACTORS[party], now=now, fields=("more",))

        assert request.state == row.target
        (event,) = audit.trail(session, request.id)[before:]
        assert (event.action, event.actor, event.fields) == (row.action, ACTORS[party], ["more", "state"])
        told = [
            notice.kind
            for notice in session.scalars(select(Outbound).where(Outbound.recipient == "member"))
            if notice.body == {"request_id": request.id}
        ]
        assert told == ([] if row.notice is None else [row.notice])


@pytest.mark.parametrize("step", list(Move))
def test_a_step_from_elsewhere_or_by_another_changes_nothing(
    session: Session, standing: Make, now: datetime, step: Move
) -> None:
    row = TRANSITIONS[step]
    requests = {state: standing(session, state) for state in State}
    for state, party in product(State, Party):
        if state in row.sources and party in row.parties:
            continue
        with pytest.raises(StateForbidsError):
            move(session, requests[state], step, actor=ACTORS[party], now=now)
        assert requests[state].state == state
        assert can_move(requests[state], step) == (state in row.sources)
    assert {len(audit.trail(session, request.id)) for request in requests.values()} == {1}


def test_every_end_is_told_and_never_left() -> None:
    ends = [row for row in TRANSITIONS.values() if row.target in TERMINAL]

    assert {row.target for row in ends} == TERMINAL
    assert all(row.notice is not None for row in ends)
    assert not {source for source, _ in PAIRS} & TERMINAL


def test_every_state_can_be_reached_and_an_end_from_everywhere() -> None:
    assert all(_way(state) for state in State if state is not State.RECEIVED)
    reaching = set(TERMINAL)
    while more := {source for source, target in PAIRS if target in reaching} - reaching:
        reaching |= more
    assert reaching == set(State)


def test_only_staff_decide_and_close() -> None:
    for step in (Move.BEGIN_REVIEW, Move.ASK, Move.DECIDE, Move.CLOSE):
        assert TRANSITIONS[step].parties == {Party.STAFF}


@pytest.mark.parametrize("actor", ["member", "system", "staff", "staff:", "staff:　", "", "suzuki"])
def test_staff_have_a_name(actor: str) -> None:
    with pytest.raises(StaffOnlyError):
        require_staff(actor)


def test_a_named_member_of_staff_passes() -> None:
    require_staff(SUZUKI)


def test_an_unknown_request(session: Session) -> None:
    with pytest.raises(RequestIsUnknownError):
        locked_request(session, "0" * 32)
