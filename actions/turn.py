"""One turn as an action sees it, and what it gives back: plain data on both sides, so that handlers stay functions."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from actions.services import Services
from actions.state import RequestState
from bot.message import Message


@dataclass(frozen=True)
class Turn:
    """What a member did, and where the conversation stands.

    `text` is empty when a button was pressed or the gateway reported something; `values` then holds its payload.
    """

    conversation_id: str
    intent: str
    confidence: float
    ranking: dict[str, float]
    text: str
    message_id: str
    values: dict[str, str]
    request: RequestState | None
    answer_context: dict[str, Any] | None
    query_vector: dict[str, str] | None
    said: dict[str, str] = field(repr=False)
    """The texts typed in this conversation by message id: drafts keep their words, slots only the ids."""
    controller: str = ""
    """The company that is asked. Only the gateway can name one: it knows by the address that the member wrote to."""
    corpus: str = ""
    """The corpus that a test is answered from; empty for the one in force. Only the gateway can name one."""

    @classmethod
    def from_tracker(cls, tracker: Any) -> Turn:  # noqa: ANN401 - a rasa_sdk Tracker, whose fields are untyped
        """Reads what Rasa sent."""
        latest = tracker.latest_message
        metadata = latest.get("metadata") or {}
        text = latest.get("text") or ""
        intent = latest.get("intent") or {}
        return cls(
            conversation_id=tracker.sender_id,
            intent=intent.get("name") or "",
            confidence=intent.get("confidence", 1.0),
            ranking={one["name"]: one["confidence"] for one in latest.get("intent_ranking") or ()},
            text="" if _is_payload(text) else text,
            message_id=latest.get("message_id") or "",
            values={entity["entity"]: str(entity["value"]) for entity in latest.get("entities") or ()},
            request=RequestState.from_slot(tracker.get_slot("request")),
            answer_context=tracker.get_slot("answer_context"),
            query_vector=latest.get("query_vector"),
            said=_typed_texts(tracker.events),
            controller=str(metadata.get("controller") or ""),
            corpus=str(metadata.get("corpus") or ""),
        )

    def words(self, message_ids: tuple[str, ...]) -> str | None:
        """What the member typed in these messages, or None when there is nothing."""
        found = [self.said[message_id] for message_id in message_ids if message_id in self.said]
        return "\n".join(found) or None


@dataclass(frozen=True)
class Reply:
    """What the member reads, and where the conversation stands afterwards."""

    messages: tuple[Message, ...]
    request: RequestState | None
    answer_context: dict[str, Any] | None

    @classmethod
    def to(cls, turn: Turn, *messages: Message) -> Reply:
        """An answer that leaves the conversation where it stood."""
        return cls(messages, turn.request, turn.answer_context)

    def at(self, request: RequestState | None) -> Reply:
        """The same answer, with the request standing at `request` afterwards."""
        return replace(self, request=request)

    def followed_by(self, *messages: Message) -> Reply:
        """The same answer with more to read after it."""
        return replace(self, messages=(*self.messages, *messages))


Handler = Callable[[Turn, Services], Reply]
"""An action's whole work. It runs in a thread of its own, so it may block on the database."""


def _is_payload(text: str) -> bool:
    # Rasa strips before it looks for the slash. The gateway lets no typed text begin with one, so this is a button.
    return text.strip().startswith("/")


def _typed_texts(events: list[dict[str, Any]]) -> dict[str, str]:
    return {
        event["message_id"]: event["text"]
        for event in events
        if event.get("event") == "user"
        and event.get("message_id")
        and event.get("text")
        and not _is_payload(event["text"])
    }
