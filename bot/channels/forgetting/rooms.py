"""Every purge that runs by itself, with the period that the settings give it; docs/retention.md has them all."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from bot.register import purge as unfiled
from bot.register.forgetting import files, requests
from bot.register.forgetting.hold import is_conversation_in_use
from bot.register.forgetting.periods import periods_of
from bot.register.identity.forgetting import forget_codes
from bot.settings import Settings
from bot.staff import sessions
from bot.storage import conversations, inbox, leases, outbox
from bot.storage.rate_counts import forget_counts

LEASES_LAST = timedelta(days=1)

Purge = Callable[[Session, datetime, int], Mapping[str, int]]
"""Removes what is over at a moment, at most so many rows of a table; gives how many went of which."""


@dataclass(frozen=True)
class Room:
    """One purge.

    Attributes:
        name: of the room.
        purge: what it does.
        is_noted: whether the company's trail is told what went: of whatever is about people.
        first: how many are tried at first; as many follow as a short batch takes.
    """

    name: str
    purge: Purge
    is_noted: bool = True
    first: int = 20


def counted(name: str, purge: Callable[[Session, datetime, int], int]) -> Purge:
    """A purge of one table that only gives a number."""

    def named(session: Session, now: datetime, most: int) -> Mapping[str, int]:
        count = purge(session, now, most)
        return {name: count} if count else {}

    return named


def rooms_of(settings: Settings, controller: str) -> tuple[Room, ...]:
    """The purges of register, storage and staff."""
    kept, sent = timedelta(days=settings.retention_days), timedelta(days=settings.outbox_days)
    return (
        *_of_the_register(settings, controller),
        Room(
            "inbox",
            counted("inbox", lambda s, now, most: inbox.purge(s, controller=controller, before=now - kept, most=most)),
        ),
        Room(
            "outbox",
            counted(
                "outbox", lambda s, now, most: outbox.purge(s, controller=controller, before=now - sent, most=most)
            ),
        ),
        Room(
            "conversations",
            lambda s, now, most: conversations.purge(
                s, controller=controller, before=now - kept, sparing=is_conversation_in_use(), most=most
            ),
        ),
        Room(
            "staff_session",
            counted("staff_session", lambda s, now, most: sessions.purge(s, controller=controller, now=now, most=most)),
        ),
        Room(
            "lease",
            counted(
                "lease",
                lambda s, now, most: leases.purge(s, controller=controller, before=now - LEASES_LAST, most=most),
            ),
            is_noted=False,
        ),
        Room("rate_count", counted("rate_count", lambda s, now, _most: forget_counts(s, now=now)), is_noted=False),
    )


def _of_the_register(settings: Settings, controller: str) -> tuple[Room, ...]:
    periods = periods_of(settings)
    return (
        # First what goes whole, so that its files are not emptied one by one before.
        Room(
            "requests",
            lambda s, now, most: requests.purge(s, controller=controller, now=now, periods=periods, most=most),
            first=1,
        ),
        Room(
            "files",
            lambda s, now, most: files.purge(s, controller=controller, now=now, periods=periods, most=most),
            first=1,
        ),
        # It notes what goes itself, since a command calls it, too.
        Room(
            "unfiled",
            lambda s, now, most: (
                unfiled.purge(s, controller=controller, now=now, draft_days=settings.draft_days, most=most).counts
            ),
            is_noted=False,
        ),
        Room(
            "code",
            counted("code", lambda s, now, most: forget_codes(s, controller=controller, now=now, most=most)),
            is_noted=False,
        ),
    )
