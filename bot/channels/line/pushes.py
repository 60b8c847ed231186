"""Pushes: formal news of a request made on LINE, while the month's messages last; never an answer.

https://developers.line.biz/en/docs/messaging-api/pricing/ counts a push, and does not count a reply.
"""

from __future__ import annotations

import uuid
from datetime import timedelta
from functools import partial

from bot.channels import limits, taps
from bot.channels.delivery import Notice, NoticeIsSkippedError
from bot.channels.gateway import Gateway
from bot.channels.line.api import LineApi, TooManyPushesError
from bot.channels.line.holds import CHANNEL
from bot.channels.line.messages import line_messages
from bot.channels.parcels import open_parcel


class Pushes:
    """Sends the notices of the kind `door`."""

    def __init__(self, gateway: Gateway, api: LineApi) -> None:
        self._gateway = gateway
        self._api = api

    async def send(self, notice: Notice) -> None:
        """Pushes one notice, or leaves it to the mail that goes in any case.

        Raises:
            NoticeIsSkippedError: pushes are off or used up, the member has left, or it is too late to send it once.
            LineRefusesError: LINE does not take it.
            LineIsAwayError: LINE did not take it now.
        """
        await self._check(notice)
        parcel = await open_parcel(self._gateway, CHANNEL, notice)
        if parcel is None or parcel.user_key is None:
            raise NoticeIsSkippedError("nobody to push to")
        seal = partial(taps.sealed, self._gateway, CHANNEL, parcel.user_key)
        try:
            # The row's id is 128 random bits, which is what LINE asks of the key.
            key = str(uuid.UUID(hex=notice.id))
            await self._api.push(parcel.user_key, line_messages(parcel.messages, seal=seal), retry_key=key)
        except TooManyPushesError:
            raise NoticeIsSkippedError("LINE takes no more pushes now") from None

    async def _check(self, notice: Notice) -> None:
        settings = self._gateway.settings
        if not settings.line_push:
            raise NoticeIsSkippedError("pushes are switched off")
        if self._gateway.clock() - notice.created_at >= timedelta(hours=limits.LINE_RETRY_KEY_HOURS):
            raise NoticeIsSkippedError("LINE would not know any more whether it was sent before")
        left = await self._api.messages_left()
        if left is not None and left <= settings.line_push_reserve:
            raise NoticeIsSkippedError("the month's messages are used up to the reserve")
