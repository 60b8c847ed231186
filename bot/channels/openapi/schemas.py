"""The shapes in the document, taken from the models that check or write the very bodies wherever there is one."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

from pydantic import TypeAdapter

from bot.channels.slack.shapes import BlockActions, EventCallback
from bot.channels.website.bodies import POSTED, VERDICT
from bot.channels.website.problems import Problem
from bot.message import Message

Schema = dict[str, Any]

REF = "#/components/schemas/{model}"
_TEXT: Schema = {"type": "string"}
_MOMENT: Schema = {"type": "string", "format": "date-time", "description": "With the offset of Asia/Tokyo."}


def schemas() -> dict[str, Schema]:
    """Every named shape."""
    found = {"Nothing": _object({}, description="No field is read.", others=True), **_bodies(), **_answers()}
    return dict(sorted(found.items()))


def _bodies() -> dict[str, Schema]:
    found: dict[str, Schema] = {}
    for name, adapter in (
        ("Posted", POSTED),
        ("Verdict", VERDICT),
        ("SlackEventCallback", TypeAdapter(EventCallback)),
        ("SlackBlockActions", TypeAdapter(BlockActions)),
    ):
        schema = adapter.json_schema(ref_template=REF)
        found |= schema.pop("$defs", {})
        found[name] = schema
    # A handshake and events of other sorts come through the same door, and Bolt answers them.
    found["SlackEvents"] = {"anyOf": [_ref("SlackEventCallback"), _object({"type": _TEXT}, others=True)]}
    found["SlackInteraction"] = _object(
        {
            "payload": {
                "type": "string",
                "contentMediaType": "application/json",
                "contentSchema": _ref("SlackBlockActions"),
            }
        },
        others=True,
    )
    # LINE adds fields and events without notice, and events that cannot be read are passed over one by one.
    found["LineWebhook"] = _object({"events": {"type": "array", "items": {}}}, others=True)
    found["Form"] = {
        "type": "object",
        "description": "The fields of our own page; `step` names the button.",
        "properties": {"step": _TEXT},
        "additionalProperties": _TEXT,
    }
    found["File"] = _object(
        {
            "request": _TEXT,
            "purpose": {"enum": ["identity", "evidence"]},
            "file": {"type": "string", "contentMediaType": "application/octet-stream"},
        },
        others=True,
    )
    return found


def _answers() -> dict[str, Schema]:
    message = Message.model_json_schema(mode="serialization", ref_template=REF)
    parts: dict[str, Schema] = message.pop("$defs")
    return {
        **parts,
        "Choice": _object({"id": _TEXT, "title": _TEXT}, description="A button; `id` counts in this conversation."),
        "Message": _public(message),
        "MemberLine": _object(
            {"kind": {"const": "member"}, "text": _TEXT, "id": _TEXT, "at": _MOMENT},
            description="What the member typed or chose.",
        ),
        "Messages": _object({"messages": {"type": "array", "items": {"anyOf": [_ref("Message"), _ref("MemberLine")]}}}),
        "Begun": _object({"conversation": _TEXT, "messages": {"type": "array", "items": _ref("Message")}}),
        "Problem": TypeAdapter(Problem).json_schema(ref_template=REF),
        "Alive": _object({"status": {"const": "alive"}}),
        "Ready": _object(
            {
                "status": {"enum": ["ready", "not ready"]},
                "checks": {"type": "object", "additionalProperties": {"type": "boolean"}},
                "release": _object({"number": {}, "fault": {}}, description="The release of the policy in force."),
            }
        ),
    }


def _public(message: Schema) -> Schema:
    """What a member's client gets of a message: see `Message.to_public`, and `id` and `at` of a line that is kept."""
    public = deepcopy(message)
    for private in ("context", "trace"):
        del public["properties"][private]
    for optional in public["properties"].values():
        optional.pop("default", None)
    public["properties"] |= {
        "text": {"type": "string", "description": "The parts as plain text."},
        "id": _TEXT,
        "at": _MOMENT,
        "feedback": _ref("Verdict"),
    }
    public["required"] = ["kind", "parts", "text"]
    public["description"] = "One message to a member: typed parts, and what is set besides; the rest is left out."
    return public


def _ref(name: str) -> Schema:
    return {"$ref": REF.format(model=name)}


def _object(properties: dict[str, Schema], *, description: str = "", others: bool = False) -> Schema:
    said = {"description": description} if description else {}
    return {
        "type": "object",
        **said,
        "properties": properties,
        "required": list(properties),
        "additionalProperties": others,
    }
