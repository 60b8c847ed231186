"""A step on what was seen: refused once something has happened since, and not because somebody looked."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy.orm import Session

from bot.register.casework import assign, set_urgent
from bot.register.contacts import read_words, reveal
from bot.register.errors import RequestIsUnknownError
from bot.register.kinds import Kind
from bot.register.meanwhile import (
    SomethingHappenedMeanwhileError,
    last_position,
    lock_as_seen,
    lock_together,
)
from bot.storage.encryption import Vault
from tests.support.cases import SUZUKI, TANAKA

Make = Callable[..., Any]


def test_nothing_has_happened_since(session: Session, filed: Make, now: datetime) -> None:
    (one,) = filed(session)
    assign(session, one.request_id, SUZUKI, actor=TANAKA, now=now)
    seen = last_position(session, one.request_id)

    assert seen == 2
    assert lock_as_seen(session, one.request_id, seen).id == one.request_id


def test_what_has_happened_since_is_told_in_order(session: Session, filed: Make, now: datetime, vault: Vault) -> None:
    (one,) = filed(session)
    seen = last_position(session, one.request_id)
    assign(session, one.request_id, SUZUKI, actor=TANAKA, now=now)
    read_words(session, one.request_id, vault=vault, actor=TANAKA, now=now)
    set_urgent(session, one.request_id, urgent=True, actor=SUZUKI, now=now)

    with pytest.raises(SomethingHappenedMeanwhileError, match=one.number) as caught:
        lock_as_seen(session, one.request_id, seen)
    told = [(event.actor, event.action) for event in caught.value.events]
    assert told == [(TANAKA, "request:assigned"), (SUZUKI, "request:prioritised")]


def test_a_look_is_in_nobodys_way(session: Session, filed: Make, now: datetime, vault: Vault) -> None:
    (one,) = filed(session)
    seen = last_position(session, one.request_id)
    reveal(session, one.request_id, vault=vault, actor=TANAKA, now=now)

    assert last_position(session, one.request_id) == seen + 1
    assert lock_as_seen(session, one.request_id, seen).id == one.request_id


def test_several_are_locked_together_and_all_have_to_be_there(session: Session, filed: Make) -> None:
    one, two = filed(session, Kind.DISCLOSURE, Kind.ERASURE)
    (three,) = filed(session)
    ids = {each.request_id for each in (one, two, three)}

    assert set(lock_together(session, list(ids))) == ids
    assert lock_as_seen(session, one.request_id, 1, [three.request_id]).id == one.request_id
    for missing in ([one.request_id, "0" * 32], ["0" * 32]):
        with pytest.raises(RequestIsUnknownError):
            lock_together(session, missing)
    assert last_position(session, "0" * 32) == 0


def test_words_are_read_without_who_asks(session: Session, filed: Make, now: datetime, vault: Vault) -> None:
    (one,) = filed(session, words="予約履歴を見せてください")
    (silent,) = filed(session, words=None)

    read = read_words(session, one.request_id, vault=vault, actor=SUZUKI, now=now)
    assert (read.words, read.particulars) == ("予約履歴を見せてください", None)
    assert "予約履歴" not in repr(read)
    assert last_position(session, one.request_id) == 2
    # Where there is nothing to read, nobody has read anything.
    assert read_words(session, silent.request_id, vault=vault, actor=SUZUKI, now=now).words is None
    assert last_position(session, silent.request_id) == 1
