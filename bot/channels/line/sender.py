"""LINE's way out: one reply call a turn, with the token of the event it answers."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from http import HTTPStatus

from linebot.v3.messaging import AsyncApiClient, AsyncMessagingApi, Configuration
from linebot.v3.messaging.exceptions import ApiException
from linebot.v3.messaging.models import ReplyMessageRequest

from bot.channels.delivery import Notice, NoticeIsUndeliverableError
from bot.channels.gateway import Gateway
from bot.channels.line.messages import line_messages
from bot.channels.line.webhook import CHANNEL
from bot.channels.parcels import Parcel, open_parcel
from bot.errors import UnavailableError

_TIMEOUT_SECONDS = 10


class LineIsAwayError(UnavailableError):
    """LINE did not take it, or asks to come again."""


class LineSender:
    """Replies on LINE. Pushing, which costs the account money, is not done: an answer without a token stays visible."""

    def __init__(self, gateway: Gateway, api: AsyncMessagingApi) -> None:
        self._gateway = gateway
        self._api = api

    async def send(self, notice: Notice) -> None:
        """Spends the reply token of the event that the notice answers.

        Raises:
            LineIsAwayError: LINE did not take it, or asks to come again.
            NoticeIsUndeliverableError: there is no token, it is too old or spent, or LINE refuses the content.
        """
        parcel = await open_parcel(self._gateway, CHANNEL, notice)
        if parcel is None:
            return
        request = ReplyMessageRequest(
            replyToken=self._token(parcel), messages=line_messages(parcel.messages), notificationDisabled=False
        )
        try:
            await self._api.reply_message(request, _request_timeout=_TIMEOUT_SECONDS)
        except ApiException as error:
            raise _fault(error.status) from None

    def _token(self, parcel: Parcel) -> str:
        if parcel.reply is None:
            raise NoticeIsUndeliverableError("LINE: no event to reply to")
        if self._gateway.clock() >= datetime.fromisoformat(parcel.reply["until"]):
            raise NoticeIsUndeliverableError("LINE: the reply token's minute is over")
        return str(parcel.reply["token"])


@asynccontextmanager
async def open_sender(gateway: Gateway) -> AsyncIterator[LineSender]:
    """The sender with the one API client of this process, closed at the end."""
    token = gateway.settings.line_access_token.get_secret_value()
    async with AsyncApiClient(Configuration(access_token=token, host=gateway.settings.line_api_url)) as client:
        yield LineSender(gateway, AsyncMessagingApi(client))


def _fault(status: int) -> LineIsAwayError | NoticeIsUndeliverableError:
    # The body of LINE's refusal may quote what was sent, so only the status is told.
    if status == HTTPStatus.TOO_MANY_REQUESTS or status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return LineIsAwayError(f"LINE answers {status}")
    return NoticeIsUndeliverableError(f"LINE refuses the reply: {status}")
