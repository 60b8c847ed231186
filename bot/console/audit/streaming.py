"""A file that is sent while it is made."""

from __future__ import annotations

import asyncio
from collections.abc import Generator
from threading import Lock

from aiohttp import web

_END = object()


class _Source:
    """What makes the pieces, in one thread at a time: whoever goes away while one is made must not leave it open."""

    def __init__(self, pieces: Generator[bytes, None, None]) -> None:
        self._pieces = pieces
        self._lock = Lock()

    def take(self) -> object:
        with self._lock:
            return next(self._pieces, _END)

    def close(self) -> None:
        with self._lock:
            self._pieces.close()


async def send(
    request: web.Request, pieces: Generator[bytes, None, None], *, media_type: str, file_name: str
) -> web.StreamResponse:
    """Sends the pieces as one file, each made in a thread when the one before has gone out.

    What fails in the middle breaks the connection: half a file must not look like a whole one. Whatever the pieces hold
    open, such as a transaction, ends with the answer, also when nobody waits for it any more.

    Args:
        request: what is answered.
        pieces: some may be empty.
        media_type: of the file, without parameters; text is UTF-8.
        file_name: ASCII.
    """
    response = web.StreamResponse()
    response.content_type = media_type
    if media_type.startswith("text/"):
        response.charset = "utf-8"
    response.headers["Content-Disposition"] = f'attachment; filename="{file_name}"'
    source = _Source(pieces)
    try:
        await response.prepare(request)
        while isinstance(piece := await asyncio.to_thread(source.take), bytes):
            if piece:
                await response.write(piece)
    except Exception:
        if request.transport is not None:
            request.transport.abort()
        raise
    finally:
        await asyncio.to_thread(source.close)
    await response.write_eof()
    return response
