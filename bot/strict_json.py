"""JSON from outside, read once and without room for two meanings (RFC 8259; OWASP ASVS 5.0, 1.5.3 and 2.2.1).

Two programs that read one document must not see two: of keys that are named twice one takes the first and the other
the last, and `NaN` is JSON to Python alone. What is nested beyond reason serves to tire whoever reads it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any, NoReturn

DEEPEST = 32
"""Levels of lists and objects; the chat API needs one, LINE's events six and Slack's a dozen."""


class JsonIsUnusableError(ValueError):
    """It is no JSON, or JSON that could be read in two ways; the message holds nothing of it."""


def loads(text: str | bytes) -> Any:  # noqa: ANN401 - any JSON value
    """The value.

    Raises:
        JsonIsUnusableError: it is no JSON, names a key twice, or is nested more deeply than `DEEPEST`.
    """
    try:
        value = json.loads(text, object_pairs_hook=_of_distinct, parse_constant=_refuse)
    except (ValueError, RecursionError):
        # The parser's own words would repeat a piece of it.
        raise JsonIsUnusableError("no JSON that has one meaning") from None
    if _is_deeper(value, DEEPEST):
        raise JsonIsUnusableError(f"nested more than {DEEPEST} levels")
    return value


def _of_distinct(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise JsonIsUnusableError("a key stands twice")
    return found


def _refuse(_constant: str) -> NoReturn:
    raise JsonIsUnusableError("NaN and Infinity are no JSON")


def _is_deeper(value: object, most: int) -> bool:
    """Level by level, so that no recursion of ours has to hold what the parser's did."""
    level = _lists_and_objects([value])
    for _ in range(most):
        level = _lists_and_objects(inner for outer in level for inner in _inside(outer))
    return bool(level)


def _lists_and_objects(values: Iterable[object]) -> list[dict[str, object] | list[object]]:
    return [value for value in values if isinstance(value, dict | list)]


def _inside(value: dict[str, object] | list[object]) -> Iterable[object]:
    return value.values() if isinstance(value, dict) else value
