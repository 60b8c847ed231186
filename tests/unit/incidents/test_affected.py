"""Who and what may be affected: by person, by channel, by key, and everything; counted, never opened."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from bot.errors import BadInputError
from bot.incidents.affected import Affected, affected
from bot.incidents.data import NOT_OF_MEMBERS, PLACES, Data, Owner
from bot.incidents.filters import read_filters, with_period_keys
from bot.incidents.gathering import Guard
from bot.incidents.law import Ground, all_are_sealed, hints
from bot.incidents.persons import People
from bot.register.contacts import read_words, reveal
from bot.register.kinds import Kind
from bot.staff.trail import About, StaffAction, note_of
from bot.storage.encryption import Vault
from bot.storage.keyring import Key
from bot.storage.sealed_columns import sealed_columns
from tests.support.incident_register import COMPANY, Register
from tests.support.talks import Told, store_talk

_DAY = timedelta(days=1)
_SATO = "staff:sato"


def found(session: Session, now: datetime, **named: list[str]) -> Affected:
    return affected(session, read_filters(COMPANY, now - _DAY, now + _DAY, **named))


def test_every_sealed_column_of_the_database_has_its_sort_of_data(engine: Engine) -> None:
    there = {(place.table, place.name) for place in sealed_columns(engine) if place.table not in NOT_OF_MEMBERS}

    assert there == {(table, column) for table, place in PLACES.items() for column in place.holds}


def test_a_person_s_looks_and_nobody_else_s_are_found_in_both_trails(
    session: Session, register: Register, vault: Vault, now: datetime
) -> None:
    (seen,), (worded,), (by_other,), (early,) = (register.file(email=f"{name}@example.test") for name in "abcd")
    talk = store_talk(session, Told("予約は"), vault=vault, now=now)
    reveal(session, seen.request_id, vault=vault, actor=_SATO, now=now)
    read_words(session, worded.request_id, vault=vault, actor=_SATO, now=now)
    reveal(session, by_other.request_id, vault=vault, actor="staff:aoki", now=now)
    reveal(session, early.request_id, vault=vault, actor=_SATO, now=now - 2 * _DAY)
    note_of(session, COMPANY, _SATO, StaffAction.TALK_REVEALED, About("talk", talk.id, ["words"]), now=now)
    note_of(session, COMPANY, _SATO, StaffAction.LIST_EXPORTED, About("requests", fields=["csv"]), now=now)
    note_of(session, COMPANY, "staff:aoki", StaffAction.LIST_EXPORTED, About("requests", fields=["csv"]), now=now)

    by_sato = found(session, now, actors=["sato"])

    items = {item.id: item for item in by_sato.items}
    assert set(items) == {seen.request_id, worded.request_id, talk.id}
    assert set(items[seen.request_id].found) == {Data.NAME, Data.EMAIL, Data.WORDS}
    assert set(items[worded.request_id].found) == {Data.WORDS}
    assert set(items[talk.id].found) == {Data.TALK}
    assert {item.guard for item in by_sato.items} == {Guard.CLEAR}
    assert [export.actor for export in by_sato.exports] == [_SATO]
    assert by_sato.persons == 3


def test_a_key_s_values_are_found_and_those_of_another_are_not(
    session: Session, register: Register, now: datetime
) -> None:
    other = Vault(b"o" * 32, b"h" * 32)
    (lost,), (kept,) = register.file(email="a@example.test"), register.file(email="b@example.test", vault=other)

    leaked = found(session, now, keys=[Key(b"e" * 32).name])

    assert [item.id for item in leaked.items] == [lost.request_id]
    assert {item.guard for item in leaked.items} == {Guard.KEY_LEAKED}
    assert Data.NAME in leaked.items[0].found
    assert [item.id for item in found(session, now, keys=[Key(b"o" * 32).name]).items] == [kept.request_id]
    assert found(session, now, keys=["0" * 16]).items == ()


def test_a_settings_key_brings_the_period_keys_that_it_opens(session: Session, now: datetime, tmp_path: Path) -> None:
    vault = Vault(b"e" * 32, b"h" * 32, period_keys_dir=tmp_path, clock=lambda: now)
    (filed,) = Register(session, vault, now).file()
    named = read_filters(COMPANY, now - _DAY, now + _DAY, keys=[Key(b"e" * 32).name])

    assert affected(session, named).items == ()
    (item,) = affected(session, with_period_keys(named, vault.period_keys)).items
    assert (item.id, item.guard) == (filed.request_id, Guard.KEY_LEAKED)
    assert with_period_keys(named, None) == named


def test_a_channel_s_talks_and_requests_of_the_time_are_found(
    session: Session, register: Register, vault: Vault, now: datetime
) -> None:
    in_time = store_talk(session, Told("予約は"), vault=vault, now=now, channel="line")
    store_talk(session, Told("予約は"), vault=vault, now=now, channel="slack")
    store_talk(session, Told("予約は"), vault=vault, now=now + 3 * _DAY, channel="line")
    store_talk(session, Told("試し"), vault=vault, now=now, channel="line", is_test=True)
    (filed,) = register.file(channel="line", email=None, conversation_id=in_time.id)
    register.file(channel="web")

    over_line = found(session, now, channels=["line"])

    of_talks = {item.id for item in over_line.items if item.sort is Owner.TALK}
    of_requests = {item.id for item in over_line.items if item.sort is Owner.REQUEST}
    of_members = {item.id for item in over_line.items if item.sort is Owner.MEMBER}
    assert (of_talks, of_requests, of_members) == ({in_time.id}, {filed.request_id}, {in_time.member_id})
    assert {item.guard for item in over_line.items} == {Guard.CLEAR}


def test_everything_is_sealed_and_one_person_counts_once_however_they_came(
    session: Session, register: Register, vault: Vault, now: datetime
) -> None:
    talk = store_talk(session, Told("開示してください"), vault=vault, now=now)
    register.file(Kind.DISCLOSURE, Kind.CORRECTION, conversation_id=talk.id)
    register.file(Kind.ERASURE)
    register.file(email="taro@example.test", subject="江洞太郎")
    register.file(email="test@example.test", is_test=True)

    everything = found(session, now)

    assert all_are_sealed(everything)
    assert everything.counts()["sorts"] == {"member": 1, "request": 4, "talk": 1}
    # Hanako by three requests and a conversation; who asks for Taro, and Taro.
    assert everything.persons == 3
    assert everything.counts()["data"][Data.SUBJECT] == 1


def test_what_was_kept_only_later_is_not_there(session: Session, register: Register, now: datetime) -> None:
    register.file()

    assert affected(session, read_filters(COMPANY, now - 2 * _DAY, now - _DAY)).items == ()
    assert affected(session, read_filters("other", now - _DAY, now + _DAY)).items == ()


def test_filters_together_find_what_any_of_them_finds_at_its_weakest(
    session: Session, register: Register, vault: Vault, now: datetime
) -> None:
    (filed,) = register.file()
    read_words(session, filed.request_id, vault=vault, actor=_SATO, now=now)

    (item,) = found(session, now, actors=[_SATO], keys=[Key(b"e" * 32).name]).items

    assert item.found[Data.WORDS] is Guard.CLEAR
    assert item.found[Data.NAME] is Guard.KEY_LEAKED
    assert item.guard is Guard.CLEAR


def test_health_accounts_and_free_text_are_told_apart(session: Session, register: Register, now: datetime) -> None:
    register.file(email="a@example.test", scope="健康情報、予約履歴")
    register.file(email="b@example.test", scope="口座情報")
    register.file(email="c@example.test", scope=None, words=None)

    everything = found(session, now)
    says = {hint.ground: hint.says for hint in hints(everything)}

    assert [everything.counts()[name] for name in ("health", "accounts", "free_text")] == [1, 1, 2]
    assert "健康情報を対象とする請求 1件" in says[Ground.SENSITIVE]
    assert "口座情報を対象とする請求 1件" in says[Ground.PROPERTY]
    assert "1,000人を超えていません" in says[Ground.MANY]
    assert set(says) == set(Ground)


@pytest.mark.parametrize("key", ["", "xyz", "0" * 15, "G" * 16, "A" * 16])
def test_what_is_no_id_of_a_key_is_refused(now: datetime, key: str) -> None:
    with pytest.raises(BadInputError, match="no id of a key"):
        read_filters(COMPANY, now, now + _DAY, keys=[key])


def test_a_time_without_length_is_refused(now: datetime) -> None:
    with pytest.raises(BadInputError, match="ends before"):
        read_filters(COMPANY, now, now)


@given(st.lists(st.sets(st.integers(0, 30), min_size=1, max_size=4), max_size=40))
def test_people_are_the_groups_that_share_a_name(groups: list[set[int]]) -> None:
    people = People()
    apart: list[set[int]] = []
    for group in groups:
        people.add(map(str, group))
        touching = [one for one in apart if one & group]
        apart = [one for one in apart if not one & group] + [group.union(*touching)]

    assert len(people) == len(apart)
