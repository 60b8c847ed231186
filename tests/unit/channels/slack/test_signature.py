"""Nothing is read, stored or logged that Slack did not sign within five minutes."""

from __future__ import annotations

import asyncio
import logging
import os
import random
import time
from collections.abc import Callable
from typing import Any

import pytest
from aiohttp import StreamReader, web
from aiohttp.base_protocol import BaseProtocol
from aiohttp.test_utils import make_mocked_request
from slack_sdk.signature import Clock, SignatureVerifier

from bot.channels.slack.webhook import SlackWebhook
from tests.support.fake_slack import block_action, direct_message, event_callback, signed
from tests.support.slack_member import SlackMember

FLIPS = int(os.environ.get("MADOGUCHI_PROOF_FLIPS", "400"))

SECRET = "ひみつの相談"


class DocumentedMoment(Clock):
    def now(self) -> float:
        return 1531420618.0


def test_slacks_documented_example() -> None:
    """https://docs.slack.dev/authentication/verifying-requests-from-slack/"""
    body = (
        "token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V"
        "&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text="
        "&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN"
        "&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c"
    )
    signature = "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503"
    verifier = SignatureVerifier("8f742231b10e8888abcd99yyyzzz85a5", DocumentedMoment())
    assert verifier.is_valid(body, "1531420618", signature)
    assert not verifier.is_valid(body + "&", "1531420618", signature)


@pytest.fixture
def everything_logged(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    for name in ["", *logging.root.manager.loggerDict]:
        caplog.set_level(logging.DEBUG, logger=name)
    return caplog


@pytest.mark.parametrize(
    "change",
    [
        {"X-Slack-Signature": "v0=00"},
        {"X-Slack-Signature": ""},
        {"X-Slack-Signature": "署名"},
        {"X-Slack-Request-Timestamp": "soon"},
        {"X-Slack-Request-Timestamp": ""},
        {"X-Slack-Request-Timestamp": "+1795426200"},
    ],
)
async def test_an_unsigned_body_is_refused(
    slack: SlackMember,
    change: dict[str, str],
    capsys: pytest.CaptureFixture[str],
    everything_logged: pytest.LogCaptureFixture,
) -> None:
    body = event_callback(direct_message(SECRET), event_id="Ev1")
    assert await slack.post(body, signed(body) | change) == 401
    assert slack.channels.inbox() == []
    assert SECRET not in everything_logged.text + "".join(capsys.readouterr())


async def test_an_old_signature_is_refused(slack: SlackMember) -> None:
    body = event_callback(direct_message("質問です"), event_id="Ev1")
    assert await slack.post(body, signed(body, at=time.time() - 400)) == 401
    assert await slack.post(body, signed(body, at=time.time() + 400)) == 401


async def test_a_signature_of_another_app_is_refused(slack: SlackMember) -> None:
    body = event_callback(direct_message("質問です"), event_id="Ev1")
    assert await slack.post(body, signed(body, secret="another")) == 401


@pytest.mark.parametrize("body", ["{", "[]", '"x"', "payload=%7B"])
async def test_a_signed_body_that_is_none_is_refused(slack: SlackMember, body: str) -> None:
    headers = signed(body) | {
        "Content-Type": "application/json" if body != "payload=%7B" else "application/x-www-form-urlencoded"
    }
    assert await slack.post(body, headers) == 400


async def test_one_flipped_bit_is_refused_and_nothing_of_it_logged(
    slack: SlackMember, capsys: pytest.CaptureFixture[str], everything_logged: pytest.LogCaptureFixture
) -> None:
    webhook = SlackWebhook(slack.channels.gateway)
    chance = random.Random(5)  # noqa: S311 - which bits is all that is drawn
    bodies = [event_callback(direct_message(SECRET), event_id="Ev1"), block_action(SECRET)]
    statuses = set()
    for _ in range(FLIPS):
        body = chance.choice(bodies)
        headers = signed(body) | {"Content-Length": str(len(body.encode()))}
        what = chance.choice(["body", "X-Slack-Signature", "X-Slack-Request-Timestamp"])
        sent = body.encode()
        if what == "body":
            sent = _flipped(sent, chance)
        else:
            # Beyond ASCII it is refused whatever it stands for.
            headers[what] = _flipped(headers[what].encode(), chance).decode("latin-1")
        statuses.add(await _status(webhook.handle, headers, sent))
    assert statuses == {401}
    assert slack.channels.inbox() == []
    logged = everything_logged.text + "".join(capsys.readouterr())
    assert not any(word in logged for word in (SECRET[:3], SECRET[3:], "Ev1", "U1", "D1"))


def _flipped(value: bytes, chance: random.Random) -> bytes:
    place, bit = chance.randrange(len(value)), chance.randrange(8)
    return value[:place] + bytes([value[place] ^ 1 << bit]) + value[place + 1 :]


async def _status(handle: Callable[[web.Request], Any], headers: dict[str, str], body: bytes) -> int:
    loop = asyncio.get_running_loop()
    content = StreamReader(BaseProtocol(loop), 2**16, loop=loop)
    content.feed_data(body)
    content.feed_eof()
    try:
        answer: web.StreamResponse = await handle(
            make_mocked_request("POST", "/slack/events", headers=headers, payload=content)
        )
    except web.HTTPException as refused:
        return refused.status
    return answer.status
