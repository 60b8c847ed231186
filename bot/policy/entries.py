"""Reads the lists that people write beside a policy: answer cards, gaps. Faults name file, line and entry."""

from __future__ import annotations

from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from bot.policy.faults import EncodingIsWrongError, EntryIsWrongError
from bot.yaml_text import LOADER


class Entry(BaseModel):
    """One entry; its id names it in reports and traces."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str = Field(pattern=r"^[a-z0-9][a-z0-9_-]*$")


E = TypeVar("E", bound=Entry)


def read_entries(path: Path, shape: type[E]) -> tuple[E, ...]:
    """Every entry of a YAML list, in its order; none when there is no such file.

    Raises:
        EntryIsWrongError: no YAML, no list, an entry that lacks something, or an id that is used twice.
        EncodingIsWrongError: it is not UTF-8.
    """
    values = read_values(path)
    entries = tuple(_entry(path, line, value, shape) for line, value in values)
    seen: set[str] = set()
    for (line, _), entry in zip(values, entries, strict=True):
        if entry.id in seen:
            raise EntryIsWrongError(path, line, "the id is used twice", where=[entry.id])
        seen.add(entry.id)
    return entries


def read_values(path: Path) -> list[tuple[int, Any]]:
    """The line that each value of a YAML list begins in, and the value; none when there is no such file.

    Raises:
        EntryIsWrongError: no YAML, or no list.
        EncodingIsWrongError: it is not UTF-8.
    """
    return list(zip(*reversed(_parsed(path)), strict=True)) if path.is_file() else []


def _parsed(path: Path) -> tuple[list[Any], list[int]]:
    """The values of the list and the line each begins in."""
    try:
        loader = LOADER(path.read_text(encoding="utf-8"))
        root = loader.get_single_node()
        values = loader.construct_document(root) if root is not None else None
    except UnicodeDecodeError as error:
        raise EncodingIsWrongError(path, error.start) from None
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise EntryIsWrongError(path, line, f"no YAML: {error.problem or error.context}") from None
    # A day that no calendar has is a ValueError, lists in lists without end are too deep for the loader.
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise EntryIsWrongError(path, 1, f"no YAML: {' '.join(str(error).split())}") from None
    if root is None or values is None:
        return [], []
    if not isinstance(values, list):
        raise EntryIsWrongError(path, root.start_mark.line + 1, "a list of entries is expected, each beginning with -")
    return values, [node.start_mark.line + 1 for node in root.value]


def _entry(path: Path, line: int, value: Any, shape: type[E]) -> E:  # noqa: ANN401 - whatever a person wrote
    try:
        return shape.model_validate(value)
    except ValidationError as error:
        fault = error.errors()[0]
        name = value.get("id", "") if isinstance(value, dict) else ""
        where = [str(name), *map(str, fault["loc"])] if name else list(map(str, fault["loc"]))
        raise EntryIsWrongError(path, line, fault["msg"], where=where) from None
