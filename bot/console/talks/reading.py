"""One conversation as staff read it: line by line, veiled or not, each answer with its trace and what came back.

A link in an answer opens a page with a member's contact data, so that its address is never shown.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from bot.console.talks.veil import veiled, without_numbers
from bot.console.trying.trace_view import TraceView, trace_view
from bot.console.trying.words import MESSAGE_KINDS
from bot.policy.model import Policy
from bot.storage import feedback, transcript
from bot.storage.encryption import Vault
from bot.storage.models import Conversation
from bot.storage.transcript import TracedLine


@dataclass(frozen=True)
class Veil:
    """How a conversation is shown: as it is stored, or veiled.

    Attributes:
        is_on: whether it is veiled.
        spared: the addresses and names that the policy itself prints.
    """

    is_on: bool
    spared: frozenset[str]

    def over(self, words: str) -> str:
        """A member's words."""
        return veiled(words, self.spared) if self.is_on else words

    def over_part(self, sort: str, words: str) -> str:
        """One part of an answer: texts of ours and the policy's words tell nothing of anybody, values may."""
        return without_numbers(words) if self.is_on and sort == "computed" else words


@dataclass(frozen=True)
class LineView:
    """One line as the page draws it.

    Attributes:
        id: the line's.
        at: when.
        is_members: whether the member said it.
        is_provisional: an apology for a turn that is still being tried.
        is_unsent: the member took it back; nothing is left of it.
        kind: what an answer is, in Japanese; empty for a member's line.
        parts: pairs of the sort of part (`fixed`, `quote`, `computed`, `words`) and its text.
        choices: the titles of the buttons, and of a link to a page.
        helpful: what the member thought of it, if they said.
        trace: how the answer came about.
    """

    id: str
    at: datetime
    is_members: bool
    is_provisional: bool
    is_unsent: bool
    kind: str
    parts: Sequence[tuple[str, str]]
    choices: Sequence[str]
    helpful: bool | None
    trace: TraceView | None


def read_lines(
    session: Session, conversation: Conversation, veil: Veil, *, vault: Vault, policies: Mapping[str, Policy]
) -> list[LineView]:
    """Every line of a conversation that is kept; `policies` are those at hand, by version, for the traces."""
    lines = transcript.of_conversation(session, conversation.id, vault=vault)
    verdicts = feedback.of_entries(session, [each.line.id for each in lines])
    return [_view(each, veil, verdicts.get(each.line.id), policies) for each in lines]


def _view(told: TracedLine, veil: Veil, helpful: bool | None, policies: Mapping[str, Policy]) -> LineView:  # noqa: FBT001 - a verdict or none
    message, role = told.line.message, told.line.role
    version = str(((told.trace or {}).get("context") or {}).get("version", ""))
    is_members = role == "member"
    return LineView(
        id=told.line.id,
        at=told.line.at,
        is_members=is_members,
        is_provisional=role == "provisional",
        is_unsent=bool(message.get("unsent")),
        kind="" if is_members else MESSAGE_KINDS.get(message["kind"], message["kind"]),
        parts=[("words", veil.over(message["text"]))] if is_members else list(_parts(message, veil)),
        choices=list(_choices(message)),
        helpful=helpful,
        trace=trace_view(told.trace, policies.get(version)) if told.trace else None,
    )


def _parts(message: Mapping[str, Any], veil: Veil) -> Iterator[tuple[str, str]]:
    for part in message.get("parts", ()):
        yield part["type"], veil.over_part(part["type"], part["text"])


def _choices(message: Mapping[str, Any]) -> Iterator[str]:
    yield from (str(choice["title"]) for choice in message.get("choices", ()))
    if "link" in message:
        yield str(message["link"]["title"])
