"""Reads what the secure page sends: fields, and files part by part, each within its limits.

A file is neither opened nor rendered: its first bytes say what it is, and it goes sealed into the register.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from aiohttp import BodyPartReader, web

from bot.channels.raw_body import read_form, storable
from bot.register.thread.file_types import is_taken, media_type_of
from bot.register.thread.models import LARGEST_FILE, FilePurpose

MOST_FILES = 5
MULTIPART = "multipart/form-data"

FILE_FIELDS = {"evidence_files": FilePurpose.EVIDENCE, "identity_files": FilePurpose.IDENTITY}

_MOST_PARTS = 100
_CHUNK = 64 * 1024
# A browser that gets its answer before it has sent everything shows an error of its own, and what was typed is lost.
# So what is too large is read on and thrown away, up to this.
_MOST_BYTES = 2 * MOST_FILES * LARGEST_FILE


@dataclass(frozen=True)
class Upload:
    """One file that can be stored."""

    purpose: FilePurpose
    name: str = field(repr=False)
    media_type: str
    content: bytes = field(repr=False)


@dataclass
class Submitted:
    """What was sent; `faults` names the fields of files that cannot be taken: too_large, wrong_type or too_many."""

    fields: dict[str, str] = field(repr=False, default_factory=dict)
    uploads: list[Upload] = field(default_factory=list)
    faults: dict[str, str] = field(default_factory=dict)


async def read_submitted(request: web.Request) -> Submitted:
    """The fields and files of a form.

    Raises:
        web.HTTPRequestEntityTooLarge: more than a form of ours with all its files can be.
        web.HTTPBadRequest: it is no form.
    """
    if request.content_type != MULTIPART:
        form = await read_form(request)
        return Submitted({name: storable(value) for name, value in form.items() if isinstance(value, str)})
    try:
        return await _read_parts(request)
    except ValueError:
        raise web.HTTPBadRequest from None


async def _read_parts(request: web.Request) -> Submitted:
    submitted, total = Submitted(), 0
    reader = await request.multipart()
    for _ in range(_MOST_PARTS):
        part = await reader.next()
        if part is None:
            return submitted
        if not isinstance(part, BodyPartReader) or part.name is None:
            raise web.HTTPBadRequest
        if part.name in FILE_FIELDS:
            total += await _read_file(part, part.name, submitted, room=_MOST_BYTES - total)
        else:
            # The application's limit of a body holds for each field.
            submitted.fields[part.name] = storable((await part.read()).decode("utf-8", "replace"))
    raise web.HTTPBadRequest


async def _read_file(part: BodyPartReader, name: str, submitted: Submitted, *, room: int) -> int:
    """Takes a file or notes its fault; gives the number of bytes that were read."""
    content, size = bytearray(), 0
    while chunk := await part.read_chunk(_CHUNK):
        size += len(chunk)
        if size > room:
            raise web.HTTPRequestEntityTooLarge(max_size=_MOST_BYTES)
        if size <= LARGEST_FILE:
            content += chunk
    if size == 0:
        # A field without a file is sent as an empty one.
        return 0
    upload = Upload(FILE_FIELDS[name], part.filename or "", part.headers.get("Content-Type", ""), bytes(content))
    fault = _fault(upload, size, submitted.uploads)
    if fault is None:
        submitted.uploads.append(upload)
    else:
        submitted.faults.setdefault(name, fault)
    return size


def _fault(upload: Upload, size: int, before: Iterable[Upload]) -> str | None:
    if size > LARGEST_FILE:
        return "too_large"
    media_type = media_type_of(upload.name, upload.media_type, upload.content)
    if media_type is None or not is_taken(media_type, upload.purpose):
        return "wrong_type"
    return "too_many" if len(list(before)) >= MOST_FILES else None
