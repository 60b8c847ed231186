"""Regression sets and a clerk who answers them, for tests of the runs."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

from bot.evaluation.regression.cases import RegressionSet
from bot.evaluation.regression.reading import read_set
from bot.evaluation.runs.subject import Sort, Subject
from bot.evaluation.runs.subjects import CandidateIsMissingError
from bot.message import Message, Part, fixed
from bot.policy.answer import Answer
from bot.policy.assistant import Assistant
from bot.policy.citations import find_quote
from bot.policy.documents import load_policy
from bot.policy.model import Policy
from bot.policy.search import Hit

NOW = datetime(2026, 11, 26, 3, 0, tzinfo=UTC)
POLICY = "eparkrelax/privacy"
QUOTE = "2週間以内にご本人様ご希望の方法により回答します。"
LIVE = Subject("live", POLICY, "2026-11-23", "d" * 64, 0)
CANDIDATE = Subject("candidate", POLICY, "2026-11-23", "c" * 64)

SET = """\
title: 期間と料金
about: 試験用
short: true
cases:
  # A comment stays.
  - id: period
    say: 開示の期間は
    expect: answer
    sections: 2-5
    include: 2週間
  - id: fee
    say: 手数料は
    expect: not_in_policy
    exclude: ["0120"]
    then:
      - say: 本当に？
        expect: not_in_policy
"""


class Clerk:
    """Quotes the period for everything but what `lacks` a word of; `asked` is what it heard."""

    def __init__(self, *lacks: str) -> None:
        self.policy: Policy = load_policy(Path("policy_corpus"), POLICY)
        self.lacks = lacks or ("手数料", "本当")
        self.asked: list[str] = []

    def search(self, question: str) -> list[Hit]:
        """The first passages."""
        assert question
        return [Hit(passage, 0.5, {"dense": 0.8}, passage.sentences[0]) for passage in self.policy.passages[:7]]

    def answer(self, question: str, context: Mapping[str, Any] | None, now: datetime) -> Answer:
        """One answer."""
        del context
        assert now.tzinfo is not None
        self.asked.append(question)
        citation = find_quote(self.policy, QUOTE, base_url="http://127.0.0.1")
        message = Message(kind="answer", parts=(Part(type="quote", text=QUOTE, citation=0),), citations=(citation,))
        if any(word in question for word in self.lacks):
            message = Message(kind="not_in_policy", parts=(fixed("この方針には書かれていません。"),))
        trace = {"model": "clerk", "index": "3e16", "questions": []}
        return Answer(message, {}, trace, self.search(question))


def clerk(*lacks: str) -> Assistant:
    """A clerk where an assistant is wanted."""
    return cast("Assistant", Clerk(*lacks))


def written_set(folder: Path, text: str = SET, name: str = "periods") -> RegressionSet:
    """A set in the folder of its policy."""
    path = folder / POLICY / f"{name}.yml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return read_set(path)


class StubSubjects:
    """公開中 answered by a clerk; 公開候補 too, once there is one. `lacks` is what the clerk then has no words for."""

    def __init__(self) -> None:
        self.candidate: Subject | None = None
        self.lacks: tuple[str, ...] = ()

    def find(self, sort: Sort) -> Subject:
        """What is chosen."""
        if sort == "live":
            return LIVE
        if self.candidate is None:
            raise CandidateIsMissingError("公開候補はまだありません。")
        return self.candidate

    def has_candidate(self) -> bool:
        """Whether there is one."""
        return self.candidate is not None

    def open(self, subject: Subject) -> Assistant:
        """The clerk."""
        del subject
        return clerk(*self.lacks)

    def begin_candidate(self) -> None:
        """From now on there is one."""
        self.candidate = CANDIDATE
