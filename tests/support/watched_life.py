"""A request under watch: what one call of the register may have changed, and what must hold after every one."""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, ClassVar

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize
from sqlalchemy import Engine, delete, select
from sqlalchemy.orm import Session

from bot.errors import BadInputError
from bot.register.deadlines import deadlines
from bot.register.decisions.models import ALONE, AnswerRelease, Decision, RequestLink
from bot.register.drafts import open_draft
from bot.register.filing import file_draft
from bot.register.identity.models import Proof
from bot.register.kinds import FILED_KINDS, Kind
from bot.register.life import PAIRS, TERMINAL
from bot.register.models import AuditEvent, Contact, Request, State
from bot.register.thread.models import ThreadMessage
from bot.storage.encryption import Vault
from bot.storage.engine import Base, transaction
from bot.storage.models import Outbound
from tests.support.cases import store_answer

BEGINNING = datetime(2026, 11, 23, 1, 30, tzinfo=UTC)
STAFF = ("staff:suzuki", "staff:tanaka", "staff:sato")
ENDINGS = {State.CLOSED: "closed", State.WITHDRAWN: "withdrawn"}
SEEN: Counter[tuple[State, State]] = Counter()
STEPS_TAKEN: Counter[bool] = Counter()

Step = Callable[[Session], object]


@dataclass(frozen=True)
class Snapshot:
    """All that the register holds about a request, without its trail."""

    rows: tuple[tuple[Any, ...], ...]
    state: State
    received_at: datetime
    verified_at: datetime | None
    events: tuple[tuple[int, str, tuple[str, ...]], ...]
    notices: tuple[str, ...]

    @property
    def last_day(self) -> date:
        return deadlines(self.received_at, self.verified_at).working


class WatchedLife(RuleBasedStateMachine):
    """One request from its filing on, beside another one of the same person that nothing may touch."""

    engine: ClassVar[Engine]

    def __init__(self) -> None:
        super().__init__()
        self.vault, self.now = Vault(b"e" * 32, b"h" * 32), BEGINNING
        self.controller = secrets.token_hex(8)
        self.kind = Kind.DISCLOSURE
        self.is_test = False
        self.request_id = self.bystander_id = self.draft_id = self.file_id = ""
        self.decision_id = self.release_id = "0" * 32
        self.before: Snapshot | None = None
        self.bystander: Snapshot | None = None

    @initialize(
        kind=st.sampled_from(FILED_KINDS),
        scope=st.sampled_from(["予約履歴", "広告宣伝", "健康情報"]),
        is_test=st.sampled_from([False, False, False, True]),
    )
    def arrives(self, kind: Kind, scope: str, is_test: bool) -> None:  # noqa: FBT001 - Hypothesis names its arguments
        self.kind, self.is_test = kind, is_test
        with transaction(self.engine) as session:
            self.bystander_id, _ = self._file(session, scope)
            self.request_id, self.draft_id = self._file(session, scope)
            request = session.get_one(Request, self.request_id)
            self.file_id = store_answer(session, request, now=self.now, vault=self.vault)
        with transaction(self.engine) as session:
            self.before = self._snapshot(session, self.request_id)
            self.bystander = self._snapshot(session, self.bystander_id)

    def _file(self, session: Session, scope: str) -> tuple[str, str]:
        draft_id = open_draft(
            session,
            controller=self.controller,
            conversation_id="c" * 32,
            channel="web",
            kinds=[self.kind],
            scope=scope,
            words="お願いします",
            vault=self.vault,
            now=self.now,
            is_test=self.is_test,
        )
        (receipt,) = file_draft(session, draft_id, now=self.now, vault=self.vault)
        return receipt.request_id, draft_id

    def teardown(self) -> None:
        if self.before is None:
            return
        with transaction(self.engine) as session:
            assert self._snapshot(session, self.bystander_id) == self.bystander
            session.execute(delete(Outbound).where(Outbound.controller == self.controller))

    def is_in(self, *states: State) -> bool:
        return self.before is not None and self.before.state in states

    def is_before(self, state: State) -> bool:
        order = list(State)
        return self.before is not None and order.index(self.before.state) < order.index(state)

    def take(self, step: Step, *, events: int = 1) -> None:
        """One call in one transaction; `events` is how many it may write at most."""
        self.now += timedelta(hours=1)
        done = True
        try:
            with transaction(self.engine) as session:
                step(session)
        except BadInputError:
            done = False
        with transaction(self.engine) as session:
            after = self._snapshot(session, self.request_id)
            self._check_two_people(session)
        assert self.before is not None
        _check(self.before, after, done=done, events=events)
        self._check_notices(after)
        self.before = after
        STEPS_TAKEN[done] += 1

    def _check_two_people(self, session: Session) -> None:
        for decision in session.scalars(select(Decision).where(Decision.request_id == self.request_id)):
            if decision.effective_at is not None and decision.outcome not in ALONE:
                assert {decision.decided_by, decision.approved_by} <= set(STAFF)
                assert decision.decided_by != decision.approved_by
            if decision.executed_at is not None:
                assert decision.effective_at is not None
        for row in session.scalars(select(AnswerRelease).where(AnswerRelease.request_id == self.request_id)):
            if row.released_at is not None:
                assert {row.prepared_by, row.released_by} <= set(STAFF)
                assert row.prepared_by != row.released_by

    def _check_notices(self, after: Snapshot) -> None:
        if self.is_test:
            assert after.notices == ()
        elif after.state in TERMINAL:
            assert after.notices.count(ENDINGS[after.state]) == 1

    def _snapshot(self, session: Session, request_id: str) -> Snapshot:
        request = session.get_one(Request, request_id)
        tables: list[tuple[type[Base], Any]] = [
            (Request, Request.id == request_id),
            (Contact, Contact.draft_id == request.draft_id),
            *((table, table.request_id == request_id) for table in (Proof, Decision, AnswerRelease, RequestLink)),
            (ThreadMessage, ThreadMessage.request_id == request_id),
        ]
        rows = [tuple(row) for table, where in tables for row in session.execute(select(table.__table__).where(where))]
        trail = session.execute(
            select(AuditEvent.position, AuditEvent.action, AuditEvent.fields)
            .where(AuditEvent.request_id == request_id)
            .order_by(AuditEvent.position)
        )
        notices = session.execute(
            select(Outbound.kind, Outbound.body)
            .where(Outbound.controller == self.controller)
            .order_by(Outbound.created_at, Outbound.id)
        )
        return Snapshot(
            rows=tuple(sorted(rows, key=repr)),
            state=State(request.state),
            received_at=request.received_at,
            verified_at=request.verified_at,
            events=tuple((position, action, tuple(fields)) for position, action, fields in trail),
            notices=tuple(kind for kind, body in notices if body.get("request_id") == request_id),
        )


def _check(before: Snapshot, after: Snapshot, *, done: bool, events: int) -> None:
    if not done:
        assert after == before
    new = after.events[len(before.events) :]
    assert after.events[: len(before.events)] == before.events
    assert [event[0] for event in after.events] == list(range(1, len(after.events) + 1))
    assert len(new) <= events
    assert new or after.rows == before.rows
    moves = [event for event in new if "state" in event[2]]
    if after.state is before.state:
        assert moves == []
    else:
        SEEN[before.state, after.state] += 1
        assert (before.state, after.state) in PAIRS
        assert before.state not in TERMINAL
        assert len(moves) == 1
    assert after.received_at == before.received_at
    assert before.verified_at in (None, after.verified_at)
    assert after.last_day <= before.last_day
