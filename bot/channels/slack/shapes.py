"""What must be true of a body of Slack's before anything looks into it: the fields that are read, and their types.

Slack signs what it sends, and adds fields and events without notice: what is not read here may be anything.
https://docs.slack.dev/apis/events-api/ https://docs.slack.dev/reference/interaction-payloads/block_actions-payload/
"""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self
from urllib.parse import parse_qsl

from pydantic import BaseModel, ConfigDict, Discriminator, Field, Tag, TypeAdapter, model_validator

from bot.strict_json import JsonIsUnusableError, loads

Name = Annotated[str, Field(min_length=1, max_length=100, pattern="^[!-~]+$")]
"""One of Slack's ids or timestamps: a few letters, digits and signs."""


_WRITTEN = ("message", "app_mention")


class _Shape(BaseModel):
    model_config = ConfigDict(strict=True, extra="allow")


class Authorization(_Shape):
    """In whose name Slack sends the event."""

    user_id: Name
    is_bot: bool = False


class Written(_Shape):
    """A message, or that the app was mentioned in one."""

    type: Literal["message", "app_mention"]
    ts: Name
    channel: Name
    subtype: str | None = None
    channel_type: str | None = None
    user: Name | None = None
    text: str | None = None
    thread_ts: Name | None = None
    event_ts: Name | None = None
    deleted_ts: Name | None = None
    files: list[Any] | None = None

    @model_validator(mode="after")
    def _a_deletion_names_what_was_deleted(self) -> Self:
        if self.subtype == "message_deleted" and self.deleted_ts is None:
            raise ValueError("a deletion of nothing")
        return self


class Other(_Shape):
    """An event that is noted and not answered."""

    type: str


def _is_written_or_other(event: object) -> str:
    return "written" if isinstance(event, dict) and event.get("type") in _WRITTEN else "other"


class EventCallback(_Shape):
    """What the Events API sends."""

    type: Literal["event_callback"]
    team_id: Name
    event_id: Name
    event: Annotated[
        Annotated[Written, Tag("written")] | Annotated[Other, Tag("other")], Discriminator(_is_written_or_other)
    ]
    authorizations: list[Authorization] | None = None


class Identified(_Shape):
    """Somebody or something that has an id."""

    id: Name


class Shown(_Shape):
    """The post on which a button stands."""

    ts: Name | None = None
    thread_ts: Name | None = None


class Container(_Shape):
    """Where the post stands."""

    message_ts: Name | None = None
    channel_id: Name | None = None


class Action(_Shape):
    """One button that was pressed."""

    action_id: str
    action_ts: Name
    value: Annotated[str, Field(max_length=2000)] | None = None


class BlockActions(_Shape):
    """What a press sends."""

    type: Literal["block_actions"]
    user: Identified
    team: Identified | None = None
    channel: Identified | None = None
    container: Container | None = None
    message: Shown | None = None
    actions: Annotated[list[Action], Field(min_length=1)]


_SHAPES: dict[str, TypeAdapter[Any]] = {
    "event_callback": TypeAdapter(EventCallback),
    "block_actions": TypeAdapter(BlockActions),
}


def require_shape(body: str, content_type: str) -> None:
    """Looks at a body as Bolt will read it.

    Raises:
        JsonIsUnusableError: it is no object, or no JSON of one meaning.
        ValidationError: it lacks what is read of it, or has something else there.
    """
    is_json = content_type == "application/json" or body.startswith("{")
    found = loads(body if is_json else dict(parse_qsl(body, keep_blank_values=True)).get("payload", "{}"))
    if not isinstance(found, dict):
        raise JsonIsUnusableError("no object")
    shape = _SHAPES.get(str(found.get("type")))
    if shape is not None:
        shape.validate_python(found)
