"""The bodies that the chat API takes; `bot.channels.openapi` publishes these very shapes, and all else is refused."""

from __future__ import annotations

from typing import Annotated, TypeVar

from aiohttp import web
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from bot.errors import BadInputError
from bot.strict_json import JsonIsUnusableError, loads

_Body = TypeVar("_Body")

_UUID = "-?".join(f"[0-9a-fA-F]{{{length}}}" for length in (8, 4, 4, 4, 12))

ClientId = Annotated[str, Field(pattern=f"^{_UUID}$", description="A new UUID for each message, by the client.")]


class BodyIsUnusableError(BadInputError):
    """The body is not what this call takes; the message says what it takes."""


class _Strict(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid")


class Said(_Strict):
    """What a member typed."""

    id: ClientId
    text: str = Field(description="1,000 characters at most, blanks around them not counted.")
    choice: None = None


class Pressed(_Strict):
    """A choice that was shown in this conversation."""

    id: ClientId
    choice: str = Field(description="The choice's `id`.")
    text: None = None


class Verdict(_Strict):
    """What a member thinks of an answer."""

    helpful: bool


POSTED: TypeAdapter[Said | Pressed] = TypeAdapter(Said | Pressed)
VERDICT: TypeAdapter[Verdict] = TypeAdapter(Verdict)


async def read_json(request: web.Request, shape: TypeAdapter[_Body], *, wanted: str) -> _Body:
    """The body.

    Args:
        request: whose body is read.
        shape: what it must be.
        wanted: what the client is told when it is something else; the validator's own words would repeat the
            member's text.

    Raises:
        BodyIsUnusableError: it is something else.
    """
    try:
        return shape.validate_python(loads(await request.read()))
    except (JsonIsUnusableError, ValidationError):
        raise BodyIsUnusableError(wanted) from None
