"""What a version of a policy answers, and which answers another version changes: asked of the real assistant."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from bot.console.frame.background import Report
from bot.message import Message
from bot.policy.answer_changes import AnswerChange, Ask, Context, changed_answers
from bot.policy.assistant import Assistant, open_assistant
from bot.policy.model import Policy
from bot.policy.standard_questions import Standing, open_standard_questions, survey
from bot.settings import Settings


@dataclass(frozen=True)
class Subject:
    """One version of a policy in one corpus."""

    corpus: Path
    policy_id: str
    version: str


@dataclass(frozen=True)
class Survey:
    """How a version stands to the standard questions."""

    policy: Policy
    standings: tuple[Standing, ...]

    def count(self, state: str) -> int:
        """How many matters stand so."""
        return sum(standing.state == state for standing in self.standings)


@dataclass(frozen=True)
class Changes:
    """What another version answers differently, out of how many questions."""

    asked: int
    changes: tuple[AnswerChange, ...]


def surveyed(settings: Settings, subject: Subject, now: datetime, report: Report) -> Survey:
    """Asks every standard question: what members ask and the law wants said (個人情報保護法32条)."""
    questions = open_standard_questions()
    assistant = _opened(settings, subject)
    ask = _counted(
        lambda question: assistant.answer(question, None, now).message, sum(len(q.ask) for q in questions), report
    )
    return Survey(assistant.policy, tuple(survey(questions, ask)))


def changes_between(settings: Settings, old: Subject, new: Subject, now: datetime, report: Report) -> Changes:
    """Asks both versions what members ask most: the standard questions, and each card's and gap's first question."""
    assistants = [_opened(settings, subject) for subject in (old, new)]
    questions = _questions(assistants)
    done = 0

    def asks(assistant: Assistant) -> Ask:
        def ask(question: str, context: Context | None) -> tuple[Message, Context]:
            nonlocal done
            answer = assistant.answer(question, context, now)
            done += 1
            report(done, len(assistants) * len(questions))
            return answer.message, answer.context

        return ask

    before, after = (asks(assistant) for assistant in assistants)
    return Changes(len(questions), tuple(changed_answers([[question] for question in questions], before, after)))


def _questions(assistants: Sequence[Assistant]) -> list[str]:
    standard = [wording for question in open_standard_questions() for wording in question.ask]
    cards = [card.entry.questions[0] for assistant in assistants for card in assistant.knowledge.cards.all]
    gaps = [gap.entry.questions[0] for assistant in assistants for gap in assistant.knowledge.gaps.all]
    return list(dict.fromkeys([*standard, *cards, *gaps]))


def _opened(settings: Settings, subject: Subject) -> Assistant:
    return open_assistant(settings, subject.policy_id, corpus=subject.corpus, version=subject.version)


def _counted(ask: Callable[[str], Message], total: int, report: Report) -> Callable[[str], Message]:
    done = 0

    def counted(question: str) -> Message:
        nonlocal done
        message = ask(question)
        done += 1
        report(done, total)
        return message

    return counted
