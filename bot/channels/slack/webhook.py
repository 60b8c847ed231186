"""Slack's way in, by Bolt: the signature first, then one inbox row, then 200; the turn runs after that.

Slack wants its answer within three seconds and repeats up to three times what it got none for. An event is known
again by its `event_id`, a tap by the moment Slack gave it. `process_before_response` makes Bolt answer only after the
listener has stored the row, and 500 when it could not, so that Slack tries again.
"""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Awaitable, Callable
from typing import Any

import structlog
from aiohttp import web
from slack_bolt.adapter.aiohttp import to_aiohttp_response
from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncBoltRequest
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.response import BoltResponse
from slack_sdk.signature import SignatureVerifier
from slack_sdk.web.async_client import AsyncWebClient

from bot.channels import limits
from bot.channels.asides import Aside
from bot.channels.gateway import Gateway
from bot.channels.intake import InboundEvent
from bot.channels.inward import put_aside, take
from bot.channels.raw_body import read_body
from bot.channels.slack.messages import CHOICE_ACTION
from bot.channels.slack.text import typed_text

CHANNEL = "slack"
PATHS = ("/slack/events", "/slack/interactive")

_log = structlog.get_logger(__name__)


def routes(gateway: Gateway) -> list[web.RouteDef]:
    """Slack's routes; none while the channel has no secret."""
    if not gateway.settings.slack_signing_secret.get_secret_value():
        return []
    webhook = SlackWebhook(gateway)
    return [web.post(path, webhook.handle) for path in PATHS]


class SlackWebhook:
    """Takes Slack's events and taps in."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway
        self._signatures = SignatureVerifier(gateway.settings.slack_signing_secret.get_secret_value())
        self._bolt = self._listening_app()

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Answers 200 once what asks for an answer is stored; 401 or 400 for what Slack did not send so."""
        body = await read_body(request, limits.SLACK_WEBHOOK_BYTES)
        try:
            if not self._is_signed(body, request):
                _log.warning("slack_signature_invalid")
                raise web.HTTPUnauthorized
            bolt_request = AsyncBoltRequest(body=body.decode(), headers=dict(request.headers))
        except (UnicodeDecodeError, json.JSONDecodeError, AttributeError, TypeError):
            _log.warning("slack_body_invalid")
            raise web.HTTPBadRequest from None
        return await to_aiohttp_response(await self._bolt.async_dispatch(bolt_request))

    def _is_signed(self, body: bytes, request: web.Request) -> bool:
        """Whether Slack signed this within five minutes."""
        timestamp = request.headers.get("X-Slack-Request-Timestamp", "")
        signature = request.headers.get("X-Slack-Signature", "")
        # The SDK fails on a timestamp that is no number and on a signature of other characters.
        if not (timestamp.isascii() and timestamp.isdigit() and signature.isascii()):
            return False
        return self._signatures.is_valid(body, timestamp, signature)

    def _listening_app(self) -> AsyncApp:
        # Bolt tells its loggers whole requests at INFO and below, and takes their level from here.
        logger = logging.getLogger("slack_bolt")
        logger.setLevel(logging.WARNING)
        app = AsyncApp(
            logger=logger,
            process_before_response=True,
            signing_secret=self._gateway.settings.slack_signing_secret.get_secret_value(),
            # `handle` has checked the signature before Bolt parsed anything.
            request_verification_enabled=False,
            authorize=_authorizer(self._gateway.settings.slack_bot_token.get_secret_value()),
            client=AsyncWebClient(base_url=self._gateway.settings.slack_api_url),
        )
        app.event("message")(self._on_message)
        app.event("app_mention")(self._on_mention)
        app.event(re.compile(".*"))(_ignore)
        app.action(re.compile(rf"^{CHOICE_ACTION}:\d+$"))(self._on_choice)
        app.action(re.compile(".*"))(_ignore_action)
        app.error(_on_error)
        return app

    async def _on_message(self, event: dict[str, Any], body: dict[str, Any]) -> None:
        if event.get("channel_type") != "im" or not _is_by_member(event, body):
            return
        text = typed_text(event.get("text", ""), me=_own_id(body))
        await take(self._gateway, _inbound(body["event_id"], body["team_id"], event, text=text))

    async def _on_mention(self, event: dict[str, Any], body: dict[str, Any]) -> None:
        if _is_by_member(event, body):
            await put_aside(self._gateway, _inbound(body["event_id"], body["team_id"], event), Aside.DIRECT_ONLY)

    async def _on_choice(self, ack: AsyncAck, body: dict[str, Any], action: dict[str, Any]) -> None:
        place = {
            "user": body["user"]["id"],
            "channel": body["channel"]["id"],
            "thread_ts": body["message"].get("thread_ts"),
        }
        event_id = f"{body['user']['id']}:{action['action_ts']}"
        await take(self._gateway, _inbound(event_id, body["team"]["id"], place, choice=action["value"]))
        await ack()


def _authorizer(token: str) -> Callable[..., Awaitable[AuthorizeResult]]:
    # Bolt would ask Slack who we are before it passes the first event on. Nothing here needs to know, and an event
    # must not wait for, or get lost with, a call in the other direction.
    async def authorize(enterprise_id: str | None, team_id: str | None) -> AuthorizeResult:
        return AuthorizeResult(enterprise_id=enterprise_id, team_id=team_id, bot_token=token)

    return authorize


def _inbound(
    event_id: str, team: str, place: dict[str, Any], *, text: str | None = None, choice: str | None = None
) -> InboundEvent:
    return InboundEvent(
        channel=CHANNEL,
        event_id=event_id,
        user_key=f"{team}:{place['user']}",
        text=text,
        choice=choice,
        reply={"channel": place["channel"], "thread_ts": place.get("thread_ts")},
    )


def _is_by_member(event: dict[str, Any], body: dict[str, Any]) -> bool:
    """Whether a person typed this: not an edit, a system message, another app or this one."""
    author = event.get("user")
    return bool(author) and "bot_id" not in event and "subtype" not in event and author != _own_id(body)


def _own_id(body: dict[str, Any]) -> str:
    return next((entry["user_id"] for entry in body.get("authorizations") or () if entry.get("is_bot")), "")


async def _ignore(event: dict[str, Any]) -> None:
    _log.info("slack_event_ignored", type=event.get("type"))


async def _ignore_action(ack: AsyncAck) -> None:
    await ack()


async def _on_error(error: Exception) -> BoltResponse:
    # Bolt's own handler would log the error's text, and a database error's text holds what was to be stored.
    _log.error("slack_event_failed", error=type(error).__name__)
    return BoltResponse(status=500, body="")
