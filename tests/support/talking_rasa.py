"""The real actions where Rasa would be: only the classifier and the search are replaced by what a test needs."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from actions.services import Services
from bot.channels.rasa_client import RasaClient, RasaIsAwayError, Readiness
from bot.message import Message, fixed
from bot.policy.answer import Answer
from bot.policy.citations import find_range, quote_parts
from bot.policy.model import Policy
from bot.register.kinds import detect
from bot.settings import Settings
from bot.typed_text import disarmed
from tests.support.talk import Talk

LEAD = "方針には次のように書かれています。"
NOT_THERE = "この方針には書かれていません。"


class QuotingAssistant:
    """Answers a question that holds a known word with that word's quotes, and any other with none."""

    def __init__(self, policy: Policy, base_url: str, quotes: Mapping[str, tuple[str, ...]]) -> None:
        self.policy = policy
        self._base_url = base_url
        self._quotes = quotes

    def answer(self, question: str, context: dict[str, Any] | None, now: datetime, *, vector: object = None) -> Answer:
        """One answer in the policy's own words."""
        del context, now, vector
        known = next((quotes for word, quotes in self._quotes.items() if word in question), None)
        return Answer(self._message(known), {}, {}, [])

    def search(self, question: str, *, vector: object = None) -> list[Any]:
        """Finds nothing."""
        del question, vector
        return []

    def _message(self, quotes: tuple[str, ...] | None) -> Message:
        if quotes is None:
            return Message(kind="not_in_policy", parts=(fixed(NOT_THERE),))
        ranges = [find_range(self.policy, quote) for quote in quotes]
        parts, citations = quote_parts(self.policy, ranges, base_url=self._base_url)
        return Message(kind="answer", parts=(fixed(LEAD), *parts), citations=citations)


class TalkingRasa(RasaClient):
    """Leads every conversation with the real actions; `is_away` makes it unreachable."""

    def __init__(self, settings: Settings, services: Services) -> None:
        super().__init__(settings)
        self.is_away = False
        self.heard: list[str] = []
        self.forgotten: list[str] = []
        self._services = services
        self._talks: dict[str, Talk] = {}

    async def say(self, conversation_id: str, text: str, *, channel: str, turn_id: str = "") -> list[Message]:  # noqa: ARG002 - its shape
        self._hear(text)
        intent = "open_request" if detect(text) else "ask_policy"
        return await asyncio.to_thread(self._talk(conversation_id).say, disarmed(text), intent)

    async def press(self, conversation_id: str, payload: str, *, channel: str, turn_id: str = "") -> list[Message]:  # noqa: ARG002 - its shape
        self._hear(payload)
        return await asyncio.to_thread(self._talk(conversation_id).send, payload)

    async def readiness(self) -> Readiness:
        return Readiness(model=not self.is_away, tracker=not self.is_away)

    async def forget(self, conversation_id: str) -> None:
        self.forgotten.append(conversation_id)
        self._talks.pop(conversation_id, None)

    def _hear(self, message: str) -> None:
        if self.is_away:
            raise RasaIsAwayError("Rasa is away")
        self.heard.append(message)

    def _talk(self, conversation_id: str) -> Talk:
        if conversation_id not in self._talks:
            self._talks[conversation_id] = Talk(self._services)
            self._talks[conversation_id].conversation_id = conversation_id
        return self._talks[conversation_id]
