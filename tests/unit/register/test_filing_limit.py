"""How many drafts one conversation may file in a day, counted where they are filed, on both databases."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from bot.clock import in_tokyo
from bot.notation import read_rates
from bot.register.drafts import draft as find_draft
from bot.register.errors import TooMuchWasFiledError
from bot.register.filing import file_draft
from bot.register.kinds import Kind
from bot.register.models import Request
from bot.storage.encryption import Vault
from bot.storage.engine import transaction

Make = Callable[..., Any]
TWO = read_rates("2/day")


@pytest.fixture
def press(engine: Engine, vault: Vault, now: datetime) -> Callable[..., int]:
    """Files a draft in a transaction of its own; gives the number of receipts."""

    def file(draft_id: str, at: datetime = now) -> int:
        with transaction(engine) as session:
            return len(file_draft(session, draft_id, now=at, vault=vault, rates=TWO))

    return file


@pytest.fixture
def drafts(engine: Engine, new_draft: Make) -> list[str]:
    with transaction(engine) as session:
        return [new_draft(session, Kind.DISCLOSURE, Kind.ERASURE) for _ in range(4)]


def count_requests(session: Session) -> int:
    return session.scalar(select(func.count()).select_from(Request)) or 0


def test_beyond_the_day_nothing_is_filed_and_the_draft_stays(
    engine: Engine, press: Callable[..., int], drafts: list[str], now: datetime
) -> None:
    assert [press(draft) for draft in drafts[:2]] == [2, 2]

    with pytest.raises(TooMuchWasFiledError) as refusal:
        press(drafts[2])

    assert in_tokyo(refusal.value.until).date() == in_tokyo(now).date() + timedelta(days=1)
    with transaction(engine) as session:
        assert count_requests(session) == 4
        kept = find_draft(session, drafts[2])
        assert kept is not None
        assert not kept.is_filed
    assert press(drafts[2], refusal.value.until) == 2


def test_the_same_press_again_is_no_other_filing(press: Callable[..., int], drafts: list[str]) -> None:
    for _ in range(5):
        assert press(drafts[0]) == 2
    assert press(drafts[1]) == 2


def test_other_conversations_and_what_staff_enter_have_their_own_measure(
    engine: Engine, press: Callable[..., int], drafts: list[str], new_draft: Make
) -> None:
    for draft in drafts[:2]:
        press(draft)
    with transaction(engine) as session:
        others = [new_draft(session, conversation_id="d" * 32)]
        entered = [new_draft(session, conversation_id=None) for _ in range(5)]

    assert [press(draft) for draft in others + entered] == [1] * 6


def test_a_filing_that_fails_is_not_counted(
    engine: Engine, press: Callable[..., int], drafts: list[str], vault: Vault, now: datetime
) -> None:
    def file_and_fail() -> None:
        with transaction(engine) as session:
            file_draft(session, drafts[0], now=now, vault=vault, rates=TWO)
            raise ZeroDivisionError

    for _ in range(3):
        with pytest.raises(ZeroDivisionError):
            file_and_fail()
    assert [press(draft) for draft in drafts[:2]] == [2, 2]


def test_of_many_presses_at_once_as_many_are_filed_as_may(
    engine: Engine, press: Callable[..., int], drafts: list[str]
) -> None:
    together = threading.Barrier(len(drafts))
    refused: list[str] = []

    def file(draft: str) -> None:
        together.wait()
        try:
            press(draft)
        except TooMuchWasFiledError:
            refused.append(draft)

    threads = [threading.Thread(target=file, args=(draft,)) for draft in drafts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(refused) == 2
    with transaction(engine) as session:
        assert count_requests(session) == 4
