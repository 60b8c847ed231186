"""What a member deleted after a backup is forgotten again when it is restored, on both databases."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from bot.channels.forgetting.again import Forgotten, forget_again
from bot.register.forgetting.hold import hold
from bot.storage import inbox
from bot.storage.deletion_list import Deleted, DeletionList, Sort
from bot.storage.encryption import Vault
from bot.storage.engine import reading, transaction
from bot.storage.models import Conversation, Entry, Inbound, Outbound
from tests.support.kept_requests import Case
from tests.support.talks import Told, store_talk

NOW = datetime(2026, 11, 26, 3, 0, tzinfo=UTC)
BACKED_UP = NOW - timedelta(hours=1)


@pytest.fixture
def listed(tmp_path: Path) -> DeletionList:
    return DeletionList(tmp_path / "lists")


def talk(session: Session, vault: Vault) -> Conversation:
    return store_talk(session, Told("一つ目"), Told("二つ目"), vault=vault, now=BACKED_UP - timedelta(hours=1))


def again(engine: Engine, listed: DeletionList, vault: Vault) -> Forgotten:
    return forget_again(engine, [listed], BACKED_UP, vault=vault, now=NOW)


def test_a_conversation_goes_here_and_rasa_hears_of_it(engine: Engine, listed: DeletionList, vault: Vault) -> None:
    with transaction(engine) as session:
        gone, stays = talk(session, vault).id, talk(session, vault).id
    listed.note(Sort.CONVERSATION, gone, now=BACKED_UP + timedelta(minutes=5))
    listed.note(Sort.CONVERSATION, secrets.token_hex(16), now=NOW)  # begun after the backup, which does not know it

    assert again(engine, listed, vault) == Forgotten(conversations=1)

    with reading(engine) as session:
        assert set(session.scalars(select(Entry.conversation_id))) == {stays}
        assert session.get_one(Conversation, gone).deleted_at == NOW
        assert list(session.execute(select(Outbound.channel, Outbound.recipient))) == [("rasa", gone)]
    assert again(engine, listed, vault) == Forgotten()


def test_words_of_one_turn_go(engine: Engine, listed: DeletionList, vault: Vault) -> None:
    with transaction(engine) as session:
        conversation = talk(session, vault)
        first, second = session.scalars(
            select(Inbound).where(Inbound.conversation_id == conversation.id).order_by(Inbound.received_at)
        )
        listed.note(Sort.TURN, first.id, now=NOW)

    assert again(engine, listed, vault) == Forgotten(turns=1)

    with reading(engine) as session:
        assert session.get_one(Inbound, first.id).sealed_event is None
        assert inbox.open_body(session.get_one(Inbound, second.id), vault).content == "二つ目"


def test_words_that_no_key_opens_any_more_stop_nobody(engine: Engine, listed: DeletionList, vault: Vault) -> None:
    with transaction(engine) as session:
        conversation = talk(session, vault)
        first = session.scalars(select(Inbound.id).where(Inbound.conversation_id == conversation.id)).first()
        assert first is not None
    listed.note(Sort.TURN, first, now=NOW)
    listed.note(Sort.CONVERSATION, conversation.id, now=NOW)

    assert again(engine, listed, Vault(b"o" * 32, b"h" * 32)) == Forgotten(conversations=1, turns=1)


def test_what_is_held_is_hidden_as_it_was(engine: Engine, listed: DeletionList, vault: Vault) -> None:
    with transaction(engine) as session:
        conversation = talk(session, vault)
        (request_id,) = Case(session, vault, BACKED_UP).file(conversation_id=conversation.id)
        hold(session, request_id, "訴訟", actor="staff:aya", now=BACKED_UP, vault=vault)
    listed.note(Sort.CONVERSATION, conversation.id, now=NOW)

    again(engine, listed, vault)

    with reading(engine) as session:
        kept = session.get_one(Conversation, conversation.id)
        assert (kept.deleted_at, kept.deletion_wanted_at) == (None, NOW)


def test_what_was_deleted_before_the_backup_is_not_looked_at(
    engine: Engine, listed: DeletionList, vault: Vault
) -> None:
    with transaction(engine) as session:
        conversation = talk(session, vault)
    listed.note(Sort.CONVERSATION, conversation.id, now=BACKED_UP - timedelta(minutes=10))

    assert again(engine, listed, vault) == Forgotten()


def test_a_list_survives_a_line_that_was_cut_off(listed: DeletionList) -> None:
    first, second = secrets.token_hex(16), secrets.token_hex(16)
    listed.note(Sort.TURN, first, now=BACKED_UP)
    (file,) = listed.folder.iterdir()
    with file.open("ab") as torn:
        torn.write(b"\n2026-11-26T02:00:00+00:00 conv")
    listed.note(Sort.CONVERSATION, second, now=NOW)

    assert list(listed.since(BACKED_UP)) == [
        Deleted(BACKED_UP, Sort.TURN, first),
        Deleted(NOW, Sort.CONVERSATION, second),
    ]
    assert oct(file.stat().st_mode)[-3:] == "600"


def test_lists_are_kept_by_days_and_forgotten(listed: DeletionList) -> None:
    for days in range(4):
        listed.note(Sort.TURN, secrets.token_hex(16), now=NOW - timedelta(days=days))

    assert listed.first_day() == (NOW - timedelta(days=3)).date()
    assert listed.forget(before=(NOW - timedelta(days=1)).date()) == 2
    assert listed.first_day() == (NOW - timedelta(days=1)).date()
    assert len(list(listed.since(NOW - timedelta(days=9)))) == 2


def test_there_may_be_no_list(tmp_path: Path) -> None:
    none = DeletionList(tmp_path / "never")

    assert none.first_day() is None
    assert list(none.since(NOW)) == []
    assert none.forget(before=NOW.date()) == 0
