"""What is shown once counts for every company that was asked together: in each by its own rules, in all or in none."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from threading import Barrier, BrokenBarrierError

import pytest
from sqlalchemy import Engine, select

from bot.crash_points import CrashPoint
from bot.register import audit, groups
from bot.register.completing import give_details
from bot.register.details import Details
from bot.register.filing import file_draft
from bot.register.groups import Child, file_group
from bot.register.identity import codes
from bot.register.identity.group_proofs import prove_mailbox, vouch
from bot.register.identity.models import Code, Proof, Purpose
from bot.register.identity.proof_table import ProofTable, load_proof_table
from bot.register.kinds import ADVERTISING, Kind
from bot.register.models import AuditEvent, ReplyBy, Request, RequestGroup, Role
from bot.register.requests import withdraw
from bot.register.thread.entering import enter_by_code
from bot.storage.encryption import Vault
from bot.storage.engine import open_engine, reading, transaction
from bot.storage.walls import speaking_for
from tests.unit.register.conftest import OpenDraft

FIRST, PARKING, OUTING = "eparkrelax", "parking", "outing"
SISTERS = {PARKING: "見本駐車株式会社", OUTING: "見本おでかけ株式会社"}
EVERYBODY = (FIRST, PARKING, OUTING)
DETAILS = Details(role=Role.SELF, reply_by=ReplyBy.EMAIL, name="見本 花子", email="hanako@example.jp")
TABLE = load_proof_table(None)


@dataclass
class Group:
    """One request for mails to stop, filed with three companies from one page."""

    engines: dict[str, Engine]
    drafts: dict[str, str]
    vault: Vault

    def file(self, new_draft: OpenDraft, now: datetime, details: dict[str, Details]) -> None:
        def complete(child: Child) -> None:
            self.drafts[child.controller] = child.draft_id
            given = details.get(child.controller, DETAILS)
            give_details(session, child.draft_id, given, actor="member", now=now, vault=self.vault)

        with transaction(self.engines[FIRST]) as session:
            draft_id = new_draft(session, Kind.USE_STOP, scope=ADVERTISING, stops_advertising=True)
            file_draft(session, draft_id, now=now, vault=self.vault)
            give_details(session, draft_id, DETAILS, actor="member", now=now, vault=self.vault)
            file_group(session, draft_id, SISTERS, name="見本", now=now, vault=self.vault, then=complete)
            self.drafts[FIRST] = draft_id

    def prove(self, controller: str, now: datetime, tables: dict[str, ProofTable] | None = None) -> None:
        with transaction(self.engines[controller]) as session:
            prove_mailbox(
                session, self.drafts[controller], now=now, table_of=lambda one: (tables or {}).get(one, TABLE)
            )

    def code(self, controller: str, now: datetime) -> tuple[str, str]:
        """A handle, and the code that a mail brings for it."""
        with transaction(self.engines[controller]) as session:
            handle = codes.ask_for_draft(
                session, self.drafts[controller], Purpose.OPEN, controller=controller, now=now, minutes=10
            )
            codes.make_wanted(session, controller=controller, now=now, vault=self.vault)
            return handle, codes.open_code(session, session.scalars(select(Code.id)).one(), self.vault)

    def enter(self, controller: str, typed: tuple[str, str], now: datetime) -> str | None:
        with transaction(self.engines[controller]) as session:
            return enter_by_code(
                session, *typed, now=now, vault=self.vault, minutes=30, table_of=lambda _controller: TABLE
            )

    def states(self) -> dict[str, str]:
        return {one: state for one in EVERYBODY for state in self._states(one)}

    def proofs(self, controller: str) -> list[tuple[str, str]]:
        with reading(self.engines[controller]) as session:
            return [(row.sort, row.by) for row in session.execute(select(Proof.sort, Proof.by))]

    def trail(self, controller: str) -> list[tuple[str, str]]:
        query = select(AuditEvent.action, AuditEvent.actor).order_by(AuditEvent.position)
        with reading(self.engines[controller]) as session:
            return [(row.action, row.actor) for row in session.execute(query)]

    def _states(self, controller: str) -> list[str]:
        with reading(self.engines[controller]) as session:
            return list(session.scalars(select(Request.state)))


@pytest.fixture
def group(database_url: str, vault: Vault) -> Iterator[Group]:
    engines = {controller: open_engine(database_url, controller=controller) for controller in EVERYBODY}
    yield Group(engines, {}, vault)
    for engine in engines.values():
        engine.dispose()


@pytest.fixture
def filed_with_all(group: Group, new_draft: OpenDraft, now: datetime) -> Group:
    group.file(new_draft, now, {})
    return group


@pytest.mark.parametrize("page_of", EVERYBODY)
def test_one_mailbox_that_was_proved_on_one_page_counts_for_all(
    filed_with_all: Group, now: datetime, page_of: str
) -> None:
    filed_with_all.prove(page_of, now)

    assert filed_with_all.states() == dict.fromkeys(EVERYBODY, "verified")
    for controller in EVERYBODY:
        assert filed_with_all.proofs(controller) == [("mailbox_code", "member")]
        assert filed_with_all.trail(controller) == [
            ("request:filed", "member"),
            ("details:submitted", "member"),
            ("proof:tried", "member"),
            ("identity:verified", "member"),
        ]


def test_what_is_written_with_a_company_names_no_other(filed_with_all: Group, now: datetime) -> None:
    filed_with_all.prove(FIRST, now)

    with reading(filed_with_all.engines[PARKING]) as session:
        own = session.scalars(select(Request.id)).one()
        proof = session.scalars(select(Proof)).one()
        assert (proof.controller, proof.request_id, proof.facts) == (PARKING, own, [])
        assert [event.fields for event in audit.trail(session, own)][-2:] == [
            ["mailbox_code"],
            ["verified_at", "state"],
        ]
        assert {event.controller for event in audit.trail(session, own)} == {PARKING}


def test_again_it_changes_nothing(filed_with_all: Group, now: datetime) -> None:
    filed_with_all.prove(PARKING, now)
    before = [filed_with_all.trail(controller) for controller in EVERYBODY]
    for controller in EVERYBODY:
        filed_with_all.prove(controller, now + timedelta(hours=1))

    assert [filed_with_all.trail(controller) for controller in EVERYBODY] == before
    assert [len(filed_with_all.proofs(controller)) for controller in EVERYBODY] == [1, 1, 1]


@pytest.mark.parametrize("gone", EVERYBODY)
def test_whatever_was_taken_back_is_left_alone(filed_with_all: Group, now: datetime, gone: str) -> None:
    with transaction(filed_with_all.engines[gone]) as session:
        withdraw(session, session.scalars(select(Request.id)).one(), now=now)
    before = filed_with_all.trail(gone)

    filed_with_all.prove(FIRST, now)

    assert filed_with_all.states() == dict.fromkeys(EVERYBODY, "verified") | {gone: "withdrawn"}
    assert (filed_with_all.trail(gone), filed_with_all.proofs(gone)) == (before, [])


def test_another_mailbox_is_not_proved_by_it(group: Group, new_draft: OpenDraft, now: datetime) -> None:
    group.file(new_draft, now, {PARKING: replace(DETAILS, email="jiro@example.jp")})

    group.prove(FIRST, now)

    assert group.states() == {FIRST: "verified", PARKING: "identity_pending", OUTING: "verified"}
    assert group.proofs(PARKING) == []


def test_each_company_says_itself_what_suffices(filed_with_all: Group, now: datetime) -> None:
    strict = TABLE.model_copy(
        update={"rows": tuple(row.model_copy(update={"proof": "document"}) for row in TABLE.rows)}
    )

    filed_with_all.prove(FIRST, now, {PARKING: strict})

    assert filed_with_all.states() == {FIRST: "verified", PARKING: "identity_pending", OUTING: "verified"}
    assert filed_with_all.proofs(PARKING) == [("mailbox_code", "member")]


def test_a_host_site_s_word_counts_where_it_is_believed(filed_with_all: Group, now: datetime) -> None:
    with transaction(filed_with_all.engines[FIRST]) as session:
        vouch(
            session,
            filed_with_all.drafts[FIRST],
            now=now,
            believes=lambda controller: controller != OUTING,
            table_of=lambda _controller: TABLE,
        )

    assert filed_with_all.states() == {FIRST: "verified", PARKING: "verified", OUTING: "identity_pending"}
    assert filed_with_all.proofs(PARKING) == [("member_token", "member")]
    assert filed_with_all.proofs(OUTING) == []


@pytest.mark.parametrize("time", [1, 2])
def test_whoever_dies_between_two_companies_has_proved_it_to_none(
    filed_with_all: Group, now: datetime, monkeypatch: pytest.MonkeyPatch, time: int
) -> None:
    passed: list[CrashPoint] = []

    def die(here: CrashPoint) -> None:
        passed.append(here)
        if passed.count(CrashPoint.GROUP_BETWEEN_COMPANIES) == time:
            raise ZeroDivisionError

    before = [filed_with_all.trail(controller) for controller in EVERYBODY]
    with monkeypatch.context() as patch:
        patch.setattr(groups, "crash_point", die)
        with pytest.raises(ZeroDivisionError):
            filed_with_all.prove(FIRST, now)

    assert [filed_with_all.trail(controller) for controller in EVERYBODY] == before
    filed_with_all.prove(FIRST, now)
    assert filed_with_all.states() == dict.fromkeys(EVERYBODY, "verified")


def test_two_pages_of_one_group_at_once_wait_for_each_other(
    filed_with_all: Group, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    mailed = {controller: filed_with_all.code(controller, now) for controller in (FIRST, PARKING)}
    both_hold_their_own = Barrier(2)

    def meet(_here: CrashPoint) -> None:
        # Nobody comes while the other one is held up; without that, both would stand here, each with what the other
        # wants.
        with suppress(BrokenBarrierError):
            both_hold_their_own.wait(timeout=2)

    with monkeypatch.context() as patch, ThreadPoolExecutor(2) as threads:
        patch.setattr(groups, "crash_point", meet)
        tokens = list(threads.map(lambda one: filed_with_all.enter(one[0], one[1], now), mailed.items()))

    assert all(tokens)
    assert filed_with_all.states() == dict.fromkeys(EVERYBODY, "verified")
    assert [len(filed_with_all.proofs(controller)) for controller in EVERYBODY] == [1, 1, 1]


def test_a_test_that_a_company_has_removed_stands_in_nobody_s_way(filed_with_all: Group, now: datetime) -> None:
    # Only the place in the group is left of it, as after a purge of tests.
    with transaction(filed_with_all.engines[FIRST]) as session:
        group = session.scalars(select(RequestGroup)).one()
        group.children = [
            child | ({"draft_id": "f" * 32} if child["controller"] == OUTING else {}) for child in group.children
        ]

    filed_with_all.prove(FIRST, now)

    assert filed_with_all.states() == {FIRST: "verified", PARKING: "verified", OUTING: "identity_pending"}


def test_the_door_is_closed_again(filed_with_all: Group) -> None:
    seen: list[str] = []
    with transaction(filed_with_all.engines[PARKING]) as session:
        groups.for_each_of_group(
            session,
            filed_with_all.drafts[PARKING],
            lambda controller, _draft: seen.extend([controller, *session.scalars(select(Request.controller))]),
        )
        assert session.scalars(select(Request.controller)).all() == [PARKING]
        with speaking_for(session, PARKING):
            assert session.scalars(select(Request.controller)).all() == [PARKING]
    # Its own company first, and as each only that company's.
    assert seen == [PARKING, PARKING, FIRST, FIRST, OUTING, OUTING]
