"""What LINE checks of what it is sent: its published schemas, and the limits that stand in its prose only."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator, ValidationError
from referencing import Registry
from referencing.jsonschema import DRAFT202012

from bot import settings
from bot.channels.fitting import graphemes, utf16_units

Json = dict[str, Any]

_SCHEMAS = "urn:line"
_TEXT_UNITS, _ALT_TEXT, _LABEL, _BUBBLE_BYTES, _URI, _DISPLAY = 5000, 1500, 20, 30 * 1024, 1000, 300


def openapi_folder() -> Path:
    """Where LINE's schemas and events should lie."""
    return Path(os.environ.get("LINE_OPENAPI_DIR") or settings.load().shared / "line-openapi")


def published_folder() -> Path:
    """Where LINE's schemas and events lie; a test that needs them is skipped without."""
    folder = openapi_folder()
    if not folder.is_dir():
        pytest.skip(f"{folder} is not there")
    return folder


class Schemas:
    """LINE's published schemas; a schema that is chosen by a field's value is checked as the chosen one too."""

    def __init__(self, openapi: Path) -> None:
        document = yaml.load(openapi.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
        self._registry: Registry[Any] = Registry().with_resource(_SCHEMAS, DRAFT202012.create_resource(document))
        self._chosen = document["components"]["schemas"]

    def check(self, name: str, value: Any) -> None:  # noqa: ANN401 - any JSON
        """Raises `ValidationError` when the value is not of the schema, or any message in it is not of its own."""
        reference = {"$ref": f"{_SCHEMAS}#/components/schemas/{name}"}
        Draft202012Validator(reference, registry=self._registry).validate(value)
        for family, part in _chosen_parts(value):
            mapping = self._chosen[family]["discriminator"]["mapping"]
            if part.get("type") not in mapping:
                raise ValidationError(f"{part.get('type')} is no {family}")
            chosen = mapping[part["type"]].rpartition("/")[2]
            reference = {"$ref": f"{_SCHEMAS}#/components/schemas/{chosen}"}
            Draft202012Validator(reference, registry=self._registry).validate(part)
            unknown = set(part) - self._fields(chosen)
            if unknown:
                raise ValidationError(f"{chosen} has no {', '.join(sorted(unknown))}")

    def _fields(self, name: str) -> set[str]:
        schema = self._chosen[name]
        fields = set(schema.get("properties", {}))
        for part in schema.get("allOf", ()):
            fields |= self._fields(part["$ref"].rpartition("/")[2]) if "$ref" in part else set(part["properties"])
        return fields


def prose_fault(messages: list[Json]) -> str:
    """The first breach of a limit that stands in LINE's prose only; empty when there is none."""
    return next((fault for message in messages for fault in _faults(message)), "")


def _chosen_parts(value: Any) -> Iterator[tuple[str, Json]]:  # noqa: ANN401 - any JSON
    for message in value.get("messages", ()) if isinstance(value, dict) else ():
        yield "Message", message
        for item in message.get("quickReply", {}).get("items", ()):
            yield "Action", item["action"]
        if "contents" in message:
            yield "FlexContainer", message["contents"]
            for component in _components(message["contents"]):
                yield "FlexComponent", component
                if "action" in component:
                    yield "Action", component["action"]


def _components(container: Json) -> Iterator[Json]:
    for part in (container.get(name) for name in ("header", "hero", "body", "footer")):
        if part:
            yield part
            yield from _components(part)
    for part in container.get("contents", ()):
        yield part
        yield from _components(part)


def _faults(message: Json) -> Iterator[str]:
    if message["type"] == "text" and not 0 < utf16_units(message["text"]) <= _TEXT_UNITS:
        yield "Length must be between 0 and 5000"
    if message["type"] == "flex":
        yield from _flex_faults(message)
    for item in message.get("quickReply", {}).get("items", ()):
        yield from _action_faults(item["action"])


def _flex_faults(message: Json) -> Iterator[str]:
    if not 0 < len(message["altText"]) <= _ALT_TEXT:
        yield "altText must be between 1 and 1500"
    if len(json.dumps(message["contents"], ensure_ascii=False).encode()) > _BUBBLE_BYTES:
        yield "the bubble is too large"
    for component in _components(message["contents"]):
        if component["type"] == "text" and not component.get("text"):
            yield "text must be non-empty"
        if component["type"] == "box" and not component["contents"]:
            yield "a box must hold something"
        if "action" in component:
            yield from _action_faults(component["action"])


def _action_faults(action: Json) -> Iterator[str]:
    if not 0 < len(graphemes(action["label"])) <= _LABEL:
        yield "label too long"
    if len(action.get("uri", "")) > _URI:
        yield "uri too long"
    if len(graphemes(action.get("displayText", ""))) > _DISPLAY:
        yield "displayText too long"
