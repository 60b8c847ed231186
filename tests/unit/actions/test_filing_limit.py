from __future__ import annotations

from collections.abc import Iterator
from typing import Any, cast

import pytest

from actions import texts
from actions.services import Services
from bot.message import Message
from bot.policy.assistant import Assistant
from bot.register.requests import of_conversation
from bot.settings import Settings
from bot.storage.engine import transaction
from tests.support.scripted_assistant import ScriptedAssistant
from tests.support.talk import Talk


@pytest.fixture
def services(settings: Settings, clock: Any, assistant: ScriptedAssistant) -> Iterator[Services]:  # noqa: ANN401 - a clock that can be set
    limited = settings.model_copy(update={"rate_conversation_filings": "1/day"})
    made = Services(limited, clock=clock, open_assistant=lambda *_: cast(Assistant, assistant))
    yield made
    made.engine.dispose()


def file(talk: Talk, wish: str) -> list[Message]:
    talk.say(wish, "open_request")
    talk.press_first()
    return talk.press_first()


def filed_count(talk: Talk, services: Services) -> int:
    with transaction(services.engine) as session:
        return len(of_conversation(session, talk.conversation_id))


def test_who_has_filed_as_much_as_may_is_told_until_when_and_can_file_it_then(
    talk: Talk,
    services: Services,
    clock: Any,  # noqa: ANN401 - as above
) -> None:
    (receipt,) = file(talk, "私の情報を開示してください")
    assert receipt.kind == "receipt"

    notice, summary = file(talk, "予約履歴を全部消してほしいです")

    assert notice.kind == "notice"
    assert texts.TOO_MUCH_FILED in notice.text
    assert "2026年11月24日 00時00分" in notice.text
    assert texts.FILING_AT_THE_DESK in notice.text
    assert "support@mitsuraku.jp" in notice.text
    assert [choice.title for choice in summary.choices] == [texts.CHOICE_FILE, texts.CHOICE_LEAVE]
    assert texts.NOT_YET_FILED in summary.text
    assert filed_count(talk, services) == 1

    clock.pass_time(days=1)
    (second,) = talk.press_first()
    assert second.kind == "receipt"
    assert filed_count(talk, services) == 2
