"""Slack's way out: one post a turn, to where the member wrote."""

from __future__ import annotations

from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.channels.delivery import Notice, NoticeIsUndeliverableError
from bot.channels.gateway import Gateway
from bot.channels.parcels import Parcel, open_parcel
from bot.channels.slack.messages import slack_post
from bot.channels.slack.webhook import CHANNEL
from bot.errors import UnavailableError

TIMEOUT_SECONDS = 10

# What Slack says of a message or an address that will be as wrong tomorrow. Everything else, a revoked token too, is
# a state of the installation that somebody may mend while the message waits.
_FOR_GOOD = frozenset(
    {
        "cannot_reply_to_message",
        "channel_not_found",
        "invalid_blocks",
        "is_archived",
        "message_limit_exceeded",
        "msg_blocks_too_long",
        "msg_too_long",
        "no_text",
        "user_not_found",
    }
)


class SlackIsAwayError(UnavailableError):
    """Slack did not take it, or not now."""


class SlackSender:
    """Posts on Slack."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway
        # The SDK opens a connection for every call and closes it again, so there is nothing to close here.
        self._api = AsyncWebClient(
            token=gateway.settings.slack_bot_token.get_secret_value(),
            base_url=gateway.settings.slack_api_url,
            timeout=TIMEOUT_SECONDS,
        )

    async def send(self, notice: Notice) -> None:
        """Posts the notice as one message, in the thread of the event it answers if there was one.

        Raises:
            SlackIsAwayError: Slack did not take it, or not now.
            NoticeIsUndeliverableError: Slack will never take this.
        """
        parcel = await open_parcel(self._gateway, CHANNEL, notice)
        if parcel is None:
            return
        channel, thread = _place(parcel)
        post = slack_post(parcel.messages)
        try:
            await self._api.chat_postMessage(
                channel=channel, thread_ts=thread, unfurl_links=False, unfurl_media=False, **post
            )
        except SlackApiError as error:
            raise refusal(str(error.response.get("error"))) from None


def _place(parcel: Parcel) -> tuple[str, str | None]:
    if parcel.reply is not None:
        return parcel.reply["channel"], parcel.reply.get("thread_ts")
    if parcel.user_key is None:
        raise NoticeIsUndeliverableError("Slack: nobody to write to")
    # Posting to a user's id reaches the direct messages between them and this app.
    return parcel.user_key.rpartition(":")[2], None


def refusal(error: str) -> SlackIsAwayError | NoticeIsUndeliverableError:
    """What a refusal of Slack means for the notice: it waits, or it can never be posted."""
    if error in _FOR_GOOD:
        return NoticeIsUndeliverableError(f"Slack refuses the post: {error}")
    return SlackIsAwayError(f"Slack answers {error}")
