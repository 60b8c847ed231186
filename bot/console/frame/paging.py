"""Lists in pages, by the place of the last row and not by counting: the hundredth page costs what the first does."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from bot.errors import BadInputError

Row = TypeVar("Row")
PAGE_ROWS = 50


class PlaceIsWrongError(BadInputError):
    """An address names a place in a list that there is not."""


@dataclass(frozen=True)
class PageOf(Generic[Row]):
    """Some rows of a list, and where to go on; `following` is empty at the end."""

    rows: Sequence[Row]
    following: str


def cut(rows: Sequence[Row], place: Callable[[Row], Sequence[str | int | None]], size: int = PAGE_ROWS) -> PageOf[Row]:
    """A page of `size` rows out of a query that asked for one more.

    Args:
        rows: what the query gave, `size` + 1 at most.
        place: the values that a row is sorted by, its id last; opaque and impersonal, since they stand in addresses.
        size: of a page.
    """
    shown = rows[:size]
    return PageOf(shown, spell(place(shown[-1])) if len(rows) > size else "")


def spell(place: Sequence[str | int | None]) -> str:
    """A place as it stands in an address."""
    return base64.urlsafe_b64encode(json.dumps(list(place)).encode()).decode().rstrip("=")


def read(text: str, length: int) -> list[str | int | None] | None:
    """The place that an address names; None when it names none.

    Raises:
        PlaceIsWrongError: it is no place of a list that is sorted by `length` values.
    """
    if not text:
        return None
    try:
        place = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    except (ValueError, binascii.Error):
        raise PlaceIsWrongError("一覧の続きの指定が正しくありません") from None
    if not isinstance(place, list) or len(place) != length or not all(_is_value(value) for value in place):
        raise PlaceIsWrongError("一覧の続きの指定が正しくありません")
    return place


def _is_value(value: object) -> bool:
    return value is None or (isinstance(value, (str, int)) and not isinstance(value, bool))
