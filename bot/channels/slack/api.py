"""Slack's Web API as this project calls it: nothing logged, nothing repeated behind our back, refusals understood."""

from __future__ import annotations

import logging
from collections.abc import Awaitable
from datetime import timedelta
from typing import Any

from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.channels.delivery import NoticeIsUndeliverableError, NoticeWaitsError
from bot.clock import Clock
from bot.errors import UnavailableError
from bot.settings import Settings

_TIMEOUT_SECONDS = 10

# Slack says how long to wait; where it does not, a minute is the window in which it counts.
_PAUSE_SECONDS = 60

_TOO_MANY_REQUESTS = 429

# What Slack says of a message or an address that will be as wrong tomorrow. Everything else, a revoked token too, is
# a state of the installation that somebody may mend while the message waits.
_FOR_GOOD = frozenset(
    {
        "cannot_reply_to_message",
        "cant_update_message",
        "channel_not_found",
        "edit_window_closed",
        "invalid_blocks",
        "is_archived",
        "message_limit_exceeded",
        "message_not_found",
        "msg_blocks_too_long",
        "msg_too_long",
        "no_text",
        "user_disabled",
        "user_not_found",
        "user_not_in_channel",
    }
)


class SlackIsAwayError(UnavailableError):
    """Slack did not take it, or not now."""


def open_client(settings: Settings) -> AsyncWebClient:
    """A client of this installation's Slack app; it opens a connection for every call, so nothing has to be closed."""
    # The SDK tells its logger whole messages at DEBUG.
    logger = logging.getLogger("slack_sdk")
    logger.setLevel(logging.WARNING)
    return AsyncWebClient(
        token=settings.slack_bot_token.get_secret_value(),
        base_url=settings.slack_api_url,
        timeout=_TIMEOUT_SECONDS,
        logger=logger,
        # A call whose connection broke may have been heard: the outbox decides whether to repeat it.
        retry_handlers=[],
    )


async def asked(call: Awaitable[Any], *, clock: Clock) -> dict[str, Any]:
    """Slack's answer to a call of its client.

    Raises:
        NoticeWaitsError: Slack wants fewer calls and says until when (https://docs.slack.dev/apis/web-api/rate-limits).
        NoticeIsUndeliverableError: Slack will never take this.
        SlackIsAwayError: Slack did not take it, or not now.
    """
    try:
        answer = await call
    except SlackApiError as error:
        if error.response.status_code == _TOO_MANY_REQUESTS:
            pause = timedelta(seconds=_seconds(error.response.headers.get("Retry-After")))
            raise NoticeWaitsError("Slack wants fewer calls", until=clock() + pause) from None
        raise refusal(str(error.response.get("error"))) from None
    return dict(answer.data)


def refusal(error: str) -> SlackIsAwayError | NoticeIsUndeliverableError:
    """What a refusal of Slack means for the notice: it waits, or it can never be posted."""
    if error in _FOR_GOOD:
        return NoticeIsUndeliverableError(f"Slack refuses the post: {error}")
    return SlackIsAwayError(f"Slack answers {error}")


def _seconds(retry_after: str | None) -> int:
    return int(retry_after) if retry_after and retry_after.isdecimal() else _PAUSE_SECONDS
