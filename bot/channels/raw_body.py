"""Reads bodies that nothing may be taken for granted of.

The bytes of a signed request come as they are: a signature covers exactly these, so nothing may decode them before.
"""

from __future__ import annotations

from aiohttp import web
from aiohttp.web_request import FileField
from multidict import MultiDictProxy


async def read_body(request: web.Request, most: int) -> bytes:
    """The body as it came; not more of it is held in memory than may come.

    Raises:
        HTTPRequestEntityTooLarge: there are more bytes than `most`.
    """
    body = bytearray()
    async for piece in request.content.iter_any():
        body += piece
        if len(body) > most:
            raise web.HTTPRequestEntityTooLarge(max_size=most, actual_size=len(body))
    return bytes(body)


async def read_form(request: web.Request) -> MultiDictProxy[str | bytes | bytearray | FileField]:
    """The fields of a form.

    Raises:
        HTTPBadRequest: it is none, whatever its type says: without a boundary, in a character set that there is not.
    """
    try:
        return await request.post()
    except (ValueError, LookupError, RuntimeError):
        # The last is what aiohttp raises at a transfer encoding that it does not know.
        raise web.HTTPBadRequest from None


def storable(text: str) -> str:
    """The text without NUL: no field of a page can hold one by typing, and PostgreSQL's text can hold none at all."""
    return text.replace("\0", "")
