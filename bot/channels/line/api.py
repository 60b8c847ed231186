"""LINE's Messaging API by its own SDK, with its refusals told apart.

https://developers.line.biz/en/reference/messaging-api/
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Awaitable, Sequence
from contextlib import asynccontextmanager
from http import HTTPStatus
from typing import Any

from aiohttp import ClientError
from linebot.v3.messaging import AsyncApiClient, AsyncMessagingApi, Configuration
from linebot.v3.messaging.exceptions import ApiException
from linebot.v3.messaging.models import PushMessageRequest, ReplyMessageRequest, ShowLoadingAnimationRequest

from bot.channels import limits
from bot.channels.line.flex import Json
from bot.errors import MadoguchiError, UnavailableError
from bot.settings import Settings

_TIMEOUT_SECONDS = 10
_LOADING_TIMEOUT_SECONDS = 3
_TOKEN_IS_INVALID = "Invalid reply token"  # noqa: S105 - what LINE answers, not a secret
_UNLIMITED = "none"

# A wrong or expired access token is a state of the installation that somebody may mend while the notice waits.
_OURS_TO_MEND = (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN)


class LineIsAwayError(UnavailableError):
    """LINE did not take it, or asks to come again."""


class LineRefusesError(MadoguchiError):
    """LINE will not take this, now or later."""


class TokenIsSpentError(LineRefusesError):
    """The reply token was used before, or is too old."""


class TooManyPushesError(LineRefusesError):
    """The month's messages are used up, or too many are sent at once."""


class LineApi:
    """What this project calls of it."""

    def __init__(self, api: AsyncMessagingApi) -> None:
        self._api = api

    async def reply(self, token: str, messages: Sequence[Json]) -> None:
        """Answers an event, free of charge; a token works once, for about a minute.

        Raises:
            TokenIsSpentError: it does not work (any more).
            LineRefusesError: LINE does not take these messages.
            LineIsAwayError: LINE did not take it now.
        """
        request = ReplyMessageRequest.from_dict({"replyToken": token, "messages": list(messages)})
        await _called(self._api.reply_message(request, _request_timeout=_TIMEOUT_SECONDS))

    async def push(self, user_key: str, messages: Sequence[Json], *, retry_key: str) -> None:
        """Writes to a member unasked, which counts towards the month's messages; the same key again sends nothing.

        Raises:
            TooManyPushesError: the month's messages are used up.
            LineRefusesError: LINE does not take these messages, or not for this member.
            LineIsAwayError: LINE did not take it now.
        """
        request = PushMessageRequest.from_dict({"to": user_key, "messages": list(messages)})
        try:
            await self._api.push_message(request, x_line_retry_key=retry_key, _request_timeout=_TIMEOUT_SECONDS)
        except ApiException as error:
            if error.status == HTTPStatus.CONFLICT:  # it was accepted the first time
                return
            if error.status == HTTPStatus.TOO_MANY_REQUESTS:
                raise TooManyPushesError("LINE takes no more pushes") from None
            raise _fault(error) from None

    async def messages_left(self) -> int | None:
        """How many of the month's messages are left; None when they have no limit.

        Raises:
            LineIsAwayError: LINE does not say.
            LineRefusesError: LINE does not say.
        """
        quota = await _called(self._api.get_message_quota(_request_timeout=_TIMEOUT_SECONDS))
        if quota.type == _UNLIMITED or quota.value is None:
            return None
        used = await _called(self._api.get_message_quota_consumption(_request_timeout=_TIMEOUT_SECONDS))
        return int(quota.value - used.total_usage)

    async def show_loading(self, user_key: str) -> None:
        """Shows the member, in a chat that is open before them, that an answer is being made.

        Raises:
            LineIsAwayError: it was not shown.
            LineRefusesError: it was not shown.
        """
        request = ShowLoadingAnimationRequest(chatId=user_key, loadingSeconds=limits.LINE_LOADING_SECONDS)
        await _called(self._api.show_loading_animation(request, _request_timeout=_LOADING_TIMEOUT_SECONDS))

    async def leave(self, source: str, place_id: str) -> None:
        """Leaves a group or a room.

        Raises:
            LineIsAwayError: LINE did not take it now.
            LineRefusesError: we are not there (any more).
        """
        leave = self._api.leave_room if source == "room" else self._api.leave_group
        await _called(leave(place_id, _request_timeout=_TIMEOUT_SECONDS))


@asynccontextmanager
async def open_api(settings: Settings) -> AsyncIterator[LineApi]:
    """The one API client of this process, closed at the end."""
    token = settings.line_access_token.get_secret_value()
    async with AsyncApiClient(Configuration(access_token=token, host=settings.line_api_url)) as client:
        yield LineApi(AsyncMessagingApi(client))


async def _called(call: Awaitable[Any]) -> Any:  # noqa: ANN401 - whichever model the SDK answers with
    try:
        return await call
    except ApiException as error:
        raise _fault(error) from None
    except (TimeoutError, ClientError) as error:
        raise LineIsAwayError(f"LINE cannot be reached: {type(error).__name__}") from None


def _fault(error: ApiException) -> LineIsAwayError | LineRefusesError:
    # The body of LINE's refusal may quote what was sent, so only the status is told.
    status = int(error.status)
    if status == HTTPStatus.TOO_MANY_REQUESTS or status >= HTTPStatus.INTERNAL_SERVER_ERROR or status in _OURS_TO_MEND:
        return LineIsAwayError(f"LINE answers {status}")
    if _says(error) == _TOKEN_IS_INVALID:
        return TokenIsSpentError("LINE: the reply token was used before, or is too old")
    return LineRefusesError(f"LINE refuses it: {status}")


def _says(error: ApiException) -> str:
    try:
        return str(json.loads(error.body)["message"])
    except (TypeError, KeyError, ValueError):
        return ""
