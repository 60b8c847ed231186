"""Errors at the edge: each root is translated once, to RFC 9457 problem details with a reference number.

A browser that navigates gets a page instead when trying again will do.
"""

from __future__ import annotations

import json
import secrets
from http import HTTPStatus

import structlog
from aiohttp import hdrs, web
from aiohttp.typedefs import Handler

from bot.channels.intake import ChoiceIsUnknownError, SenderIsUnknownError, TextIsUnusableError
from bot.channels.rates.limit import LimitIsReachedError
from bot.channels.website.page_rendering import busy_page, too_many_page, wants_page
from bot.errors import BadInputError, MadoguchiError, UnavailableError
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
    (UnavailableError, HTTPStatus.SERVICE_UNAVAILABLE, "ただいま混み合っています。少し待ってお試しください。"),
)

_DETAILS: dict[int, str] = {
    HTTPStatus.FORBIDDEN: "別のサイトからの送信は受け付けていません。",
    HTTPStatus.NOT_FOUND: "ページが見つかりません。",
    HTTPStatus.METHOD_NOT_ALLOWED: "この操作はできません。",
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "送られた内容が大きすぎます。",
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE: "内容の形式が正しくありません。",
    HTTPStatus.INTERNAL_SERVER_ERROR: "申し訳ありません。問題が起きました。",
}


def problem(status: int, detail: str, *, reference: str = "") -> web.Response:
    """One problem: what went wrong for the reader, and a number to ask about it."""
    body = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": int(status),
        "detail": detail,
        "reference": reference or new_reference(),
    }
    text = json.dumps(body, ensure_ascii=False)
    return web.Response(status=status, text=text, content_type="application/problem+json")


def new_reference() -> str:
    """A short number that a member can read out and staff find in the log."""
    return secrets.token_hex(4)


@web.middleware
async def problems(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Makes a problem of every error of the API, and of every unforeseen error on any path."""
    try:
        return await handler(request)
    except web.HTTPException as error:
        if error.status < HTTPStatus.BAD_REQUEST or not request.path.startswith(API):
            raise
        return _told(request, error.status, _DETAILS.get(error.status, error.reason), type(error).__name__)
    except MadoguchiError as error:
        for kind, status, detail in _TRANSLATIONS:
            if isinstance(error, kind):
                wait = error.seconds if isinstance(error, LimitIsReachedError) else _RETRY_SECONDS
                return _told(request, status, detail or str(error), type(error).__name__, wait=wait)
        return _unforeseen(error)
    except Exception as error:  # noqa: BLE001 - the last edge: nobody behind it would answer the member
        return _unforeseen(error)


def _told(request: web.Request, status: int, detail: str, error: str, *, wait: int = _RETRY_SECONDS) -> web.Response:
    reference = new_reference()
    log.info("request_refused", status=int(status), reference=reference, error=error)
    if status not in _WORTH_A_RETRY:
        return problem(status, detail, reference=reference)
    if not wants_page(request) or request.path.startswith(API):
        response = problem(status, detail, reference=reference)
    elif status == HTTPStatus.TOO_MANY_REQUESTS:
        response = too_many_page(request, detail=detail, reference=reference)
    else:
        response = busy_page(request, reference=reference)
    response.headers[hdrs.RETRY_AFTER] = str(wait)
    return response


def _unforeseen(error: Exception) -> web.Response:
    reference = new_reference()
    log.error("request_failed", reference=reference, exc_info=error)
    status = HTTPStatus.INTERNAL_SERVER_ERROR
    return problem(status, _DETAILS[status], reference=reference)
