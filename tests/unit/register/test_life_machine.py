"""Requests that live at random: members, staff and the system do what they may, and what they may not.

`make prove-life` lives 2,000 lives on each database; by default there are 40 and 8, drawn alike. Every step is one
call of the register in one transaction of its own; tests/support/watched_life.py says what holds after each of them.
"""

from __future__ import annotations

import os
import sys
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule, run_state_machine_as_test
from sqlalchemy import Engine, event
from sqlalchemy.orm import Session

from bot.register import casework
from bot.register.completing import give_details
from bot.register.decisions.deciding import Proposal, approve, note_executed, propose, reject
from bot.register.decisions.grounds import Regime, grounds, outcomes
from bot.register.decisions.linking import link
from bot.register.decisions.models import Delivery, LinkSort, Outcome
from bot.register.decisions.releasing import note_downloaded, note_posted, prepare, release
from bot.register.details import read_details
from bot.register.identity.expiry import expire_identities, resume_identities
from bot.register.identity.models import ProofSort
from bot.register.identity.proof_table import load_proof_table
from bot.register.identity.proofs import ProofResult, record_mailbox_proof, record_proof
from bot.register.life import PAIRS, TRANSITIONS, Move, locked_request, move
from bot.register.models import ReplyBy, Role, State
from bot.register.pages import issue_page, submit_details
from bot.register.requests import withdraw
from bot.register.thread.messages import ask_member, member_writes
from tests.support.watched_life import SEEN, STAFF, STEPS_TAKEN, WatchedLife

LONG = os.environ.get("MADOGUCHI_PROOF_SEQUENCES")
SEQUENCES = {"sqlite": int(LONG or 40), "postgresql": int(LONG or 8)}
STEPS = 30
MANY = 1000

ANYBODY = st.sampled_from((*STAFF, *STAFF, "member", "system"))
ONE_OF_STAFF = st.sampled_from(STAFF)
FACTS = ("氏名", "登録メールアドレス")
TABLE = load_proof_table()


class RequestLife(WatchedLife):
    """All that members, staff and the system may try."""

    @rule(data=st.data(), first=ONE_OF_STAFF, second=ONE_OF_STAFF)
    def goes_on(self, data: st.DataObject, first: str, second: str) -> None:
        """The ordinary next step, so that most lives get far; `second` may be `first`."""
        assert self.before is not None
        if self.is_in(State.RECEIVED):
            self.gives_details(Role.SELF, "page")
        elif self.is_in(State.IDENTITY_PENDING, State.IDENTITY_EXPIRED):
            self.is_looked_at(ProofSort.DOCUMENT, agrees=True, binds=True, actor=first)
        elif self.is_in(State.VERIFIED):
            self.is_taken_into_review(first)
        elif self.is_in(State.SCOPE_PENDING):
            self.writes()
        elif self.is_in(State.IN_REVIEW):
            self.is_proposed(data, first, Regime.APPI)
            self.is_approved(second)
        elif self.is_in(State.DECIDED):
            self.answer_is_prepared(first, Delivery.PAGE)
            self.answer_is_released(second)
            self.is_told(first, by_mail=False)
        elif self.is_in(State.NOTIFIED):
            self.is_executed(first)
            self.is_closed(second)

    # Who asks.

    @precondition(lambda self: self.is_in(State.RECEIVED, State.IN_REVIEW))
    @rule(role=st.sampled_from([Role.SELF, Role.SELF, Role.APPOINTED_AGENT]), actor=st.sampled_from(["page", *STAFF]))
    def gives_details(self, role: Role, actor: str) -> None:
        form = {"role": role, "name": "山田花子", "email": "hanako@example.com", "subject": "山田太郎"}
        details = read_details(form)

        def step(session: Session) -> None:
            if actor == "page":
                token = issue_page(session, self.draft_id, now=self.now)
                submit_details(session, token, details, now=self.now, vault=self.vault)
            else:
                give_details(session, self.draft_id, details, actor=actor, now=self.now, vault=self.vault)

        self.take(step, events=2 if actor == "page" else 1)

    @precondition(lambda self: self.is_before(State.DECIDED))
    @rule()
    def returns_the_code(self) -> None:
        self.take(
            lambda session: record_mailbox_proof(session, self.draft_id, now=self.now, table=TABLE),
            events=2,
        )

    @precondition(lambda self: self.is_before(State.DECIDED))
    @rule(
        sort=st.sampled_from([ProofSort.COLLATION, ProofSort.DOCUMENT, ProofSort.MEMBER_TOKEN]),
        agrees=st.sampled_from([True, True, False]),
        binds=st.booleans(),
        actor=ONE_OF_STAFF,
    )
    def is_looked_at(self, sort: ProofSort, agrees: bool, binds: bool, actor: str) -> None:  # noqa: FBT001 - as above
        facts = FACTS if sort is ProofSort.COLLATION else ()
        result = ProofResult(sort, agrees, facts, binds)
        self.take(
            lambda session: record_proof(session, self.request_id, result, actor=actor, now=self.now, table=TABLE),
            events=2,
        )

    @precondition(lambda self: self.is_in(State.IDENTITY_PENDING))
    @rule()
    def shows_nothing_for_a_month(self) -> None:
        self.now += timedelta(days=31)
        self.take(
            lambda session: expire_identities(session, controller=self.controller, now=self.now, days=30, table=TABLE)
        )

    @precondition(lambda self: self.is_in(State.IDENTITY_EXPIRED))
    @rule(actor=ANYBODY)
    def comes_back(self, actor: str) -> None:
        self.take(lambda session: resume_identities(session, self.draft_id, actor=actor, now=self.now))

    # Looking into it.

    @precondition(lambda self: self.is_before(State.IN_REVIEW))
    @rule(actor=ANYBODY)
    def is_taken_into_review(self, actor: str) -> None:
        self.take(lambda session: casework.begin_review(session, self.request_id, actor=actor, now=self.now))

    @precondition(lambda self: self.is_in(State.VERIFIED, State.IN_REVIEW))
    @rule(actor=ANYBODY)
    def is_asked(self, actor: str) -> None:
        self.take(
            lambda session: ask_member(
                session, self.request_id, "どの期間ですか。", actor=actor, now=self.now, vault=self.vault
            )
        )

    @precondition(lambda self: not self.is_in(State.RECEIVED))
    @rule()
    def writes(self) -> None:
        self.take(lambda session: member_writes(session, self.request_id, "去年です。", now=self.now, vault=self.vault))

    @rule(
        what=st.sampled_from(["given to somebody", "hurried", "late", "linked", "moved"]),
        actor=ANYBODY,
        sort=st.sampled_from(LinkSort),
        step=st.sampled_from(Move),
    )
    def is_meddled_with(self, what: str, actor: str, sort: LinkSort, step: Move) -> None:
        """What staff may do at any time, and steps that the table does not have for where the request stands."""
        request_id, now = self.request_id, self.now
        if what == "given to somebody":
            self.take(lambda session: casework.assign(session, request_id, actor, actor=actor, now=now))
        elif what == "hurried":
            self.take(lambda session: casework.set_urgent(session, request_id, urgent=True, actor=actor, now=now))
        elif what == "late":
            self.now += timedelta(days=7)
            self.take(lambda session: self._sends_interim(session, actor))
        elif what == "linked":
            self.take(lambda session: link(session, request_id, self.bystander_id, sort, actor=actor, now=now))
        elif not self.is_in(*TRANSITIONS[step].sources):
            self._moves(step, actor)

    def _sends_interim(self, session: Session, actor: str) -> None:
        casework.send_interim(
            session, self.request_id, "お調べしています。", actor=actor, now=self.now, vault=self.vault
        )

    # Deciding.

    @precondition(lambda self: self.is_in(State.IN_REVIEW))
    @rule(data=st.data(), actor=ANYBODY, regime=st.sampled_from(Regime))
    def is_proposed(self, data: st.DataObject, actor: str, regime: Regime) -> None:
        proposal = data.draw(self._proposals(regime))

        def step(session: Session) -> None:
            self.decision_id = propose(
                session, self.request_id, proposal, actor=actor, now=self.now, vault=self.vault, regime=regime
            )

        self.take(step)

    @precondition(lambda self: self.is_in(State.IN_REVIEW))
    @rule(actor=ANYBODY)
    def is_approved(self, actor: str) -> None:
        self.take(lambda session: approve(session, self.decision_id, actor=actor, now=self.now))

    @precondition(lambda self: self.is_in(State.IN_REVIEW))
    @rule(actor=ANYBODY)
    def is_rejected(self, actor: str) -> None:
        self.take(lambda session: reject(session, self.decision_id, actor=actor, now=self.now))

    @precondition(lambda self: self.is_in(State.DECIDED, State.NOTIFIED))
    @rule(actor=ANYBODY)
    def is_executed(self, actor: str) -> None:
        self.take(lambda session: note_executed(session, self.decision_id, actor=actor, now=self.now))

    # Handing over.

    @precondition(lambda self: self.is_in(State.IN_REVIEW, State.DECIDED, State.NOTIFIED))
    @rule(actor=ANYBODY, delivery=st.sampled_from(Delivery))
    def answer_is_prepared(self, actor: str, delivery: Delivery) -> None:
        def step(session: Session) -> None:
            self.release_id = prepare(
                session, self.request_id, delivery=delivery, file_id=self.file_id, actor=actor, now=self.now
            )

        self.take(step)

    @precondition(lambda self: self.is_in(State.IN_REVIEW, State.DECIDED, State.NOTIFIED))
    @rule(actor=ANYBODY)
    def answer_is_released(self, actor: str) -> None:
        self.take(lambda session: release(session, self.release_id, actor=actor, now=self.now, days=30))

    @precondition(lambda self: self.is_in(State.DECIDED, State.NOTIFIED))
    @rule(actor=ANYBODY)
    def answer_is_posted(self, actor: str) -> None:
        self.take(
            lambda session: note_posted(session, self.release_id, "1234", actor=actor, now=self.now, vault=self.vault)
        )

    @precondition(lambda self: self.is_in(State.DECIDED, State.NOTIFIED, State.CLOSED))
    @rule()
    def answer_is_downloaded(self) -> None:
        self.take(lambda session: note_downloaded(session, self.release_id, actor="member", now=self.now))

    # Telling and ending.

    @precondition(lambda self: self.is_in(State.DECIDED))
    @rule(actor=ANYBODY, by_mail=st.booleans())
    def is_told(self, actor: str, by_mail: bool) -> None:  # noqa: FBT001 - as above
        if by_mail:
            self._moves(Move.NOTIFY, actor)
        else:
            self.take(
                lambda session: casework.note_told(session, self.request_id, ReplyBy.PHONE, actor=actor, now=self.now)
            )

    @precondition(lambda self: self.is_in(State.NOTIFIED))
    @rule(actor=ANYBODY)
    def mail_comes_back(self, actor: str) -> None:
        self._moves(Move.BOUNCE, actor)

    @precondition(lambda self: self.is_in(State.NOTIFIED))
    @rule(actor=ANYBODY)
    def is_closed(self, actor: str) -> None:
        self.take(lambda session: casework.close(session, self.request_id, actor=actor, now=self.now))

    # Rarely, or hardly any life would get far.
    @rule(actor=ANYBODY, dice=st.integers(0, 9))
    def is_taken_back(self, actor: str, dice: int) -> None:
        if dice == 0 or not self.is_before(State.DECIDED):
            self.take(lambda session: withdraw(session, self.request_id, actor=actor, now=self.now))

    def _moves(self, step: Move, actor: str) -> None:
        self.take(
            lambda session: move(session, locked_request(session, self.request_id), step, actor=actor, now=self.now)
        )

    def _proposals(self, regime: Regime) -> st.SearchStrategy[Proposal]:
        today = self.now.date()
        fitting = [
            Proposal(outcome, ground, "理由は次のとおりです。", "内容は次のとおりです。")
            for outcome in outcomes(self.kind, regime, today)
            for ground in (*[row.id for row in grounds(self.kind, outcome, regime, today)][:2],) or (None,)
        ]
        granting = [proposal for proposal in fitting if proposal.outcome is Outcome.GRANTED] or fitting
        anything = st.builds(
            Proposal,
            st.sampled_from(Outcome),
            st.sampled_from([None, "stop-without-reason", "disclosure-harms-rights"]),
            st.sampled_from(["", "理由"]),
            st.sampled_from(["", "内容"]),
        )
        return st.sampled_from(fitting) | st.sampled_from(granting) | anything


def _without_waiting_for_the_disk(connection: Any, _record: Any) -> None:  # noqa: ANN401 - the driver's own types
    # What is asked here does not hang on a crash of the machine, and a life is dozens of transactions.
    connection.execute("PRAGMA synchronous=OFF")


@pytest.mark.companies
def test_lives_at_random(engine: Engine, capsys: pytest.CaptureFixture[str]) -> None:
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _without_waiting_for_the_disk)
    SEEN.clear()
    STEPS_TAKEN.clear()
    run_state_machine_as_test(
        type("RequestLifeHere", (RequestLife,), {"engine": engine}),
        settings=settings(
            max_examples=SEQUENCES[engine.dialect.name],
            stateful_step_count=STEPS,
            deadline=None,
            database=None,
            phases=[Phase.generate, Phase.shrink],
            suppress_health_check=list(HealthCheck),
        ),
    )

    if LONG:
        with capsys.disabled():
            taken = f"{STEPS_TAKEN[True]} steps taken, {STEPS_TAKEN[False]} refused, {sum(SEEN.values())} moves"
            sys.stdout.write(f"\n{engine.dialect.name}: {LONG} lives, {taken}, {len(SEEN)} of {len(PAIRS)} ways\n")
        # So many lives go every way there is; fewer may leave a rare one out.
        assert int(LONG) < MANY or set(SEEN) == PAIRS
