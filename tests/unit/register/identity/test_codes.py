from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, event, select
from sqlalchemy.orm import Session

from bot.register import audit
from bot.register.errors import CodeIsGoneError
from bot.register.identity.codes import (
    Opened,
    ask_by_number,
    ask_for_draft,
    forget_code,
    make_wanted,
    open_code,
    try_code,
)
from bot.register.identity.models import Code, CodeDay, Purpose
from bot.register.kinds import Kind
from bot.register.models import Request
from bot.storage.encryption import Vault
from bot.storage.engine import transaction
from bot.storage.models import Outbound

Make = Callable[..., Any]

UNKNOWN = "K261123-7F3K-9QXMC"


@pytest.fixture
def ask(session: Session, vault: Vault, now: datetime) -> Make:
    def by_number(number: str, purpose: Purpose = Purpose.OPEN, at: datetime = now) -> str:
        return ask_by_number(session, number, purpose, controller="eparkrelax", now=at, vault=vault, minutes=10)

    return by_number


@pytest.fixture
def make(session: Session, vault: Vault, now: datetime) -> Make:
    return lambda at=now: make_wanted(session, controller="eparkrelax", now=at, vault=vault)


@pytest.fixture
def guess(session: Session, vault: Vault, now: datetime) -> Make:
    return lambda handle, typed, at=now: try_code(session, handle, typed, now=at, vault=vault)


@pytest.fixture
def sent(session: Session, vault: Vault) -> Make:
    """The digits of the newest code, as the mail brings them."""

    def digits() -> str:
        newest = select(Outbound).where(Outbound.kind == "code").order_by(Outbound.created_at.desc()).limit(1)
        return open_code(session, session.scalars(newest).one().body["code_id"], vault)

    return digits


def other_than(code: str) -> str:
    return f"{(int(code) + 1) % 10**6:06}"


def test_the_code_of_a_number_opens_its_draft_once(
    session: Session, known: Request, ask: Make, make: Make, guess: Make, sent: Make
) -> None:
    handle = ask(known.number)
    assert make() == 1
    code = session.scalars(select(Code)).one()

    assert guess(handle, sent()) == Opened(known.draft_id, known.id, Purpose.OPEN, code.id)
    assert guess(handle, sent()) is None


def test_making_tells_the_mail_sender_ids_only(session: Session, known: Request, ask: Make, make: Make) -> None:
    ask(known.number)
    make()

    code, row = (
        session.scalars(select(Code)).one(),
        session.scalars(select(Outbound).where(Outbound.kind == "code")).one(),
    )

    assert (row.channel, row.recipient) == ("mail", "member")
    assert row.body == {"code_id": code.id, "request_id": known.id}
    assert audit.trail(session, known.id)[-1].action == "code:sent"
    assert make() == 0


def test_a_code_of_a_draft_is_bound_to_all_its_requests_or_to_one(
    session: Session, now: datetime, known: Request, make: Make, guess: Make, sent: Make
) -> None:
    rest: dict[str, Any] = {"controller": "eparkrelax", "minutes": 10}
    whole = ask_for_draft(session, known.draft_id, Purpose.PROVE, now=now, **rest)
    make()
    opened = guess(whole, sent())
    later = now + timedelta(minutes=1)
    one = ask_for_draft(session, known.draft_id, Purpose.DOWNLOAD, now=later, request_id=known.id, **rest)
    make(later)

    assert (opened.draft_id, opened.request_id, opened.purpose) == (known.draft_id, None, Purpose.PROVE)
    assert guess(one, sent(), later).request_id == known.id
    requests = session.scalars(select(Request)).all()
    counts = sorted([event.action for event in audit.trail(session, row.id)].count("code:sent") for row in requests)
    assert counts == [1, 2]


@pytest.mark.parametrize("spelling", ["{}", " {} ", "{0[0]}{0[1]}{0[2]}-{0[3]}{0[4]}{0[5]}", "full-width"])
def test_a_code_is_read_however_it_is_typed(
    known: Request, ask: Make, make: Make, guess: Make, sent: Make, spelling: str
) -> None:
    handle = ask(known.number)
    make()
    wide = sent().translate({ord("0") + digit: ord("０") + digit for digit in range(10)})
    typed = wide[:3] + "　" + wide[3:] if spelling == "full-width" else spelling.format(sent())

    assert guess(handle, typed) is not None


def test_the_fourth_try_of_a_code_is_not_compared(
    session: Session, known: Request, ask: Make, make: Make, guess: Make, sent: Make
) -> None:
    handle = ask(known.number)
    make()
    assert [guess(handle, other_than(sent())) for _ in range(3)] == [None] * 3

    assert guess(handle, sent()) is None
    assert session.scalars(select(Code)).one().tries == 3


def test_a_code_expires(known: Request, ask: Make, make: Make, guess: Make, sent: Make, now: datetime) -> None:
    handle = ask(known.number)
    make()

    assert guess(handle, sent(), now + timedelta(minutes=10)) is None
    assert guess(handle, sent(), now + timedelta(minutes=9, seconds=59)) is not None


def test_a_wish_that_is_over_is_not_made(known: Request, ask: Make, make: Make, now: datetime) -> None:
    ask(known.number)

    assert make(now + timedelta(minutes=10)) == 0


def test_five_codes_are_sent_a_day_and_five_more_on_the_next(
    session: Session, known: Request, ask: Make, make: Make, now: datetime
) -> None:
    for _ in range(7):
        ask(known.number)
    assert make() == 5
    last_moment = now.replace(hour=14, minute=59)  # 23:59 in Japan
    ask(known.number, at=last_moment)
    assert make(last_moment) == 0
    ask(known.number, at=last_moment + timedelta(minutes=1))

    assert make(last_moment + timedelta(minutes=1)) == 1
    assert [row.sends for row in session.scalars(select(CodeDay).order_by(CodeDay.day))] == [5, 1]


def test_ten_tries_an_identity_and_day(  # noqa: PLR0917 - fixtures are arguments
    session: Session, known: Request, ask: Make, make: Make, guess: Make, sent: Make, now: datetime
) -> None:
    for _ in range(4):
        handle = ask(known.number)
        assert make() == 1
        for _ in range(3):
            guess(handle, "wrong")
    handle = ask(known.number, at=now + timedelta(seconds=1))
    assert make(now + timedelta(seconds=1)) == 1

    assert guess(handle, sent(), now + timedelta(seconds=2)) is None
    assert session.scalars(select(CodeDay)).one().tries == 10


@pytest.mark.parametrize("number", [UNKNOWN, "", "なにか", "\ud800", "K" * 10_000, "'; --"])
def test_a_number_that_nothing_has_becomes_a_decoy(
    session: Session, known: Request, ask: Make, make: Make, guess: Make, number: str
) -> None:
    assert known.number != number
    handle = ask(number)

    assert make() == 0
    decoy = session.scalars(select(Code)).one()
    assert decoy.made_at is not None
    assert decoy.code_hash is not None
    assert decoy.sealed_number is None
    assert [guess(handle, "123456") for _ in range(4)] == [None] * 4
    assert decoy.tries == 3


def test_whoever_gave_no_mail_address_or_only_tries_out_is_sent_nothing(
    session: Session, filed: Make, ask: Make, make: Make, complete: Make
) -> None:
    without_contact = filed(session)[0].number
    test_draft = filed(session, is_test=True)[0].number
    complete(session, test_draft)
    ask(without_contact)
    ask(test_draft)

    assert make() == 0
    assert session.scalars(select(Outbound).where(Outbound.kind == "code")).all() == []


@pytest.mark.companies
def test_another_company_s_number_is_unknown_here(
    session: Session, known: Request, vault: Vault, now: datetime
) -> None:
    ask_by_number(session, known.number, Purpose.OPEN, controller="another", now=now, vault=vault, minutes=10)

    assert make_wanted(session, controller="another", now=now, vault=vault) == 0


def test_a_try_before_the_code_is_made_counts_too(
    known: Request, ask: Make, guess: Make, make: Make, sent: Make
) -> None:
    handle = ask(known.number)
    for _ in range(3):
        assert guess(handle, "000000") is None
    make()

    assert guess(handle, sent()) is None


@pytest.mark.parametrize("handle", ["", "x" * 43, "日本語", "\ud800"])
def test_a_handle_that_was_never_given_out_opens_nothing(guess: Make, handle: str) -> None:
    assert guess(handle, "123456") is None


def test_a_code_is_forgotten_once_it_was_sent(  # noqa: PLR0917 - fixtures are arguments
    session: Session, known: Request, ask: Make, make: Make, guess: Make, sent: Make, vault: Vault
) -> None:
    handle = ask(known.number)
    make()
    digits, code = sent(), session.scalars(select(Code)).one()
    forget_code(session, code.id)

    with pytest.raises(CodeIsGoneError):
        open_code(session, code.id, vault)
    assert guess(handle, digits) is not None


def test_nothing_typed_or_made_stands_in_the_database_in_clear(
    session: Session, known: Request, ask: Make, make: Make, sent: Make
) -> None:
    handle = ask(known.number)
    before = repr(session.execute(select(Code.__table__)).all())
    make()
    after = repr(session.execute(select(Code.__table__)).all())

    for secret in (handle, known.number):
        assert secret not in before + after
    assert f"'{sent()}'" not in after


def test_a_row_of_another_code_does_not_make_a_stolen_hash_useful(
    session: Session, known: Request, ask: Make, make: Make, guess: Make, sent: Make
) -> None:
    first = ask(known.number)
    make()
    digits, stolen = sent(), session.scalars(select(Code.code_hash)).one()
    second = ask(UNKNOWN)
    make()
    other = session.scalars(select(Code).where(Code.draft_id.is_(None))).one()
    other.code_hash, other.draft_id = stolen, known.draft_id
    session.flush()

    assert guess(second, digits) is None
    assert guess(first, digits) is not None


class Statements:
    """The statements that a block of code sends to the database, without their values."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.texts: list[str] = []

    def _note(self, _connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        self.texts.append(statement)

    def __enter__(self) -> list[str]:
        event.listen(self.engine, "before_cursor_execute", self._note)
        return self.texts

    def __exit__(self, *_error: object) -> None:
        event.remove(self.engine, "before_cursor_execute", self._note)


def test_asking_sends_the_same_statements_whatever_the_number(
    engine: Engine, filed: Make, complete: Make, vault: Vault, now: datetime
) -> None:
    with transaction(engine) as session:
        number = filed(session, Kind.DISCLOSURE)[0].number
        complete(session, number)
    seen = []
    for text in (number, UNKNOWN, "?"):
        with Statements(engine) as texts, transaction(engine) as session:
            ask_by_number(session, text, Purpose.OPEN, controller="eparkrelax", now=now, vault=vault, minutes=10)
        seen.append(texts)

    assert seen[0] == seen[1] == seen[2]
    assert [text for text in seen[0] if "code" in text] != []


@pytest.mark.parametrize("made", ["made", "not made yet"])
def test_trying_sends_the_same_statements_to_a_code_and_a_decoy(
    engine: Engine, filed: Make, complete: Make, vault: Vault, now: datetime, made: str
) -> None:
    with transaction(engine) as session:
        number = filed(session, Kind.DISCLOSURE)[0].number
        complete(session, number)
        ask: dict[str, Any] = {"controller": "eparkrelax", "now": now, "vault": vault, "minutes": 10}
        handles = [ask_by_number(session, text, Purpose.OPEN, **ask) for text in (number, UNKNOWN, "?")]
        if made == "made":
            make_wanted(session, controller="eparkrelax", now=now, vault=vault)
    seen = []
    for handle in (*handles, "never given out"):
        for _ in range(3):
            with Statements(engine) as texts, transaction(engine) as session:
                try_code(session, handle, "wrong", now=now, vault=vault)
            seen.append(texts)

    assert all(texts == seen[0] for texts in seen)
    assert len([text for text in seen[0] if text.startswith(("UPDATE", "INSERT"))]) == 2
