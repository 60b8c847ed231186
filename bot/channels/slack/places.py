"""Where on Slack something was written and by whom: which conversation that is, and where its answer goes.

A direct message and a thread of a channel are never one conversation, so that nothing personal that was begun in the
one goes on where others read. Slack has exactly one direct conversation between a person and an app; in a channel each
thread is a conversation of its own for each person who writes in it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

CHANNEL = "slack"
"""How the inbox, the outbox and the members' table name this channel."""

# What stands before a direct conversation's id, and before the ids of people, to whom a post goes directly.
_DIRECT = ("D", "U", "W")
_THREAD_SIGN = "@"


@dataclass(frozen=True)
class Place:
    """Where somebody wrote or tapped.

    Attributes:
        team: the workspace.
        user: who it was.
        channel: the direct conversation, or the channel.
        thread: the thread's first message; None where an answer opens no thread.
    """

    team: str
    user: str
    channel: str
    thread: str | None = None

    @property
    def user_key(self) -> str:
        """What tells this person in this conversation from all others."""
        person = f"{self.team}:{self.user}"
        return person if is_direct(self.channel) else f"{person}{_THREAD_SIGN}{self.channel}/{self.thread}"

    def reply(self, *, only: bool = False) -> dict[str, Any]:
        """Where the answer goes; `only` shows it to this person alone, until they reload."""
        return {"channel": self.channel, "thread_ts": self.thread} | ({"only": self.user} if only else {})


def is_direct(channel: str) -> bool:
    """Whether nobody but the member reads what is posted there; what is not known to be so is not."""
    return channel.startswith(_DIRECT)


def person_of(user_key: str) -> str:
    """The person behind a key, whichever conversation it is of: the key of their direct messages."""
    return user_key.partition(_THREAD_SIGN)[0]


def user_of(user_key: str) -> str:
    """Slack's id of the person behind a key."""
    return person_of(user_key).rpartition(":")[2]


def message_id(channel: str, ts: str) -> str:
    """What names a message of Slack among all others."""
    return f"{channel}:{ts}"


def moment(ts: object) -> datetime | None:
    """The time in one of Slack's timestamps (`1795426200.000100`); None when it is none."""
    seconds, _, fraction = str(ts).partition(".")
    try:
        return datetime.fromtimestamp(int(seconds), UTC) + timedelta(microseconds=int(fraction[:6].ljust(6, "0")))
    except (ValueError, OverflowError, OSError):
        return None
