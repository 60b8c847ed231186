"""The number that a member reads with an error is in the log, with where it failed and without their words."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

import pytest
import structlog

from bot import logs
from bot.channels import dispatcher
from bot.channels.website import api, chat_page
from bot.errors import UnavailableError
from tests.support.fake_rasa import raw
from tests.support.web_member import Desk

WORDS = "秘密の質問"


@pytest.fixture(autouse=True)
def production_logs() -> Iterator[None]:
    """As a process of production sets them up, at the level of one that only tells of trouble."""
    yield
    structlog.reset_defaults()


def line_of(said: str, reference: str) -> dict[str, object]:
    """The one line of the log that an operator finds by the number."""
    (found,) = [line for line in said.splitlines() if f'"reference": "{reference}"' in line]
    line: dict[str, object] = json.loads(found)
    return line


@pytest.mark.parametrize(
    ("error", "status", "event"),
    [(RuntimeError(WORDS), 500, "request_failed"), (UnavailableError(WORDS), 503, "request_refused")],
)
async def test_what_failed_is_found_by_the_number(
    desk: Desk,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    error: Exception,
    status: int,
    event: str,
) -> None:
    async def fails(*_given: object, **_more: object) -> None:
        raise error

    member = await desk.member()
    monkeypatch.setattr(api, "receive", fails)
    logs.configure("WARNING")

    response = await member.post(text=WORDS)
    told = await response.json()

    said = capsys.readouterr().out
    assert response.status == status
    assert line_of(said, told["reference"])["event"] == event
    assert WORDS not in said


async def test_a_refusal_is_found_by_the_number(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure("WARNING")

    response = await desk.client.get("/api/messages")
    told = await response.json()

    line = line_of(capsys.readouterr().out, told["reference"])
    assert (line["status"], line["error"]) == (401, "SenderIsUnknownError")
    assert re.fullmatch(r"[0-9a-f]{8}", told["reference"])


async def test_a_turn_that_failed_keeps_its_number_until_it_is_given_up(
    desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    member = await desk.member()
    desk.rasa.otherwise = raw([])
    logs.configure("INFO")

    [apology] = await member.send(text=WORDS)
    desk.clock.pass_time(minutes=11)
    await dispatcher.answer_overdue(desk.gateway)

    number = quoted(apology["text"])
    assert [quoted(line["text"]) for line in await member.history() if line["kind"] == "error"] == [number, number]
    told = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [line["reference"] for line in told if line["event"] == "turn_failed"] == [number, number]
    # What Rasa passes on to the actions, so that their lines have it, too.
    assert {body["metadata"]["turn"][:8] for body in desk.rasa.heard} == {number}


async def test_a_request_that_fails_after_its_turn_is_stored_has_the_number_of_the_turn(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fails(*_given: object, **_more: object) -> None:
        raise RuntimeError(WORDS)

    member = await desk.member()
    monkeypatch.setattr(api, "_answered", fails)

    told = await (await member.post(text=WORDS)).json()
    await dispatcher.answer_overdue(desk.gateway)
    desk.clock.pass_time(minutes=1)
    await dispatcher.answer_overdue(desk.gateway)

    assert [body["metadata"]["turn"][:8] for body in desk.rasa.heard] == [told["reference"]]


async def test_a_page_that_fails_shows_the_number(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fails(*_given: object, **_more: object) -> None:
        raise RuntimeError(WORDS)

    monkeypatch.setattr(chat_page, "page", fails)
    logs.configure("WARNING")

    response = await desk.client.get("/", headers={"Accept": "text/html"})

    shown, said = await response.text(), capsys.readouterr().out
    number = quoted(shown)
    assert response.status == 500
    assert "support@mitsuraku.jp" in shown
    assert line_of(said, number)["event"] == "request_failed"
    assert WORDS not in shown + said


def quoted(text: str) -> str:
    """The number that stands in what a member reads."""
    (number,) = re.findall(r"照会番号[^：]*：([0-9a-f]{8})\b", text)
    return str(number)
