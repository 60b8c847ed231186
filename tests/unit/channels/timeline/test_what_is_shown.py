"""What the page says: where the request stands, what is waited for, and nothing that is not for the member."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from bot.channels.timeline.texts import OUTCOMES, STAGES, WAITING
from bot.register.decisions.deciding import Proposal, propose
from bot.register.decisions.grounds import Regime
from bot.register.decisions.models import Outcome
from bot.register.kinds import Kind
from bot.register.life import TERMINAL
from bot.register.models import State
from bot.register.thread.messages import write_note, write_to_member
from bot.register.timeline import STAGE_OF, Stage
from bot.storage.engine import transaction
from tests.support.timeline_cases import EXPLANATION, SATO
from tests.support.timeline_visitor import FETCH, Visitor, visiting

_UNDECIDED = {
    State.IDENTITY_PENDING,
    State.IDENTITY_EXPIRED,
    State.VERIFIED,
    State.SCOPE_PENDING,
    State.IN_REVIEW,
}


def test_every_state_and_outcome_has_its_words() -> None:
    assert set(WAITING) == set(State) == set(STAGE_OF)
    assert set(OUTCOMES) == set(Outcome)
    assert set(STAGES) == set(Stage)
    for waiting in WAITING.values():
        assert waiting.sentence.endswith("。")


@pytest.mark.parametrize("state", [state for state in State if state is not State.RECEIVED])
async def test_every_state_says_what_is_waited_for(visitor: Visitor, state: State) -> None:
    (receipt,) = visitor.desk.filed_with_details()
    visitor.desk.bring(receipt.request_id, state)
    await visitor.enter(receipt.number)

    text = await visitor.page()

    assert (FETCH if state is State.NOTIFIED else WAITING[state].sentence) in text
    assert text.count('aria-current="step"') == (0 if state in TERMINAL else 1)
    assert ("取下げに進む" in text) == (state in _UNDECIDED)
    assert (EXPLANATION in text) == (state in {State.DECIDED, State.NOTIFIED, State.CLOSED})


@pytest.mark.parametrize(
    ("told_due", "words"),
    [
        ("quote", "2週間以内にご本人様ご希望の方法により回答します。"),
        ("arrival", "2026年12月8日（火）までに回答します。"),
    ],
)
async def test_the_time_to_answer_is_told_as_the_owner_chose(
    sqlite_template: Path, tmp_path: Path, told_due: str, words: str
) -> None:
    shutil.copy(sqlite_template, tmp_path / "madoguchi.db")
    async with visiting(f"sqlite:///{tmp_path / 'madoguchi.db'}", told_due=told_due) as visitor:
        (receipt,) = visitor.desk.filed_with_details()
        await visitor.enter(receipt.number)
        assert words in await visitor.page()


async def test_a_proposal_is_not_shown_before_a_second_person_agreed(visitor: Visitor) -> None:
    (receipt,) = visitor.desk.filed_with_details()
    visitor.desk.bring(receipt.request_id, State.IN_REVIEW)
    with transaction(visitor.desk.gateway.engine) as session:
        propose(
            session,
            receipt.request_id,
            Proposal(Outcome.GRANTED, explanation="まだ秘密です"),
            actor=SATO,
            now=visitor.clock.now,
            vault=visitor.desk.vault,
            regime=Regime.APPI,
        )
    await visitor.enter(receipt.number)

    assert "まだ秘密です" not in await visitor.page()


async def test_an_inquiry_has_no_station_of_identity(visitor: Visitor) -> None:
    (receipt,) = visitor.desk.filed_with_details(Kind.INQUIRY)
    await visitor.enter(receipt.number)

    text = await visitor.page()

    assert "本人確認" not in text
    assert "担当者が内容を確認しています。" in text
    assert text.count('aria-current="step"') == 1


async def test_messages_of_staff_are_shown_and_notes_are_not(visitor: Visitor) -> None:
    (receipt,) = visitor.desk.filed_with_details()
    with transaction(visitor.desk.gateway.engine) as session:
        facts: dict[str, Any] = {"actor": SATO, "now": visitor.clock.now, "vault": visitor.desk.vault}
        write_to_member(session, receipt.request_id, "書類が届きました。", **facts)
        write_note(session, receipt.request_id, "電話は夕方がよい", **facts)
    await visitor.enter(receipt.number)

    page = await visitor.page()

    assert "書類が届きました。" in page
    assert "電話は夕方がよい" not in page
    assert "sato" not in page


async def test_the_receipt_is_a_file(visitor: Visitor) -> None:
    (receipt,) = visitor.desk.filed_with_details()
    await visitor.enter(receipt.number)

    response = await visitor.get("/request/case/receipt")

    assert (response.status, (await response.read())[:5]) == (200, b"%PDF-")
    assert response.headers["Content-Disposition"].startswith("attachment")
