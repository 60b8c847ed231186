"""LINE's Messaging API on loopback: checks what LINE would check, and records what a member would have got.

It keeps reply tokens (each works once, for a minute by its own clock, if it is known), the month's quota, retry keys,
and what was shown or left; it can be told to fail, to refuse pushes for their rate, or to be slow.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from aiohttp import web
from jsonschema import ValidationError

from tests.support.fake_line_checks import Schemas, prose_fault
from tests.support.fake_line_events import (
    SECRET,
    event,
    in_group,
    postback_event,
    redelivered,
    signed,
    sticker_event,
    text_event,
    unsend_event,
    webhook,
)

__all__ = [
    "ACCESS_TOKEN",
    "SECRET",
    "FakeLine",
    "Schemas",
    "event",
    "in_group",
    "postback_event",
    "redelivered",
    "shown",
    "signed",
    "sticker_event",
    "text_event",
    "unsend_event",
    "webhook",
]

Json = dict[str, Any]

ACCESS_TOKEN = "line-access-token"
_TOKEN_LASTS = timedelta(minutes=1)


def shown(message: Json) -> str:
    """What a member reads of a message, from top to bottom, without links behind buttons."""
    if message["type"] == "text":
        return str(message["text"])
    return "\n".join(_texts(message["contents"]["body"]))


def _texts(component: Json) -> list[str]:
    if component["type"] == "text":
        return [component["text"]]
    return [text for part in component.get("contents", ()) for text in _texts(part)]


@dataclass
class FakeLine:
    """What LINE took and refused.

    Attributes:
        schemas: LINE's published ones; without them only the prose limits are checked.
        clock: by which reply tokens grow old.
        given: when which reply token was handed out; a token that was not is taken for a new one.
        replies: replies that were accepted, in order.
        pushes: pushes that were accepted; of each retry key one.
        loading: who was shown the indicator.
        left: groups and rooms that the bot left.
        refusals: why others were refused.
        failures: how many calls fail first.
        quota: messages a month, None for no limit.
        used: how many of them are used up.
        is_limiting: whether pushes are refused for their rate.
        loading_fails: whether the indicator cannot be shown.
        seconds: how long every answer takes.
    """

    schemas: Schemas | None = None
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    given: dict[str, datetime] = field(default_factory=dict)
    replies: list[Json] = field(default_factory=list)
    pushes: list[Json] = field(default_factory=list)
    retry_keys: set[str] = field(default_factory=set)
    loading: list[str] = field(default_factory=list)
    left: list[tuple[str, str]] = field(default_factory=list)
    refusals: list[str] = field(default_factory=list)
    failures: int = 0
    quota: int | None = 200
    used: int = 0
    is_limiting: bool = False
    loading_fails: bool = False
    seconds: float = 0.0

    def app(self) -> web.Application:
        app = web.Application(middlewares=[self._door])
        app.add_routes(
            [
                web.post("/v2/bot/message/reply", self._reply),
                web.post("/v2/bot/message/push", self._push),
                web.post("/v2/bot/chat/loading/start", self._load),
                web.post("/v2/bot/{place:group|room}/{id}/leave", self._leave),
                web.get("/v2/bot/message/quota", self._quota),
                web.get("/v2/bot/message/quota/consumption", self._consumption),
            ]
        )
        return app

    def hand_out(self, token: str) -> None:
        """Notes that a webhook with this reply token goes out now."""
        self.given.setdefault(token, self.clock())

    def read(self) -> list[list[str]]:
        """What the member read, reply by reply."""
        return [[shown(message) for message in reply["messages"]] for reply in self.replies]

    def buttons(self) -> dict[str, str]:
        """The quick replies under the newest reply: what each carries, by its label."""
        items = self.replies[-1]["messages"][-1].get("quickReply", {}).get("items", [])
        return {item["action"]["label"]: item["action"]["data"] for item in items}

    @web.middleware
    async def _door(self, request: web.Request, handler: Any) -> web.StreamResponse:  # noqa: ANN401 - aiohttp's own
        await asyncio.sleep(self.seconds)
        if request.headers.get("Authorization") != f"Bearer {ACCESS_TOKEN}":
            return self._refuse(401, "Authentication failed")
        if self.failures:
            self.failures -= 1
            return self._refuse(500, "The server is temporarily down")
        response: web.StreamResponse = await handler(request)
        return response

    async def _reply(self, request: web.Request) -> web.Response:
        reply = await request.json()
        fault = self._token_fault(reply["replyToken"]) or self._fault("ReplyMessageRequest", reply)
        if fault:
            return self._refuse(400, fault)
        self.replies.append(reply)
        return _sent(reply)

    async def _push(self, request: web.Request) -> web.Response:
        push = await request.json()
        key = request.headers.get("X-Line-Retry-Key", "")
        if key in self.retry_keys:
            return self._refuse(409, "The retry key is already accepted")
        if self.is_limiting or (self.quota is not None and self.used >= self.quota):
            return self._refuse(429, "You have reached your monthly limit.")
        fault = self._fault("PushMessageRequest", push)
        if fault:
            return self._refuse(400, fault)
        self.retry_keys.add(key)
        self.used += 1
        self.pushes.append(push)
        return _sent(push)

    async def _load(self, request: web.Request) -> web.Response:
        body = await request.json()
        if self.loading_fails:
            return self._refuse(400, "not now")
        seconds = body.get("loadingSeconds", 20)
        fault = self._fault("ShowLoadingAnimationRequest", body) or ("" if seconds % 5 == 0 else "no multiple of 5")
        if fault:
            return self._refuse(400, fault)
        self.loading.append(body["chatId"])
        return web.json_response({}, status=202)

    async def _leave(self, request: web.Request) -> web.Response:
        self.left.append((request.match_info["place"], request.match_info["id"]))
        return web.json_response({})

    async def _quota(self, _request: web.Request) -> web.Response:
        limit = {"type": "none"} if self.quota is None else {"type": "limited", "value": self.quota}
        return web.json_response(limit)

    async def _consumption(self, _request: web.Request) -> web.Response:
        return web.json_response({"totalUsage": self.used})

    def _refuse(self, status: int, reason: str) -> web.Response:
        self.refusals.append(reason)
        return web.json_response({"message": reason}, status=status)

    def _token_fault(self, token: str) -> str:
        is_used = any(token == earlier["replyToken"] for earlier in self.replies)
        given = self.given.get(token)
        is_old = given is not None and self.clock() - given > _TOKEN_LASTS
        return "Invalid reply token" if is_used or is_old or not token else ""

    def _fault(self, schema: str, body: Json) -> str:
        try:
            if self.schemas:
                self.schemas.check(schema, body)
        except ValidationError as error:
            return error.message
        return prose_fault(body.get("messages", []))


def _sent(body: Json) -> web.Response:
    return web.json_response({"sentMessages": [{"id": str(place)} for place, _ in enumerate(body["messages"])]})
