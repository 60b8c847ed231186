"""Migrations of a database in use: what was filed, verified and decided goes down and up again."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from bot.register.casework import begin_review
from bot.register.completing import give_details
from bot.register.decisions.deciding import Proposal, approve, propose
from bot.register.decisions.grounds import Regime
from bot.register.decisions.models import Outcome
from bot.register.details import Details
from bot.register.drafts import open_draft
from bot.register.filing import file_draft
from bot.register.kinds import Kind
from bot.register.life import Move, locked_request, move
from bot.register.models import ReplyBy, Role
from bot.storage.encryption import Vault
from bot.storage.engine import open_engine, transaction
from bot.storage.migrate import downgrade, upgrade
from bot.storage.walls import EVERY
from tests.support.cases import SUZUKI, TANAKA, add_proof

NOW = datetime(2026, 11, 23, 1, 30, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)
VAULT = Vault(b"e" * 32, b"h" * 32)
DETAILS = Details(role=Role.SELF, reply_by=ReplyBy.EMAIL, name="見本 花子", email="hanako@example.jp")


def fill(url: str) -> dict[str, str]:
    """Files two requests and decides one; gives id to number."""
    engine = open_engine(url, controller=EVERY)
    with transaction(engine) as session:
        draft = open_draft(
            session,
            controller="eparkrelax",
            conversation_id="c" * 32,
            channel="web",
            kinds=[Kind.DISCLOSURE, Kind.ERASURE],
            scope="会員情報",
            words="見せてから消してください",
            vault=VAULT,
            now=NOW,
        )
        filed = file_draft(session, draft, now=NOW, vault=VAULT)
        give_details(session, draft, DETAILS, actor="member", now=NOW, vault=VAULT)
        request = locked_request(session, filed[0].request_id)
        add_proof(session, request, now=LATER)
        request.verified_at = LATER
        move(session, request, Move.VERIFY, actor=SUZUKI, now=LATER)
        begin_review(session, request.id, actor=SUZUKI, now=LATER)
        proposal = Proposal(outcome=Outcome.GRANTED)
        decision = propose(
            session, request.id, proposal, actor=SUZUKI, now=LATER, vault=VAULT, regime=Regime.APPI_AND_JIS
        )
        approve(session, decision, actor=TANAKA, now=LATER)
    engine.dispose()
    return {one.request_id: one.number for one in filed}


# Of two companies and of each table whose key 0021 changes; both companies' keys still differ.
_NOTICE = (
    "INSERT INTO outbox (id, controller, channel, recipient, kind, body, dedupe_key, state, attempts, created_at, "
    "due_at) VALUES (:id, :company, 'mail', 'r', 'k', '{}', :key, 'waiting', 0, :at, :at)"
)
_ACCOUNT = (
    "INSERT INTO staff_account (id, controller, name, email, role, sees_sensitive, totp_step, invited_by, invited_at, "
    "issuer, subject) VALUES (:id, :company, 'n', 'e@example.jp', 'admin', false, 0, 'x', :at, 'i', :subject)"
)
_SESSION = (
    "INSERT INTO staff_session (id, controller, account_id, token_hash, opened_by, agent, opened_at, used_at) "
    "VALUES (:id, :company, :account, :id, 'password', 'a', :at, :at)"
)
_ALL = (
    "SELECT id, controller, dedupe_key, state FROM outbox ORDER BY controller",
    "SELECT id, controller, issuer, subject, role FROM staff_account ORDER BY controller",
    "SELECT id, controller, account_id FROM staff_session ORDER BY controller",
)


def write(url: str, statement: str, **values: object) -> None:
    engine = open_engine(url, controller=EVERY)
    try:
        with engine.begin() as connection:
            connection.execute(text(statement), {"at": "2026-11-23 01:30:00+00", **values})
    finally:
        engine.dispose()


def staff_of_both(url: str, *, ids: tuple[str, str]) -> None:
    for company, id_ in zip("ab", ids, strict=True):
        write(url, _NOTICE, id=company, company=company, key=id_)
        write(url, _ACCOUNT, id=id_, company=company, subject=id_)
        write(url, _SESSION, id=company, company=company, account=id_)


def test_keys_become_each_company_s_own_and_nothing_is_lost(empty_database_url: str) -> None:
    url = empty_database_url
    upgrade(url, "0020")
    staff_of_both(url, ids=("ken", "mei"))
    before = [rows(url, statement) for statement in _ALL]
    for statement, values in (
        (_NOTICE, {"id": "x", "key": "ken"}),
        (_ACCOUNT, {"id": "ken", "subject": "new"}),
        (_ACCOUNT, {"id": "x", "subject": "ken"}),
    ):
        with pytest.raises(DBAPIError):
            write(url, statement, company="b", **values)

    upgrade(url)

    assert [rows(url, statement) for statement in _ALL] == before
    write(url, _NOTICE, id="x", company="b", key="ken")
    write(url, _ACCOUNT, id="ken", company="b", subject="ken")
    write(url, _SESSION, id="x", company="b", account="ken")
    # Within a company nothing has become looser, and a session is of somebody of its own company.
    for statement, values in (
        (_NOTICE, {"id": "y", "key": "ken"}),
        (_ACCOUNT, {"id": "ken", "subject": "y"}),
        (_ACCOUNT, {"id": "y", "subject": "ken"}),
    ):
        with pytest.raises(DBAPIError):
            write(url, statement, company="b", **values)
    with pytest.raises(DBAPIError):
        write(url, _SESSION, id="y", company="a", account="mei")
    # Somebody has used what the way down would take away.
    with pytest.raises(DBAPIError):
        downgrade(url, "0020")
    assert rows(url, "SELECT version_num FROM alembic_version") == [("0021",)]


def test_the_way_down_keeps_what_fits(empty_database_url: str) -> None:
    url = empty_database_url
    upgrade(url)
    staff_of_both(url, ids=("ken", "mei"))
    before = [rows(url, statement) for statement in _ALL]

    downgrade(url, "0020")
    assert [rows(url, statement) for statement in _ALL] == before
    with pytest.raises(DBAPIError):
        write(url, _ACCOUNT, id="ken", company="b", subject="new")
    upgrade(url)

    assert [rows(url, statement) for statement in _ALL] == before


def rows(url: str, statement: str) -> list[tuple[object, ...]]:
    engine = open_engine(url, controller=EVERY)
    with engine.connect() as connection:
        found = [tuple(row) for row in connection.execute(text(statement))]
    engine.dispose()
    return found


def test_what_was_filed_survives_the_way_down_and_up(empty_database_url: str) -> None:
    upgrade(empty_database_url)
    numbers = fill(empty_database_url)
    trail = rows(empty_database_url, "SELECT id, request_id, position, action FROM audit ORDER BY request_id, position")
    sealed = rows(empty_database_url, "SELECT id, sealed_words, received_at FROM request ORDER BY id")

    downgrade(empty_database_url, "0003")

    states = rows(empty_database_url, "SELECT id, number, state FROM request")
    assert {(id_, number) for id_, number, _ in states} == set(numbers.items())
    # An earlier version does not know what is decided; it sees a request that waits for who asks.
    assert {state for _, _, state in states} == {"identity_pending"}
    assert rows(empty_database_url, "SELECT count(*) FROM contact WHERE sealed_email IS NOT NULL") == [(1,)]

    upgrade(empty_database_url)

    assert rows(empty_database_url, "SELECT id, sealed_words, received_at FROM request ORDER BY id") == sealed
    assert (
        rows(empty_database_url, "SELECT id, request_id, position, action FROM audit ORDER BY request_id, position")
        == trail
    )


@pytest.mark.parametrize(
    ("statement", "says"),
    [
        ("UPDATE request SET number = 'K2'", "never change"),
        ("UPDATE request SET state = 'closed'", "does not follow"),
        ("UPDATE request SET state = 'verified'", "does not follow|without a proof"),
        ("UPDATE audit SET action = 'x'", "only added to"),
    ],
)
def test_the_rules_are_back_after_the_way_down_and_up(empty_database_url: str, statement: str, says: str) -> None:
    upgrade(empty_database_url)
    fill(empty_database_url)
    downgrade(empty_database_url, "0003")
    upgrade(empty_database_url)
    engine = open_engine(empty_database_url, controller=EVERY)
    with pytest.raises(DBAPIError, match=says), engine.begin() as connection:
        connection.execute(text(statement))
    engine.dispose()


EARLIER = """
INSERT INTO member (id, controller, channel, user_hash, sealed_user, created_at)
VALUES ('m', 'c', 'web', 'h', '', :at);
INSERT INTO conversation (id, controller, channel, member_id, started_at, last_at, turns, is_test)
VALUES ('v', 'c', 'web', 'm', :at, :at, 2, false);
INSERT INTO inbox (id, controller, channel, event_id, body_hash, conversation_id, state, attempts, occurred_at,
  received_at, due_at) VALUES ('i', 'c', 'web', 'e', 'h', 'v', 'failed', 1, :at, :at, :at);
INSERT INTO transcript (id, controller, conversation_id, role, position, at, sealed_message)
VALUES ('t', 'c', 'v', 'member', 1, :at, ''), ('a', 'c', 'v', 'answer', 2, :at, '');
INSERT INTO feedback (id, controller, conversation_id, entry_id, helpful, at) VALUES ('f', 'c', 'v', 'a', false, :at)
"""


def test_what_stands_in_plain_columns_of_earlier_conversations_is_counted(empty_database_url: str) -> None:
    upgrade(empty_database_url, "0011")
    engine = open_engine(empty_database_url, controller=EVERY)
    with engine.begin() as connection:
        for statement in EARLIER.split(";"):
            connection.execute(text(statement), {"at": "2026-11-23 01:30:00+00"})
    engine.dispose()
    upgrade(empty_database_url)

    counted = "SELECT errors, unhelpful, helpful, receipts, review FROM conversation"
    assert rows(empty_database_url, counted) == [(1, 1, 0, 0, "open")]
    assert rows(empty_database_url, "SELECT id, kind FROM transcript ORDER BY id") == [("a", None), ("t", "member")]
