"""One thing that must be so before real requests may be taken."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    """How it stands.

    Attributes:
        GREEN: it is so.
        RED: it is not, or nobody has said so.
        UNKNOWN: what would tell does not answer now.
    """

    GREEN = "green"
    RED = "red"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Item:
    """One line of the list that the owner works off.

    Attributes:
        key: its name for programs; stable.
        group: the heading it stands under.
        title: what must be so.
        state: whether it is.
        found: what was found, in a few words; no secret and nothing personal.
        where: where it is filled in, set or done.
    """

    key: str
    group: str
    title: str
    state: State
    found: str
    where: str

    @property
    def is_red(self) -> bool:
        """Whether it keeps production from starting."""
        return self.state is State.RED


@dataclass(frozen=True)
class Heading:
    """Makes the items of one group."""

    title: str

    def item(self, key: str, title: str, where: str, *, is_so: bool, found: str = "") -> Item:
        """An item that is either so or not; `found` says more than that."""
        state = State.GREEN if is_so else State.RED
        return Item(key, self.title, title, state, found or ("済み" if is_so else "未記入"), where)

    def unknown(self, key: str, title: str, where: str, found: str) -> Item:
        """An item that cannot be looked at now."""
        return Item(key, self.title, title, State.UNKNOWN, found, where)
