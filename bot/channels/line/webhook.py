"""LINE's way in: the signature first, then one inbox row an event, then 200; the turns run after that.

LINE wants its answer within two seconds, repeats what it got none for, and may repeat anything in any order. An event
is known again by its `webhookEventId`. While the database is away the answer is a 503 within those two seconds, so that
LINE delivers again.
https://developers.line.biz/en/docs/messaging-api/receiving-messages/
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import structlog
from aiohttp import web
from linebot.v3.webhook import SignatureValidator

from bot.channels import limits
from bot.channels.gateway import Gateway
from bot.channels.intake import Accepted
from bot.channels.inward import in_time, start
from bot.channels.line.arrivals import Arrivals
from bot.channels.line.events import LineEvent, read_event
from bot.channels.raw_body import read_body
from bot.strict_json import loads

PATH = "/line/webhook"

_log = structlog.get_logger(__name__)


def routes(gateway: Gateway) -> list[web.RouteDef]:
    """LINE's route; none while the channel has no secret."""
    secret = gateway.settings.line_channel_secret.get_secret_value()
    return [web.post(PATH, LineWebhook(gateway, secret).handle)] if secret else []


class LineWebhook:
    """Takes LINE's events in."""

    def __init__(self, gateway: Gateway, secret: str) -> None:
        self._gateway = gateway
        self._signatures = SignatureValidator(secret)
        self._arrivals = Arrivals(gateway)

    async def handle(self, request: web.Request) -> web.Response:
        """Answers 200 once every event is stored; 401 or 400 for what LINE did not send so."""
        body = await read_body(request, limits.LINE_WEBHOOK_BYTES)
        turns: list[Accepted] = []
        try:
            async with in_time(limits.LINE_ANSWER_SECONDS):
                for event in self._events(body, request.headers.get("X-Line-Signature", "")):
                    turn = await self._arrivals.store(event)
                    turns += [turn] if turn is not None else []
        finally:
            # Also of a webhook whose later events could not be stored: the earlier ones are, and are not stored anew.
            for turn in turns:
                start(self._gateway, turn)
            if turns:
                self._look_again()
        return web.Response()

    def _events(self, body: bytes, signature: str) -> Iterator[LineEvent]:
        try:
            text = body.decode()
            # The SDK compares in constant time. A header of other characters is no signature, and would make it fail.
            if not signature.isascii() or not self._signatures.validate(text, signature):
                _log.warning("line_signature_invalid")
                raise web.HTTPUnauthorized
            events = _list(loads(text)["events"])
        except (ValueError, KeyError, TypeError):
            _log.warning("line_body_invalid")
            raise web.HTTPBadRequest from None
        return filter(None, map(self._read, events))

    def _read(self, raw: object) -> LineEvent | None:
        event = read_event(raw, hashed=lambda text: self._gateway.vault.keyed_hash(text, purpose="line-event"))
        if event is None:
            _log.warning("line_event_malformed", json=type(raw).__name__)
        return event

    def _look_again(self) -> None:
        # Nothing depends on it: whoever sends looks at what is due anyway, but not as soon as a second from now.
        later = limits.LINE_LOADING_AFTER_SECONDS
        asyncio.get_running_loop().call_later(later, self._gateway.outbox_filled.set)


def _list(value: object) -> list[object]:
    if not isinstance(value, list):
        raise TypeError("events are no list")
    return value
