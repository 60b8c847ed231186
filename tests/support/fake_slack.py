"""Slack's Web API on loopback: checks what Slack would check, and records what a member would have got.

The limits are written here a second time, as Slack publishes them, so that a wrong number in `bot.channels.limits`
does not agree with itself.
"""

from __future__ import annotations

import asyncio
import json
import time
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from aiohttp import web
from slack_sdk.signature import SignatureVerifier

from tests.support.slack_rules import fault_of

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


def mention(text: str, **fields: object) -> dict[str, Any]:
    """A message in a channel that names the app."""
    event = direct_message(f"<@{BOT_USER}> {text}", type="app_mention", channel="C9", **fields)
    return {name: value for name, value in event.items() if name != "channel_type"}


def deleted_message(ts: str = "1795426200.000100", channel: str = "D1") -> dict[str, Any]:
    """A member deleted what they had written."""
    event = direct_message("", subtype="message_deleted", hidden=True, deleted_ts=ts, channel=channel)
    return event | {"ts": "1795426290.000100", "event_ts": "1795426290.000100"}


def block_action(
    value: str,
    *,
    action_id: str = "choice:0",
    user: str = "U1",
    post: dict[str, Any] | None = None,
    action_ts: str = "1795426202.500000",
) -> str:
    """A tap on a button of `post` (one that the fake recorded), encoded as Slack does."""
    shown = post or {"channel": "D1", "ts": "1795426201.000100"}
    message = {"ts": shown["ts"]} | ({"thread_ts": shown["thread_ts"]} if shown.get("thread_ts") else {})
    payload = {
        "type": "block_actions",
        "team": {"id": "T1"},
        "user": {"id": user, "team_id": "T1"},
        "channel": {"id": shown["channel"]},
        "container": {"type": "message", "message_ts": shown["ts"], "channel_id": shown["channel"]},
        "message": message,
        "trigger_id": "1.2.3",
        "actions": [
            {"type": "button", "action_id": action_id, "block_id": "b1", "value": value, "action_ts": action_ts}
        ],
    }
    return urlencode({"payload": json.dumps(payload)})


@dataclass
class FakeSlack:
    """Records accepted calls; `refusals` says why others were refused.

    `posts` are the messages as they stand now, `updates` and `whispers` what was changed and shown to one person. The
    next calls go wrong as asked: `failures` are refused, `lost` are done but never answered, of `limited` the
    number is the seconds Slack wants to be left alone; `pause` holds every answer back. Only `mentions` may be pinged.
    """

    posts: list[dict[str, Any]] = field(default_factory=list)
    updates: list[dict[str, Any]] = field(default_factory=list)
    whispers: list[dict[str, Any]] = field(default_factory=list)
    opened: list[str] = field(default_factory=list)
    refusals: list[str] = field(default_factory=list)
    failures: int = 0
    lost: int = 0
    limited: list[int] = field(default_factory=list)
    pause: float = 0.0
    mentions: tuple[str, ...] = ()

    def app(self) -> web.Application:
        app = web.Application()
        methods = {
            "chat.postMessage": self._post,
            "chat.postEphemeral": self._whisper,
            "chat.update": self._update,
            "conversations.open": self._open,
            "conversations.history": self._history,
            "conversations.replies": self._history,
            "auth.test": self._who,
        }
        for name, method in methods.items():
            app.router.add_route("*", f"/api/{name}", self._answering(name, method))
        return app

    def current(self, post: dict[str, Any]) -> dict[str, Any]:
        """How a post looks by now."""
        return next(kept for kept in self.posts if (kept["channel"], kept["ts"]) == (post["channel"], post["ts"]))

    def _answering(self, name: str, method: Any) -> Any:  # noqa: ANN401 - aiohttp's handlers
        async def answer(request: web.Request) -> web.StreamResponse:
            await asyncio.sleep(self.pause)
            if request.headers.get("Authorization") != f"Bearer {BOT_TOKEN}":
                return self._refuse("invalid_auth")
            if self.limited:
                seconds = self.limited.pop(0)
                body = {"ok": False, "error": "ratelimited"}
                return web.json_response(body, status=429, headers={"Retry-After": str(seconds)})
            if self.failures:
                self.failures -= 1
                return self._refuse("internal_error")
            call = await _arguments(request)
            fault = fault_of(name, call, mentions=self.mentions)
            if fault:
                return self._refuse(fault)
            result = method(call)
            if isinstance(result, str):
                return self._refuse(result)
            if self.lost and name == "chat.postMessage":
                self.lost -= 1
                assert request.transport is not None
                request.transport.close()
            return web.json_response({"ok": True, **result})

        return answer

    def _post(self, call: dict[str, Any]) -> dict[str, Any]:
        ts = f"1795426300.{len(self.posts) + 1:06}"
        self.posts.append({**call, "ts": ts})
        return {"channel": call["channel"], "ts": ts}

    def _whisper(self, call: dict[str, Any]) -> dict[str, Any]:
        self.whispers.append(call)
        return {"message_ts": "1795426300.900000"}

    def _update(self, call: dict[str, Any]) -> dict[str, Any] | str:
        self.updates.append(call)
        known = [post for post in self.posts if (post["channel"], post["ts"]) == (call["channel"], call["ts"])]
        if not known:
            return "message_not_found"
        known[0].update({name: call[name] for name in ("text", "blocks") if name in call})
        return {"channel": call["channel"], "ts": call["ts"]}

    def _open(self, call: dict[str, Any]) -> dict[str, Any]:
        self.opened.append(call["users"])
        return {"channel": {"id": f"D{call['users'].removeprefix('U')}"}}

    def _history(self, call: dict[str, Any]) -> dict[str, Any]:
        return {"messages": [post for post in self.posts if post["channel"] == call["channel"]], "has_more": False}

    def _who(self, _call: dict[str, Any]) -> dict[str, Any]:
        return {"user_id": BOT_USER, "team_id": "T1", "bot_id": "B1"}

    def _refuse(self, reason: str) -> web.Response:
        self.refusals.append(reason)
        return web.json_response({"ok": False, "error": reason})


async def _arguments(request: web.Request) -> dict[str, Any]:
    if request.content_type == "application/json":
        arguments: dict[str, Any] = await request.json()
        return arguments
    # The SDK puts the arguments of what only reads or opens into the address.
    return dict(request.query) | dict(await request.post())
