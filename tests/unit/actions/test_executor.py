from __future__ import annotations

import threading
from typing import Any

import pytest
from rasa_sdk.interfaces import ActionNotFoundException
from structlog.testing import capture_logs

from actions import executor, texts
from actions.executor import SafeExecutor
from actions.services import Services
from tests.support.scripted_assistant import ScriptedAssistant
from tests.support.talk import Talk

SECRET = "わたしの秘密の文"


def test_an_exception_becomes_a_polite_message_with_a_reference(talk: Talk, assistant: ScriptedAssistant) -> None:
    assistant.error = ValueError(SECRET)
    with capture_logs() as logs:
        (message,) = talk.say(SECRET)
    assert message.kind == "error"
    assert message.parts[0].text == texts.FAILED
    reference = message.parts[-1].text
    (line,) = logs
    assert (line["event"], line["action"], line["reference"]) == ("action_failed", "action_answer", reference)
    assert line["error"] == "ValueError"
    assert line["frames"][-1].endswith(" answer")
    assert SECRET not in str(logs)


def test_the_reference_of_a_turn_is_the_one_that_the_gateway_tells(talk: Talk, assistant: ScriptedAssistant) -> None:
    assistant.error = ValueError(SECRET)
    talk.metadata = {"turn": "7f3a9c21" + "0" * 24}
    with capture_logs() as logs:
        (message,) = talk.say(SECRET)
    assert message.parts[-1].text == "7f3a9c21"
    assert [line["reference"] for line in logs] == ["7f3a9c21"]


def test_a_failure_changes_no_slot(talk: Talk, assistant: ScriptedAssistant) -> None:
    talk.say("私の情報を開示してください", "open_request")
    before = talk.slots["request"]
    assistant.error = RuntimeError()
    talk.say("返事はいつごろ来ますか")
    assert talk.slots["request"] == before


def test_what_takes_too_long_ends_with_an_honest_message(
    services: Services, assistant: ScriptedAssistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    released = threading.Event()
    services.clock = lambda: released.wait(30) and None  # type: ignore[assignment,return-value]
    tell = executor._failure

    # The thread that is late goes on until the member is told: the loop waits for it at its end.
    def told(*facts: Any) -> Any:  # noqa: ANN401 - as it takes and gives them
        released.set()
        return tell(*facts)

    monkeypatch.setattr(executor, "_failure", told)
    (message,) = Talk(services, deadline=0.05).say("返事はいつごろ来ますか")
    assert released.is_set()
    assert message.kind == "error"
    assert message.parts[0].text == texts.TOO_LATE
    assert assistant.asked == []


async def test_an_unknown_action_is_a_fault_of_the_domain() -> None:
    with pytest.raises(ActionNotFoundException):
        await SafeExecutor(1.0).run({"next_action": "action_nobody_wrote", "tracker": {}})
