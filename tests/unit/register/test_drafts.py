from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session

from bot.register.drafts import draft, drop_draft, open_drafts
from bot.register.errors import DraftIsUnknownError, NothingIsAskedForError
from bot.register.filing import file_draft
from bot.register.kinds import Kind
from bot.register.models import Draft
from bot.storage.encryption import Vault

Make = Callable[..., Any]


def test_a_draft_is_kept_with_its_kinds_once(session: Session, new_draft: Make, now: datetime) -> None:
    draft_id = new_draft(session, Kind.USE_STOP, Kind.ERASURE, Kind.USE_STOP)

    found = draft(session, draft_id)

    assert found is not None
    assert found.kinds == (Kind.USE_STOP, Kind.ERASURE)
    assert (found.scope, found.created_at, found.is_filed, found.is_dropped) == ("予約履歴", now, False, False)


def test_the_words_are_sealed(session: Session, new_draft: Make, vault: Vault) -> None:
    draft_id = new_draft(session, words="秘密の言葉")

    sealed = session.get_one(Draft, draft_id).sealed_words

    assert sealed is not None
    assert "秘密".encode() not in sealed
    assert vault.open(sealed, table="draft", row=draft_id, column="sealed_words") == "秘密の言葉"


def test_words_may_be_missing(session: Session, new_draft: Make) -> None:
    assert session.get_one(Draft, new_draft(session, words=None)).sealed_words is None


@pytest.mark.parametrize("kinds", [(), (Kind.STATUS,), (Kind.ERASURE, Kind.WITHDRAW)])
def test_a_draft_needs_kinds_that_are_filed(session: Session, new_draft: Make, kinds: tuple[Kind, ...]) -> None:
    with pytest.raises(NothingIsAskedForError):
        new_draft(session, kinds=kinds)


def test_open_drafts_are_those_of_the_conversation_that_can_be_filed(
    session: Session, new_draft: Make, vault: Vault, now: datetime
) -> None:
    old = new_draft(session, now=now - timedelta(days=31))
    filed, dropped, foreign = new_draft(session), new_draft(session), new_draft(session, conversation_id="d" * 32)
    first, second = new_draft(session, now=now - timedelta(days=29)), new_draft(session)
    file_draft(session, filed, now=now, vault=vault)
    drop_draft(session, dropped, now=now)

    found = [each.id for each in open_drafts(session, "c" * 32, now=now)]

    assert found == [second, first]
    assert not {old, filed, dropped, foreign} & set(found)


def test_dropping_forgets_the_words_and_may_be_repeated(session: Session, new_draft: Make, now: datetime) -> None:
    draft_id = new_draft(session)

    assert drop_draft(session, draft_id, now=now)
    assert drop_draft(session, draft_id, now=now + timedelta(days=1))

    row = session.get_one(Draft, draft_id)
    assert (row.dropped_at, row.sealed_words) == (now, None)


def test_a_filed_draft_cannot_be_dropped(session: Session, new_draft: Make, vault: Vault, now: datetime) -> None:
    draft_id = new_draft(session)
    file_draft(session, draft_id, now=now, vault=vault)

    assert not drop_draft(session, draft_id, now=now)


def test_unknown_drafts(session: Session, now: datetime) -> None:
    assert draft(session, "0" * 32) is None
    with pytest.raises(DraftIsUnknownError):
        drop_draft(session, "0" * 32, now=now)
