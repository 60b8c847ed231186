"""Reads the lists that people write beside a policy: answer cards, gaps. Faults name file, line and entry."""

from __future__ import annotations

from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from bot.policy.faults import EncodingIsWrongError, EntryIsWrongError

# The loader in C, where PyYAML was built with it, reads a file of a hundred cards ten times as fast.
_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


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
    if not path.is_file():
        return ()
    values, lines = _parsed(path)
    entries = tuple(_entry(path, line, value, shape) for line, value in zip(lines, values, strict=True))
    seen: set[str] = set()
    for line, entry in zip(lines, entries, strict=True):
        if entry.id in seen:
            raise EntryIsWrongError(path, line, f"{entry.id}: the id is used twice")
        seen.add(entry.id)
    return entries


def _parsed(path: Path) -> tuple[list[Any], list[int]]:
    """The values of the list and the line each begins in."""
    try:
        loader = _Loader(path.read_text(encoding="utf-8"))
        root = loader.get_single_node()
        values = loader.construct_document(root) if root is not None else None
    except UnicodeDecodeError as error:
        raise EncodingIsWrongError(path, error.start) from None
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise EntryIsWrongError(path, line, f"no YAML: {error.problem or error.context}") from None
    except (yaml.YAMLError, ValueError) as error:  # a day that no calendar has is a ValueError
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
        raise EntryIsWrongError(path, line, ": ".join([*where, fault["msg"]])) from None
