"""A conversation with the actions as Rasa would lead it, without Rasa: tracker in, events and messages out."""

from __future__ import annotations

import asyncio
import json
import re
import secrets
from typing import Any

from actions.executor import SafeExecutor
from actions.registry import register_actions
from actions.served import Served
from actions.services import Services
from bot.message import Choice, Message

_PAYLOAD = re.compile(r"^/(?P<intent>[a-z_]+)(?P<values>\{.+\})?$")
_DEADLINE = 60.0

ACTIONS = {
    "ask_policy": "action_answer",
    "nlu_fallback": "action_answer",
    "out_of_scope": "action_out_of_scope",
    "open_request": "action_open_request",
    "complaint": "action_complaint",
    "inquiry": "action_inquiry",
    "status": "action_status",
    "withdraw": "action_withdraw",
    "choose": "action_choose",
    "details_received": "action_details_received",
    "affirm": "action_affirm",
    "deny": "action_deny",
    "stop": "action_stop",
    "restart": "action_restart",
}
"""What data/rules say (a test compares them); every other intent is smalltalk."""


class Talk:
    """Keeps the tracker of one conversation between turns."""

    def __init__(self, services: Services, *, deadline: float = _DEADLINE) -> None:
        self.conversation_id = secrets.token_hex(16)
        self.slots: dict[str, Any] = {"request": None, "answer_context": None}
        self.events: list[dict[str, Any]] = []
        self.last: list[Message] = []
        self.metadata: dict[str, Any] = {}
        self._executor = SafeExecutor(deadline)
        register_actions(self._executor, Served(services))

    def say(
        self, text: str, intent: str = "ask_policy", *, sure: float = 1.0, or_else: dict[str, float] | None = None
    ) -> list[Message]:
        """Types a text that the classifier takes for `intent`, more or less sure, or else for others."""
        return self._turn(text, intent, [], sure=sure, or_else=or_else or {})

    def press(self, title: str) -> list[Message]:
        """Presses a button of the last messages, named by its title or the beginning of it."""
        return self.send(self.choice(title).payload or "")

    def choice(self, title: str) -> Choice:
        """A button of the last messages."""
        choices = [choice for message in self.last for choice in message.choices]
        return next(choice for choice in choices if choice.title.startswith(title))

    def press_first(self) -> list[Message]:
        """Presses what goes on."""
        message = next(message for message in reversed(self.last) if message.choices)
        return self.send(message.choices[0].payload or "")

    def send(self, payload: str) -> list[Message]:
        """Sends what the gateway sends for a button or a system event."""
        match = _PAYLOAD.match(payload)
        assert match, payload
        values = json.loads(match["values"] or "{}")
        entities = [{"entity": name, "value": value} for name, value in values.items()]
        return self._turn(payload, match["intent"], entities, sure=1.0, or_else={})

    def _turn(
        self, text: str, intent: str, entities: list[dict[str, Any]], *, sure: float, or_else: dict[str, float]
    ) -> list[Message]:
        message_id = secrets.token_hex(8)
        latest = {
            "text": text,
            "intent": {"name": intent, "confidence": sure},
            "intent_ranking": [{"name": name, "confidence": p} for name, p in {intent: sure, **or_else}.items()],
            "entities": entities,
            "message_id": message_id,
            "metadata": self.metadata,
        }
        self.events.append({"event": "user", "text": text, "message_id": message_id})
        tracker = {
            "sender_id": self.conversation_id,
            "slots": self.slots,
            "latest_message": latest,
            "events": self.events,
        }
        action = ACTIONS.get(intent, "action_smalltalk")
        # Through JSON both ways, as over the wire.
        call = json.loads(json.dumps({"next_action": action, "tracker": tracker}))
        result = asyncio.run(self._executor.run(call))
        assert result is not None
        answer = json.loads(json.dumps(result.model_dump()))
        for event in answer["events"]:
            assert event["event"] == "slot"
            self.slots[event["name"]] = event["value"]
        assert all(response["text"] is None for response in answer["responses"]), "bare text"
        self.last = [Message.model_validate(response["custom"]) for response in answer["responses"]]
        assert self.last, "an empty answer is an error for the gateway"
        return self.last
