"""What a form sent, read as text and files; limits first, so that nothing is kept of what is too much."""

from __future__ import annotations

from dataclasses import dataclass

from aiohttp import web

from bot.channels.raw_body import storable
from bot.errors import BadInputError


class FormIsWrongError(BadInputError):
    """A field is missing or too long; the text is for the person who filled it in."""


@dataclass(frozen=True)
class Upload:
    """A file as the browser sent it: name and type are the browser's claims."""

    name: str
    media_type: str
    content: bytes


async def field(request: web.Request, name: str, *, most: int = 10_000, needed: str = "") -> str:
    """One text of a form, with its line ends as Python's and without blanks around it.

    Args:
        request: a post.
        name: of the field.
        most: how many characters at most.
        needed: how staff know the field; when given, an empty one is refused by this name.

    Raises:
        FormIsWrongError: it is empty though needed, or too long.
    """
    given = (await request.post()).get(name, "")
    text = storable(given).replace("\r\n", "\n").strip() if isinstance(given, str) else ""
    if needed and not text:
        raise FormIsWrongError(f"{needed}を入力してください。")
    if len(text) > most:
        raise FormIsWrongError(f"{needed or '入力'}は{most:,}文字以内にしてください。")
    return text


async def fields(request: web.Request, name: str) -> list[str]:
    """Every text of one name: boxes that were ticked."""
    return [storable(value) for value in (await request.post()).getall(name, []) if isinstance(value, str)]


async def upload(request: web.Request, name: str) -> Upload | None:
    """A file of a form; None when none was chosen."""
    given = (await request.post()).get(name)
    if not isinstance(given, web.FileField) or not given.filename:
        return None
    return Upload(given.filename, given.content_type, given.file.read())
