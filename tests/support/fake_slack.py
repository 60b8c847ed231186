"""Slack's Web API on loopback: checks what Slack would check, and records what a member would have got."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from aiohttp import web
from slack_sdk.signature import SignatureVerifier

from bot.channels import limits

SIGNING_SECRET = "slack_signing_secret"
BOT_TOKEN = "xoxb-test"
BOT_USER = "UBOT"


def signed(body: str, *, at: float | None = None, secret: str = SIGNING_SECRET) -> dict[str, str]:
    """The headers Slack sends a request with."""
    timestamp = str(int(time.time() if at is None else at))
    signature = SignatureVerifier(secret).generate_signature(timestamp=timestamp, body=body)
    kind = "application/json" if body.startswith("{") else "application/x-www-form-urlencoded"
    return {"X-Slack-Request-Timestamp": timestamp, "X-Slack-Signature": str(signature), "Content-Type": kind}


def event_callback(event: dict[str, Any], *, event_id: str) -> str:
    envelope = {
        "type": "event_callback",
        "team_id": "T1",
        "api_app_id": "A1",
        "event_id": event_id,
        "event_time": 1_795_426_200,
        "authorizations": [{"team_id": "T1", "user_id": BOT_USER, "is_bot": True}],
        "event": event,
    }
    return json.dumps(envelope, ensure_ascii=False)


def direct_message(text: str, **fields: object) -> dict[str, Any]:
    """A member's message to the app."""
    return {
        "type": "message",
        "channel": "D1",
        "channel_type": "im",
        "user": "U1",
        "text": text,
        "ts": "1795426200.000100",
        "event_ts": "1795426200.000100",
    } | fields


def block_action(value: str, *, action_id: str = "choice:0", trigger_id: str = "1.2.3") -> str:
    """A tap on a button, encoded as Slack does."""
    payload = {
        "type": "block_actions",
        "team": {"id": "T1"},
        "user": {"id": "U1", "team_id": "T1"},
        "channel": {"id": "D1"},
        "container": {"type": "message", "message_ts": "1795426201.000100", "channel_id": "D1"},
        "message": {"ts": "1795426201.000100"},
        "trigger_id": trigger_id,
        "actions": [
            {"type": "button", "action_id": action_id, "block_id": "b1", "value": value, "action_ts": "1795426202.5"}
        ],
    }
    return urlencode({"payload": json.dumps(payload)})


@dataclass
class FakeSlack:
    """Records accepted posts; `refusals` says why others were refused, `failures` how many calls fail first."""

    posts: list[dict[str, Any]] = field(default_factory=list)
    refusals: list[str] = field(default_factory=list)
    failures: int = 0

    def app(self) -> web.Application:
        app = web.Application()
        app.router.add_post("/api/chat.postMessage", self._post)
        return app

    async def _post(self, request: web.Request) -> web.Response:
        if request.headers.get("Authorization") != f"Bearer {BOT_TOKEN}":
            return self._refuse("invalid_auth")
        if self.failures:
            self.failures -= 1
            return self._refuse("internal_error")
        post = await request.json()
        fault = _fault(post)
        if fault:
            return self._refuse(fault)
        self.posts.append(post)
        return web.json_response({"ok": True, "channel": post["channel"], "ts": f"1795426300.{len(self.posts):06}"})

    def _refuse(self, reason: str) -> web.Response:
        self.refusals.append(reason)
        return web.json_response({"ok": False, "error": reason})


def _fault(post: dict[str, Any]) -> str:
    blocks = post.get("blocks", [])
    if not post.get("channel"):
        return "channel_not_found"
    if not post.get("text") or len(post["text"]) > limits.SLACK_FALLBACK_CHARACTERS:
        return "msg_too_long"
    if not 0 < len(blocks) <= limits.SLACK_BLOCKS or any(_is_invalid(block) for block in blocks):
        return "invalid_blocks"
    return ""


def _is_invalid(block: dict[str, Any]) -> bool:
    if block["type"] == "section":
        return not 0 < len(block["text"]["text"]) <= limits.SLACK_SECTION_CHARACTERS
    elements = block["elements"]
    return not 0 < len(elements) <= limits.SLACK_BUTTONS or any(
        len(element["text"]["text"]) > limits.SLACK_BUTTON_CHARACTERS
        or len(element["value"]) > limits.SLACK_BUTTON_VALUE
        or [element["action_id"] for element in elements].count(element["action_id"]) > 1
        for element in elements
    )
