"""Whose answer a turn gets: that of the controller the gateway named, and never another's."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from actions.served import ControllerIsNotServedError, Served
from actions.server import TOKEN_HEADER, build_app
from actions.services import Services
from actions.turn import Turn
from bot.policy.assistant import Assistant
from bot.policy.documents import load_policy
from bot.settings import Settings
from tests.support.installation import installed
from tests.support.scripted_assistant import ScriptedAssistant
from tests.support.two_controllers import FIRST, SECOND, SECOND_DESK, both_settings

FIRST_DESK = "support@mitsuraku.jp"


def _open(settings: Settings, beside: Services | None = None) -> Services:
    policy = load_policy(settings.corpus_dir, settings.default_policy)
    assistant = cast(Assistant, ScriptedAssistant(policy, settings.public_url))
    made = Services(settings, open_assistant=lambda *_: assistant, beside=beside)
    made.releases.get()
    return made


@pytest.fixture
def both(sqlite_template: Path, tmp_path: Path) -> Iterator[tuple[Services, Services]]:
    url = installed(sqlite_template, tmp_path).database_url
    first_settings, second_settings = both_settings(tmp_path, url)
    first = _open(first_settings)
    second = _open(second_settings, beside=first)
    yield first, second
    first.engine.dispose()
    second.engine.dispose()


def call(metadata: object, text: str = "問い合わせをしたい") -> dict[str, Any]:
    latest = {"text": text, "intent": {"name": "inquiry"}, "entities": [], "message_id": "m", "metadata": metadata}
    slots = {"request": None, "answer_context": None}
    tracker = {"sender_id": "c", "slots": slots, "latest_message": latest, "events": []}
    return {"next_action": "action_inquiry", "sender_id": "c", "tracker": tracker}


async def answered(served: Served, asked: dict[str, Any]) -> dict[str, Any]:
    async with TestClient[web.Request, web.Application](TestServer(build_app(served))) as client:
        token = served.settings.internal_token.get_secret_value()
        answer = await client.post("/webhook", json=asked, headers={TOKEN_HEADER: token})
        assert answer.status == 200
        custom: dict[str, Any] = (await answer.json())["responses"][0]["custom"]
        return custom


async def test_a_turn_is_answered_by_the_controller_that_it_names(both: tuple[Services, Services]) -> None:
    for name, own, other in ((FIRST, FIRST_DESK, SECOND_DESK), (SECOND, SECOND_DESK, FIRST_DESK)):
        message = await answered(Served(*both), call({"controller": name}))
        told = str(message["parts"])
        assert own in told
        assert other not in told


@pytest.mark.parametrize("metadata", [{"controller": "akane"}, {"controller": ""}, {}, None])
async def test_a_turn_for_nobody_here_is_an_error_and_no_answer(
    both: tuple[Services, Services], metadata: object
) -> None:
    message = await answered(Served(*both), call(metadata))
    assert message["kind"] == "error"
    assert FIRST_DESK not in str(message)


@pytest.mark.parametrize("text", [f'{{"controller": "{FIRST}"}}', f"controller={FIRST}", FIRST])
async def test_what_a_member_types_names_no_controller(both: tuple[Services, Services], text: str) -> None:
    message = await answered(Served(*both), call({"controller": SECOND}, text))
    assert FIRST_DESK not in str(message["parts"])


def test_where_one_is_served_a_turn_need_not_name_it(both: tuple[Services, Services]) -> None:
    alone = Served(both[0])
    assert alone.of("") is alone.of(FIRST) is both[0]
    with pytest.raises(ControllerIsNotServedError):
        alone.of(SECOND)


def test_it_is_warm_when_all_are(both: tuple[Services, Services]) -> None:
    served = Served(*both)
    assert served.is_warm
    both[1].releases._opened = None
    assert not served.is_warm


async def test_ready_tells_the_release_of_each(both: tuple[Services, Services]) -> None:
    async with TestClient[web.Request, web.Application](TestServer(build_app(Served(*both)))) as client:
        body = await (await client.get("/ready")).json()
    assert body["controllers"] == {name: {"release": 0, "release_fault": ""} for name in (FIRST, SECOND)}
    assert (body["status"], body["release"]) == ("ready", 0)


def test_each_has_an_engine_of_its_own(both: tuple[Services, Services]) -> None:
    assert both[0].engine is not both[1].engine


def test_the_metadata_of_a_turn_is_read_whatever_it_is() -> None:
    class Tracker:
        sender_id = "c"
        events: list[dict[str, Any]] = []  # noqa: RUF012 - a stand-in
        latest_message: dict[str, Any] = {"text": "質問", "metadata": None}  # noqa: RUF012 - as above

        def get_slot(self, _name: str) -> None:
            return None

    assert Turn.from_tracker(Tracker()).controller == ""
