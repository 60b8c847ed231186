"""Staff read Japanese: every word of the register has one."""

from __future__ import annotations

from enum import StrEnum

import pytest

from bot.console.requests import words
from bot.register.alerts.models import AlertSort
from bot.register.audit import Action
from bot.register.decisions.models import Delivery, LinkSort, Outcome
from bot.register.entry import EntryChannel
from bot.register.identity.models import ProofSort
from bot.register.kinds import FILED_KINDS, Kind
from bot.register.models import ReplyBy, Role, State
from bot.register.queue import Group, Identity
from bot.register.thread.models import Direction, FilePurpose

TABLES: tuple[tuple[dict[StrEnum, str], type[StrEnum]], ...] = (
    (words.STATES, State),
    (words.GROUPS, Group),
    (words.IDENTITIES, Identity),
    (words.ROLES, Role),
    (words.REPLIES, ReplyBy),
    (words.PROOFS, ProofSort),
    (words.OUTCOMES, Outcome),
    (words.DELIVERIES, Delivery),
    (words.LINKS, LinkSort),
    (words.DIRECTIONS, Direction),
    (words.PURPOSES, FilePurpose),
    (words.ALERTS, AlertSort),
    (words.ACTIONS, Action),
)  # type: ignore[assignment]  # a table of one sort is a table of words


@pytest.mark.parametrize(("table", "sort"), TABLES, ids=lambda each: getattr(each, "__name__", ""))
def test_every_word_of_the_register_has_a_japanese_one(table: dict[StrEnum, str], sort: type[StrEnum]) -> None:
    assert set(table) == set(sort)
    assert len(set(table.values())) == len(table)


def test_every_kind_and_channel_has_a_japanese_name() -> None:
    assert set(words.KINDS) == set(FILED_KINDS)
    assert {*EntryChannel, "web", "line", "slack"} <= set(words.CHANNELS)


def test_people_are_called_by_their_names() -> None:
    names = {"staff:aya": "青木彩"}
    assert words.person("staff:aya", names) == "青木彩"
    assert words.person("staff:gone", names) == "gone"
    assert words.person("member", names) == "会員"
    assert words.person("system", names) == "自動"
    assert words.person(None, names) == "―"


def test_what_an_event_wrote_is_told_without_the_state() -> None:
    assert words.fields_told(["氏名", "verified_at", "state"]) == "氏名、本人確認の日時"
    assert words.fields_told(["state"]) == ""


def test_nobody_waits_for_the_identity_of_who_complains() -> None:
    assert words.state_of(Kind.COMPLAINT, State.IDENTITY_PENDING) == "受付"
    assert words.state_of(Kind.COMPLAINT, State.IN_REVIEW) == "調査中"
    assert words.state_of(Kind.DISCLOSURE, State.IDENTITY_PENDING) == "本人確認待ち"
