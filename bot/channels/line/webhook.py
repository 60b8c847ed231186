"""LINE's way in: the signature first, then one inbox row an event, then 200; the turn runs after that.

LINE wants its answer within two seconds, repeats what it got none for, and may repeat anything in any order. An event
is known again by its `webhookEventId`. A database that is down becomes a 500, so that LINE delivers again.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import structlog
from aiohttp import web
from linebot.v3.webhook import SignatureValidator
from linebot.v3.webhooks import (
    Event,
    EventMode,
    FollowEvent,
    MessageEvent,
    PostbackEvent,
    TextMessageContent,
    UserSource,
)

from bot.channels import limits
from bot.channels.asides import Aside
from bot.channels.gateway import Gateway
from bot.channels.intake import InboundEvent
from bot.channels.inward import put_aside, take
from bot.channels.raw_body import read_body

CHANNEL = "line"
PATH = "/line/webhook"

_log = structlog.get_logger(__name__)

# What is left of the minute when the answer has to be on its way.
_REPLY_LEAD_SECONDS = 5


def routes(gateway: Gateway) -> list[web.RouteDef]:
    """LINE's route; none while the channel has no secret."""
    secret = gateway.settings.line_channel_secret.get_secret_value()
    return [web.post(PATH, LineWebhook(gateway, secret).handle)] if secret else []


class LineWebhook:
    """Takes LINE's events in."""

    def __init__(self, gateway: Gateway, secret: str) -> None:
        self._gateway = gateway
        self._signatures = SignatureValidator(secret)

    async def handle(self, request: web.Request) -> web.Response:
        """Answers 200 once every event that asks for an answer is stored; 401 or 400 for what LINE did not send so."""
        body = await read_body(request, limits.LINE_WEBHOOK_BYTES)
        for event in self._events(body, request.headers.get("X-Line-Signature", "")):
            if event.mode == EventMode.ACTIVE and isinstance(event.source, UserSource) and event.source.user_id:
                await self._take(event)
            else:
                # Groups and rooms, and chats that another module of the account has taken over, get no answer.
                _log.info("line_event_ignored", event_id=event.webhook_event_id)
        return web.Response()

    def _events(self, body: bytes, signature: str) -> Iterator[Any]:
        try:
            text = body.decode()
            # The SDK compares in constant time. A header of other characters is no signature, and would make it fail.
            if not signature.isascii() or not self._signatures.validate(text, signature):
                _log.warning("line_signature_invalid")
                raise web.HTTPUnauthorized
            events = list(json.loads(text)["events"])
        except (UnicodeDecodeError, json.JSONDecodeError, KeyError, TypeError):
            _log.warning("line_body_invalid")
            raise web.HTTPBadRequest from None
        return filter(None, map(_parsed, events))

    async def _take(self, event: Any) -> None:  # noqa: ANN401 - any of the SDK's event models
        if isinstance(event, MessageEvent) and isinstance(event.message, TextMessageContent):
            await take(self._gateway, self._inbound(event, text=event.message.text))
        elif isinstance(event, PostbackEvent):
            await take(self._gateway, self._inbound(event, choice=event.postback.data))
        elif isinstance(event, MessageEvent):
            await put_aside(self._gateway, self._inbound(event), Aside.TEXT_ONLY)
        elif isinstance(event, FollowEvent):
            await put_aside(self._gateway, self._inbound(event), Aside.WELCOME)

    def _inbound(
        self,
        event: Any,  # noqa: ANN401 - any of the SDK's event models that has a reply token
        *,
        text: str | None = None,
        choice: str | None = None,
    ) -> InboundEvent:
        usable = timedelta(seconds=limits.LINE_REPLY_SECONDS - _REPLY_LEAD_SECONDS)
        reply = {"token": event.reply_token, "until": (self._gateway.clock() + usable).isoformat()}
        return InboundEvent(
            channel=CHANNEL,
            event_id=event.webhook_event_id,
            user_key=event.source.user_id,
            text=text,
            choice=choice,
            reply=reply,
        )


def _parsed(event: dict[str, Any]) -> Any:  # noqa: ANN401 - one of the SDK's event models, or None
    """The event, or None for what this SDK does not know: LINE adds events and fields without notice."""
    try:
        return Event.from_dict(event)
    except (ValueError, AttributeError, TypeError):
        _log.info("line_event_unknown")
        return None
