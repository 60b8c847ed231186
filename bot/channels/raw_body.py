"""Reads the bytes of a signed request: a signature covers exactly these, so nothing may decode them before."""

from __future__ import annotations

from aiohttp import web


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
