"""Slack's way in, by Bolt: the signature first, then one inbox row, then 200; the turn runs after that.

Slack wants its answer within three seconds and repeats up to three times what it got none for. An event is known
again by its `event_id`, a tap by the moment Slack gave it. `process_before_response` makes Bolt answer only after the
listener has stored the row, and 500 when it could not, so that Slack tries again; 503 when that took too long.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Awaitable, Callable

import structlog
from aiohttp import web
from slack_bolt.adapter.aiohttp import to_aiohttp_response
from slack_bolt.async_app import AsyncApp, AsyncBoltRequest
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.response import BoltResponse
from slack_sdk.signature import SignatureVerifier
from slack_sdk.web.async_client import AsyncWebClient

from bot.channels import limits
from bot.channels.gateway import Gateway
from bot.channels.inward import in_time
from bot.channels.raw_body import read_body
from bot.channels.slack.listeners import Listeners
from bot.channels.slack.messages import CHOICE_ACTION, TAP_ACTION
from bot.channels.slack.shapes import require_shape

PATHS = ("/slack/events", "/slack/interactive")

_EVERY = re.compile(".*")

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
            text = body.decode()
            require_shape(text, request.content_type)
            bolt_request = AsyncBoltRequest(body=text, headers=dict(request.headers))
        except (ValueError, AttributeError, TypeError):
            _log.warning("slack_body_invalid")
            raise web.HTTPBadRequest from None
        async with in_time(limits.SLACK_ANSWER_SECONDS):
            answer = await self._bolt.async_dispatch(bolt_request)
        return await to_aiohttp_response(answer)

    def _is_signed(self, body: bytes, request: web.Request) -> bool:
        """Whether Slack signed this within five minutes.

        https://docs.slack.dev/authentication/verifying-requests-from-slack/
        """
        timestamp = request.headers.get("X-Slack-Request-Timestamp", "")
        signature = request.headers.get("X-Slack-Signature", "")
        # The SDK fails on a timestamp that is no number and on a signature of other characters.
        if not (timestamp.isascii() and timestamp.isdigit() and signature.isascii()):
            return False
        try:
            return self._signatures.is_valid(body, timestamp, signature)
        except UnicodeDecodeError:  # the SDK signs text, and Slack sends nothing but UTF-8
            return False

    def _listening_app(self) -> AsyncApp:
        # Bolt tells its loggers whole requests at INFO and below, and takes their level from here.
        logger = logging.getLogger("slack_bolt")
        logger.setLevel(logging.WARNING)
        app = AsyncApp(
            # Without a name Bolt reads the source of every caller to find one, half a second long.
            name="madoguchi",
            logger=logger,
            process_before_response=True,
            signing_secret=self._gateway.settings.slack_signing_secret.get_secret_value(),
            # `handle` has checked the signature before Bolt parsed anything.
            request_verification_enabled=False,
            # What we wrote ourselves is noted like everything else that is not answered.
            ignoring_self_events_enabled=False,
            authorize=_authorizer(self._gateway.settings.slack_bot_token.get_secret_value()),
            client=AsyncWebClient(base_url=self._gateway.settings.slack_api_url),
        )
        listeners = Listeners(self._gateway)
        # The first listener that matches takes the request.
        app.event("message")(listeners.on_message)
        app.event("app_mention")(listeners.on_mention)
        app.event(_EVERY)(listeners.on_other)
        app.action(re.compile(rf"^{CHOICE_ACTION}:\d+$"))(listeners.on_choice)
        app.action(re.compile(rf"^{TAP_ACTION}:\d+$"))(listeners.on_tap)
        app.action(_EVERY)(listeners.on_other_action)
        app.error(_on_error)
        return app


def _authorizer(token: str) -> Callable[..., Awaitable[AuthorizeResult]]:
    # Bolt would ask Slack who we are before it passes the first event on. Nothing here needs to know, and an event
    # must not wait for, or get lost with, a call in the other direction.
    async def authorize(enterprise_id: str | None, team_id: str | None) -> AuthorizeResult:
        return AuthorizeResult(enterprise_id=enterprise_id, team_id=team_id, bot_token=token)

    return authorize


async def _on_error(error: Exception) -> BoltResponse:
    # Bolt's own handler would log the error's text, and a database error's text holds what was to be stored.
    _log.error("slack_event_failed", error=type(error).__name__)
    return BoltResponse(status=500, body="")
