"""Trails as chains: every event holds the hash of the one before, so that what was changed later shows.

A hash here is no signature. What `faults_of` finds, and what it cannot find, is said there.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from functools import lru_cache
from hashlib import sha256
from json.encoder import encode_basestring
from typing import NamedTuple

FIRST_HASH = "0" * 64
"""What the first event of a chain follows."""

_TELL_EVERY = 5000


class Fault(StrEnum):
    """What is wrong at one place of a chain.

    Attributes:
        CHANGED: the event says something else than when it was written.
        UNLINKED: the event does not follow the one before it.
        MISSING: one or more events are gone before this place.
        FOREIGN: an event stands where no chain has a place, or belongs to nothing.
        CUT: events at the end are gone, as the head still knows.
        BEYOND: the chain goes on after the end that the head knows.
        HEADLESS: the chain has no head, or its head names another end.
        REPLACED: the chain is another one than a digest that was kept elsewhere knows.
    """

    CHANGED = "changed"
    UNLINKED = "unlinked"
    MISSING = "missing"
    FOREIGN = "foreign"
    CUT = "cut"
    BEYOND = "beyond"
    HEADLESS = "headless"
    REPLACED = "replaced"


@dataclass(frozen=True)
class Head:
    """The end of a chain, as it is kept apart from the events."""

    position: int
    hash: str


class Link(NamedTuple):
    """One event of a chain: where it stands, what it claims, and the hash of what it says."""

    position: int
    prev_hash: str
    hash: str
    true_hash: str


@dataclass(frozen=True)
class Broken:
    """One place at which a chain is not what was written."""

    position: int
    fault: Fault


@dataclass(frozen=True)
class BrokenTrail:
    """One broken place, and in whose trail.

    Attributes:
        trail: a request's number, a company, or the id of an event that belongs to nothing.
        place: where, and what is wrong there.
    """

    trail: str
    place: Broken


class Counted:
    """How many events were looked at so far.

    Args:
        told: called now and then with that number.
    """

    def __init__(self, told: Callable[[int], object] = lambda _events: None) -> None:
        self.events = 0
        self._told = told

    def add(self) -> None:
        """One more."""
        self.events += 1
        if self.events % _TELL_EVERY == 0:
            self._told(self.events)


def hash_of(said: Sequence[str | int | Sequence[str] | None]) -> str:
    """The hash of an event: over everything it says and the hash before it, as JSON without blanks (SHA-256)."""
    spelt = [encode_basestring(value) if value.__class__ is str else _json(value) for value in said]
    return sha256(f"[{','.join(spelt)}]".encode()).hexdigest()


def _json(value: str | int | Sequence[str] | None) -> str:
    # What `json` makes of these few types, without building an encoder for each of a million events.
    if value is None:
        return "null"
    if isinstance(value, int):
        return str(value)
    return encode_basestring(value) if isinstance(value, str) else f"[{','.join(map(encode_basestring, value))}]"


@lru_cache(maxsize=4096)
def spelled_fields(stored: str) -> str:
    """An event's column `fields`, read as text, as it goes into a hash: a few lists are those of many events.

    What is no list of names any more is spelt as one text, which no list is, so that the hash tells.
    """
    try:
        names = json.loads(stored)
    except ValueError:
        return encode_basestring(stored)
    is_list = isinstance(names, list) and all(isinstance(name, str) for name in names)
    return _json(names) if is_list else encode_basestring(stored)


def spelled(moment: datetime) -> str:
    """A moment as it goes into a hash: in UTC, with its microseconds, the same from every database."""
    known = moment if moment.tzinfo is UTC else moment.astimezone(UTC)
    return known.isoformat(timespec="microseconds")


def hash_of_plain(text: str, quotes: int) -> str | None:
    """The hash of an event's JSON that was put together without escaping anything, which takes a third of the time.

    Args:
        text: the JSON.
        quotes: how many quotation marks it has if no column holds one.

    Returns:
        None when some column may hold what JSON escapes, so that the text may not be the true one.
    """
    is_plain = text.count('"') == quotes and "\\" not in text and text.isprintable()
    return sha256(text.encode()).hexdigest() if is_plain else None


def hash_of_stored(before: Sequence[str | int | None], fields: str, after: Sequence[str | None]) -> str:
    """As `hash_of`, from columns as they are stored, those before `fields` and those after: moments are spelt already.

    A column that somebody gave another type, as SQLite lets them, makes the empty hash, which is nobody's.
    """
    try:
        spelt = [encode_basestring(value) if value.__class__ is str else _json(value) for value in before]
        spelt.append(spelled_fields(fields))
        spelt += [encode_basestring(value) if value.__class__ is str else _json(value) for value in after]
    except TypeError:
        return ""
    return sha256(f"[{','.join(spelt)}]".encode()).hexdigest()


def faults_of(links: Iterable[Link], head: Head | None) -> Iterator[Broken]:
    """Every place at which a chain is broken; it holds one event at a time.

    An event that was edited, removed, put in, or moved shows at its place or at the next one, since each hash covers
    its own place and the hash before. That the last events were removed shows by the head, which is kept apart.

    What no look at this database alone can find: somebody who may write everything edits an event and works out every
    later hash and the head anew, cuts the tail and sets the head back, or removes a chain together with its head and
    whatever it belongs to. The hashes are not keyed, since the key would lie where such a person sits. Against that
    helps a digest of all heads that is kept elsewhere, regularly (`bot.register.digests`): it shows everything older
    than itself.

    Args:
        links: the events in the order of their positions.
        head: where the chain ends, read in the same snapshot; None where there is none.
    """
    position, before = 0, FIRST_HASH
    for link in links:
        if link.position <= position:
            yield Broken(link.position, Fault.FOREIGN)
            continue
        if link.position > position + 1:
            yield Broken(position + 1, Fault.MISSING)
        elif link.prev_hash != before:
            yield Broken(link.position, Fault.UNLINKED)
        if link.true_hash != link.hash:
            yield Broken(link.position, Fault.CHANGED)
        position, before = link.position, link.hash
    yield from _end_of(position, before, head)


def _end_of(position: int, last_hash: str, head: Head | None) -> Iterator[Broken]:
    if head is None:
        if position:
            yield Broken(position, Fault.HEADLESS)
    elif head.position > position:
        yield Broken(position + 1, Fault.CUT)
    elif head.position < position:
        yield Broken(head.position + 1, Fault.BEYOND)
    elif head.hash != last_hash:
        yield Broken(position, Fault.HEADLESS)
