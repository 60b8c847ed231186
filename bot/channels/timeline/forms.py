"""Reads what the forms of the request's page send; files are read into memory and never touch a disk unsealed."""

from __future__ import annotations

from aiohttp import BodyPartReader, web

from bot.channels.raw_body import read_form, storable
from bot.channels.website.guards import comes_from_here
from bot.register.thread.handing_in import HandedIn
from bot.register.thread.models import LARGEST_FILE, FilePurpose

Fields = dict[str, str]

_LARGEST_BODY = 4 * LARGEST_FILE
_LARGEST_FIELD = 1024
_MOST_PARTS = 10


async def read_fields(request: web.Request) -> Fields:
    """The fields of a form without a file.

    Raises:
        web.HTTPForbidden: another site's page sent it.
    """
    _require_own_page(request)
    return {name: storable(value) for name, value in (await read_form(request)).items() if isinstance(value, str)}


async def read_upload(request: web.Request) -> tuple[Fields, HandedIn]:
    """The fields of a form with a file, and the file, of which no more than one byte too much is kept.

    A browser that sends a file which is somewhat too large gets to hear so, since the rest is read and dropped.

    Raises:
        web.HTTPForbidden: another site's page sent it.
        web.HTTPBadRequest: it is no such form.
        web.HTTPRequestEntityTooLarge: it is larger by far than a file may be.
    """
    _require_own_page(request)
    if request.content_type != "multipart/form-data" or (request.content_length or 0) > _LARGEST_BODY:
        raise _refusal(request)
    fields: Fields = {}
    name, media_type, content = "", "", b""
    try:
        reader = await request.multipart()
        for _ in range(_MOST_PARTS):
            part = await reader.next()
            if not isinstance(part, BodyPartReader):
                break
            if part.filename is None:
                fields[part.name or ""] = storable((await _limited(part, _LARGEST_FIELD)).decode("utf-8", "replace"))
            else:
                name, media_type = part.filename, part.headers.get("Content-Type", "")
                content = await _limited(part, LARGEST_FILE)
    except ValueError:
        raise web.HTTPBadRequest from None
    return fields, HandedIn(_purpose(fields), name, media_type, content)


async def _limited(part: BodyPartReader, limit: int) -> bytes:
    kept = bytearray()
    dropped = 0
    while chunk := await part.read_chunk():
        room = max(0, limit + 1 - len(kept))
        kept += chunk[:room]
        dropped += max(0, len(chunk) - room)
        if dropped > _LARGEST_BODY:
            raise web.HTTPRequestEntityTooLarge(max_size=_LARGEST_BODY, actual_size=_LARGEST_BODY + dropped)
    return bytes(kept)


def _purpose(fields: Fields) -> FilePurpose:
    try:
        purpose = FilePurpose(fields.get("purpose", ""))
    except ValueError:
        raise web.HTTPBadRequest from None
    if purpose not in (FilePurpose.IDENTITY, FilePurpose.EVIDENCE):
        raise web.HTTPBadRequest
    return purpose


def _refusal(request: web.Request) -> web.HTTPException:
    if request.content_type != "multipart/form-data":
        return web.HTTPUnsupportedMediaType()
    size = request.content_length or 0
    return web.HTTPRequestEntityTooLarge(max_size=_LARGEST_BODY, actual_size=size)


def _require_own_page(request: web.Request) -> None:
    if not comes_from_here(request):
        raise web.HTTPForbidden(text="この操作は、ご請求のページのボタンから行ってください。")
