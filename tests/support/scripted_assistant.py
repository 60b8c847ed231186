"""An assistant whose answers a test decides; the policy it quotes is the real one, and no model is loaded."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from bot.message import Message, Part, fixed
from bot.policy import texts as policy_texts
from bot.policy.answer import Answer, Option
from bot.policy.citations import find_quote
from bot.policy.model import Policy

ANSWER_LEAD = "方針には次のように書かれています。（試験用）"
NOT_THERE = "この方針には書かれていません。（試験用）"
QUOTE = "2週間以内にご本人様ご希望の方法により回答します。"


@dataclass
class ScriptedAssistant:
    """Answers everything with one quote, but says honestly that 「書かれていない」 is not there.

    「一部」 is answered and partly not there; 「あいまい」 has two meanings.
    """

    policy: Policy
    base_url: str
    asked: list[tuple[str, dict[str, Any] | None]] = field(default_factory=list)
    error: Exception | None = None

    def answer(self, question: str, context: dict[str, Any] | None, now: datetime, *, vector: object = None) -> Answer:
        """One answer, remembered in `asked`."""
        assert now.tzinfo is not None
        del vector
        if self.error is not None:
            raise self.error
        self.asked.append((question, context))
        message = self._nothing() if "書かれていない" in question else self._quote()
        if "一部" in question:
            message = message.model_copy(update={"parts": (*message.parts, fixed(policy_texts.MISSING_ALSO))})
        if "あいまい" in question:
            options = (Option("第三者提供", "2-3"), Option("共同利用", "2-2"))
            return Answer(Message(kind="clarify", parts=(fixed(policy_texts.CLARIFY),)), {}, {}, [], options)
        return Answer(
            message, {"policy": self.policy.id, "version": self.policy.version, "topic": str(len(self.asked))}, {}, []
        )

    def answer_section(self, label: str, now: datetime) -> Answer:
        """The answer to a section that was chosen; remembered in `asked` like a question."""
        return self.answer(label, None, now)

    def search(self, question: str, *, vector: object = None) -> list[Any]:
        """Finds nothing."""
        del question, vector
        return []

    def _quote(self) -> Message:
        citation = find_quote(self.policy, QUOTE, base_url=self.base_url)
        parts = (fixed(ANSWER_LEAD), Part(type="quote", text=citation.quote, citation=0))
        return Message(kind="answer", parts=parts, citations=(citation,))

    @staticmethod
    def _nothing() -> Message:
        return Message(kind="not_in_policy", parts=(fixed(NOT_THERE),))
