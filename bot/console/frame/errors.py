"""What the domain refuses becomes a page, once, here; what nobody foresaw becomes a page with a reference."""

from __future__ import annotations

import secrets
from http import HTTPStatus

import structlog
from aiohttp import web
from aiohttp.typedefs import Handler

from bot.console.frame.rendering import notice_page
from bot.errors import BadInputError, UnavailableError
from bot.logs import frames
from bot.staff.accounts import AccountIsUnknownError

_LOG = structlog.get_logger(__name__)


@web.middleware
async def tell_errors(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Pages for every failure; handlers catch what they can show better beside their form."""
    try:
        return await handler(request)
    except web.HTTPNotFound:
        return notice_page(request, "このページはありません。", HTTPStatus.NOT_FOUND)
    except web.HTTPRequestEntityTooLarge:
        return notice_page(request, "送られた内容が大きすぎます。", HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
    except BadInputError as error:
        status = HTTPStatus.NOT_FOUND if isinstance(error, AccountIsUnknownError) else HTTPStatus.BAD_REQUEST
        return notice_page(request, f"この操作はできませんでした：{error.told}", status)
    except UnavailableError:
        return notice_page(
            request,
            "ただいま混み合っているか、一部の機能が止まっています。少し待ってお試しください。",
            HTTPStatus.SERVICE_UNAVAILABLE,
        )
    except web.HTTPException:
        raise
    except Exception as error:  # noqa: BLE001 - the last place: a page with a reference instead of a bare line
        reference = secrets.token_hex(4)
        # The error's text may hold what a form sent.
        facts = {"error": type(error).__name__, "frames": frames(error)}
        _LOG.error("console_page_failed", reference=reference, method=request.method, **facts)
        return notice_page(
            request,
            f"予期しない問題が起きました。管理者に番号をお伝えください：{reference}",
            HTTPStatus.INTERNAL_SERVER_ERROR,
        )
