"""What is asked for on the bad day: a time, and whoever or whatever the data may have gone through."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from bot.errors import BadInputError
from bot.storage.period_keys import PeriodKeys

_STAFF = "staff:"
_ID_DIGITS = 16


@dataclass(frozen=True)
class Filters:
    """Whose data, and when; what any one of the rest names is affected, and without any all that could be read then.

    Attributes:
        controller: the company's.
        since: the first moment.
        until: the first moment after.
        actors: people of the staff, as trails name them.
        keys: ids of keys.
        channels: names of channels.
    """

    controller: str
    since: datetime
    until: datetime
    actors: tuple[str, ...] = ()
    keys: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()

    @property
    def is_everything(self) -> bool:
        """Whether nothing narrows the time down."""
        return not (self.actors or self.keys or self.channels)

    def told(self) -> dict[str, Any]:
        """What is kept of it, beside the time."""
        return {"actors": list(self.actors), "keys": list(self.keys), "channels": list(self.channels)}


def with_period_keys(filters: Filters, period_keys: PeriodKeys | None) -> Filters:
    """The same with the period keys that the leaked keys of the settings open: they are as good as leaked."""
    opened = [] if period_keys is None else [key.name for id_ in filters.keys for key in period_keys.wrapped_by(id_)]
    return replace(filters, keys=tuple(dict.fromkeys((*filters.keys, *opened))))


def read_filters(
    controller: str,
    since: datetime,
    until: datetime,
    *,
    actors: list[str] | None = None,
    keys: list[str] | None = None,
    channels: list[str] | None = None,
) -> Filters:
    """The filters as somebody typed them.

    Raises:
        BadInputError: the time has no length, or a key's id is none.
    """
    if since >= until:
        raise BadInputError("the time ends before it begins")
    for key in keys or ():
        if len(key) != _ID_DIGITS or not set(key) <= set("0123456789abcdef"):
            raise BadInputError(f"{key!r} is no id of a key: 16 digits, as `madoguchi keys` shows them")
    named = tuple(_STAFF + actor.removeprefix(_STAFF) for actor in actors or ())
    return Filters(controller, since, until, named, tuple(keys or ()), tuple(channels or ()))
