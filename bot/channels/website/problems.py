"""Errors at the edge: each root is translated once, to RFC 9457 problem details with a reference number.

A browser that navigates gets a page instead when trying again will do, or when nobody foresaw what happened.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from http import HTTPStatus

import structlog
from aiohttp import hdrs, web
from aiohttp.typedefs import Handler, Middleware
from pydantic import BaseModel, ConfigDict

from bot.channels.intake import ChoiceIsUnknownError, SenderIsUnknownError, TextIsUnusableError
from bot.channels.rates.limit import LimitIsReachedError
from bot.channels.website.page_rendering import busy_page, failed_page, too_many_page, wants_page
from bot.errors import BadInputError, MadoguchiError, UnavailableError
from bot.references import new_reference, present, referring
from bot.storage.feedback import AnswerIsUnknownError
from bot.storage.inbox import EventHasAnotherBodyError

log = structlog.get_logger()

API = "/api/"

# A lock is held for a moment; what stays away for longer is worth few tries a minute.
_RETRY_SECONDS = 10
_WORTH_A_RETRY = frozenset({HTTPStatus.SERVICE_UNAVAILABLE, HTTPStatus.TOO_MANY_REQUESTS})


class ConversationIsDeletedError(MadoguchiError):
    """The message was answered in a conversation that has been deleted since."""


# The first row that fits counts, so that what is derived stands before what it derives from.
_TRANSLATIONS: tuple[tuple[type[MadoguchiError], HTTPStatus, str], ...] = (
    (SenderIsUnknownError, HTTPStatus.UNAUTHORIZED, "会話が始まっていません。ページを開き直してください。"),
    (EventHasAnotherBodyError, HTTPStatus.CONFLICT, "同じ番号で別の内容が送られました。"),
    (ConversationIsDeletedError, HTTPStatus.GONE, "この会話は削除されました。"),
    (AnswerIsUnknownError, HTTPStatus.NOT_FOUND, "この回答はもう保存されていません。"),
    (LimitIsReachedError, HTTPStatus.TOO_MANY_REQUESTS, ""),
    (TextIsUnusableError, HTTPStatus.UNPROCESSABLE_ENTITY, ""),
    (ChoiceIsUnknownError, HTTPStatus.UNPROCESSABLE_ENTITY, ""),
    (BadInputError, HTTPStatus.BAD_REQUEST, ""),
)

_DETAILS: dict[int, str] = {
    HTTPStatus.FORBIDDEN: "別のサイトからの送信は受け付けていません。",
    HTTPStatus.NOT_FOUND: "ページが見つかりません。",
    HTTPStatus.METHOD_NOT_ALLOWED: "この操作はできません。",
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "送られた内容が大きすぎます。",
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE: "内容の形式が正しくありません。",
    HTTPStatus.INTERNAL_SERVER_ERROR: "申し訳ありません。問題が起きました。",
}


_WITHOUT_A_NUMBER = "受付番号が表示されていないご請求は、受付を確認できていません。"
_DESK_LEAD = "お急ぎのときは、次の窓口へご連絡ください。"

Contacts = Callable[[], Sequence[str]]
"""The desk's addresses, as they stand."""


class Problem(BaseModel):
    """RFC 9457, with a number to ask about it."""

    model_config = ConfigDict(extra="forbid")

    type: str
    title: str
    status: int
    detail: str
    reference: str


def problem(status: int, detail: str, *, reference: str) -> web.Response:
    """One problem: what went wrong for the reader, and a number to ask about it."""
    told = Problem(
        type="about:blank",
        title=HTTPStatus(status).phrase,
        status=int(status),
        detail=detail,
        reference=reference,
    )
    return web.Response(status=status, text=told.model_dump_json(), content_type="application/problem+json")


@web.middleware
async def numbered(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Gives what is logged for a request the number that its member would read: until a turn has one, the request's."""
    with referring(new_reference()):
        return await handler(request)


def problems(contacts: Contacts) -> Middleware:
    """Makes a problem of every error of the API, and of every unforeseen error on any path.

    Whoever is sent away although they did nothing wrong reads whom else to turn to: `contacts` says.
    """

    @web.middleware
    async def guard(request: web.Request, handler: Handler) -> web.StreamResponse:
        try:
            return await handler(request)
        except web.HTTPException as error:
            if error.status < HTTPStatus.BAD_REQUEST or not request.path.startswith(API):
                raise
            response = _told(request, error.status, _DETAILS.get(error.status, error.reason), type(error).__name__)
            if hdrs.ALLOW in error.headers:  # RFC 9110, 15.5.6: a 405 names the methods that there are
                response.headers[hdrs.ALLOW] = error.headers[hdrs.ALLOW]
            return response
        except UnavailableError as error:
            return _unavailable(request, error, contacts())
        except MadoguchiError as error:
            for kind, status, detail in _TRANSLATIONS:
                if isinstance(error, kind):
                    wait = error.seconds if isinstance(error, LimitIsReachedError) else _RETRY_SECONDS
                    return _told(request, status, detail or str(error), type(error).__name__, wait=wait)
            return _unforeseen(request, error, contacts())
        except Exception as error:  # noqa: BLE001 - the last edge: nobody behind it would answer the member
            return _unforeseen(request, error, contacts())

    return guard


def _unavailable(request: web.Request, error: UnavailableError, contacts: Sequence[str]) -> web.Response:
    detail = f"ただいま混み合っています。{_RETRY_SECONDS}秒ほど待ってから、もう一度お試しください。"
    status = HTTPStatus.SERVICE_UNAVAILABLE
    return _told(request, status, detail + _whom_else(contacts), type(error).__name__, contacts=contacts)


def _whom_else(contacts: Sequence[str]) -> str:
    return _WITHOUT_A_NUMBER + (_DESK_LEAD + "、".join(contacts) if contacts else "")


def _told(
    request: web.Request,
    status: int,
    detail: str,
    error: str,
    *,
    wait: int = _RETRY_SECONDS,
    contacts: Sequence[str] = (),
) -> web.Response:
    reference = present()
    # Whoever reads a reference may quote it, so that it is in the log at every level but ERROR.
    log.warning("request_refused", status=int(status), reference=reference, error=error)
    if status not in _WORTH_A_RETRY:
        return problem(status, detail, reference=reference)
    if not wants_page(request) or request.path.startswith(API):
        response = problem(status, detail, reference=reference)
    elif status == HTTPStatus.TOO_MANY_REQUESTS:
        response = too_many_page(request, detail=detail, reference=reference)
    else:
        response = busy_page(request, reference=reference, contacts=contacts)
    response.headers[hdrs.RETRY_AFTER] = str(wait)
    return response


def _unforeseen(request: web.Request, error: Exception, contacts: Sequence[str]) -> web.Response:
    reference = present()
    log.error("request_failed", reference=reference, exc_info=error)
    status = HTTPStatus.INTERNAL_SERVER_ERROR
    if wants_page(request) and not request.path.startswith(API):
        return failed_page(request, reference=reference, contacts=contacts)
    return problem(status, _DETAILS[status] + _whom_else(contacts), reference=reference)
