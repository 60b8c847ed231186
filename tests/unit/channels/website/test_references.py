"""The number that a member reads with an error is in the log, with where it failed and without their words."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

import pytest
import structlog

from bot import logs
from bot.channels.website import api
from bot.errors import UnavailableError
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
