"""Known gaps: what members ask and the policy does not say, each with the nearest true words and a desk.

`gaps.yml` of a policy's folder holds them.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from pydantic import Field

from bot.policy.cards import Words
from bot.policy.citations import find_range
from bot.policy.entries import Entry, read_entries
from bot.policy.faults import QuoteIsMissingError
from bot.policy.model import Policy

FILE_NAME = "gaps.yml"
Range = tuple[int, int]


class GapEntry(Entry):
    """A gap as it is written.

    Attributes:
        label: what is missing, as a member reads it.
        questions: ways in which members ask for it.
        nearest: the words of the policy that come nearest, character for character; empty when none do.
        desk: id of the desk in `desk.yml` that knows; empty for the usual one.
    """

    label: Words
    questions: tuple[Words, ...] = Field(min_length=3)
    nearest: str = ""
    desk: str = ""


@dataclass(frozen=True)
class Gap:
    """A gap beside one version of its policy.

    Attributes:
        entry: what is written.
        nearest: where the nearest words stand; None when there are none, or this version does not say them.
        lost: whether `entry.nearest` is not said by this version.
    """

    entry: GapEntry
    nearest: Range | None
    lost: bool = False

    @property
    def id(self) -> str:
        """Its name in the file."""
        return self.entry.id

    @property
    def places(self) -> tuple[Range, ...]:
        """Where the policy comes nearest to it."""
        return (self.nearest,) if self.nearest else ()


@dataclass(frozen=True)
class Gaps:
    """Every gap of a policy, in the order of the file."""

    all: tuple[Gap, ...] = ()

    @property
    def lost(self) -> tuple[Gap, ...]:
        """Those whose nearest words this version does not say any more."""
        return tuple(gap for gap in self.all if gap.lost)


def load_gaps(folder: Path, policy: Policy) -> Gaps:
    """The gaps of a policy's folder, beside this version; none when the folder has no such file.

    Raises:
        BadInputError: the file cannot be read; the message names line, gap and fault.
    """
    return Gaps(tuple(_placed(entry, policy) for entry in read_entries(folder / FILE_NAME, GapEntry)))


def _placed(entry: GapEntry, policy: Policy) -> Gap:
    if not entry.nearest:
        return Gap(entry, None)
    try:
        return Gap(entry, find_range(policy, entry.nearest))
    except QuoteIsMissingError:
        return Gap(entry, None, lost=True)
