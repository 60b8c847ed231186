"""Question sets: TSV files of questions, whose answers are labelled by section or by the words that answer."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from bot.errors import BadInputError

RowKind = Literal["qa", "action", "followup", "oos", "smalltalk"]

_KINDS: tuple[RowKind, ...] = ("qa", "action", "followup", "oos", "smalltalk")
_OTHER_NAMES = {"third_party_record_disclosure": "third_party_record"}
_YES_NO = {"yes": True, "no": False, "true": True, "false": False, "1": True, "0": False}


class QuestionSetIsWrongError(BadInputError):
    """A question set cannot be read; the message names file and line."""

    def __init__(self, path: Path, line: int, what: str) -> None:
        super().__init__(f"{path}:{line}: {what}")


@dataclass(frozen=True)
class Row:
    """One labelled question.

    Attributes:
        line: where it stands in its file.
        utterance: what the member says.
        kind: what is expected of the conversation; a `followup` continues the row above.
        sections: labels of the sections that answer it, any of them.
        gold_span: the words that answer it, for policies whose sections are not labelled.
        answerable: whether the policy answers it, also to be seen from its having gold; None when nothing tells.
        key_facts: what an answer must hold, all of it.
        request_kinds: the kinds of request it asks for.
        policy_file: the policy it is about; None for the policy of the run.
        is_near_miss: whether it asks what the policy nearly, but not quite, answers.
        trap: what is easily got wrong about it.
        press: the title of the button that is pressed instead of saying something; only in whole conversations.
        case: the case of a regression set that it is a step of; its place is then judged even beside key facts.
        expects: kinds of message of which one must come.
        excludes: words that must not come.
        forbidden: kinds of message, or of request, that must not come.
    """

    line: int
    utterance: str
    kind: RowKind = "qa"
    sections: tuple[str, ...] = ()
    gold_span: str = ""
    answerable: bool | None = None
    key_facts: tuple[str, ...] = ()
    request_kinds: frozenset[str] = frozenset()
    policy_file: Path | None = None
    is_near_miss: bool = False
    trap: str = ""
    press: str = ""
    case: str = ""
    expects: tuple[str, ...] = ()
    excludes: tuple[str, ...] = ()
    forbidden: tuple[str, ...] = ()

    @property
    def is_question(self) -> bool:
        """Whether the policy is asked."""
        return self.kind in ("qa", "followup")


def read_question_set(path: Path) -> list[Row]:
    """Every row of a set, in order.

    Raises:
        QuestionSetIsWrongError: it cannot be read, has no questions, or a value is none of those allowed.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not UTF-8"
        raise BadInputError(f"{path}: {reason}") from None
    # Not `splitlines`, which also cuts at characters that may stand in a question.
    reader = csv.DictReader(text.replace("\r\n", "\n").split("\n"), delimiter="\t", quoting=csv.QUOTE_NONE)
    columns = reader.fieldnames or ()
    if not {"utterance", "question"} & set(columns):
        raise QuestionSetIsWrongError(path, 1, "no column `utterance` or `question`, separated by tabs")
    rows = [_row(path, reader.line_num, record) for record in reader]
    if not rows:
        raise QuestionSetIsWrongError(path, 1, "no questions")
    return rows


def _row(path: Path, line: int, record: Mapping[str, str | None]) -> Row:
    # The reader puts what stands beyond the last column under None, whatever its type says.
    if None in record:
        raise QuestionSetIsWrongError(path, line, "more fields than the first line names")

    def value(*names: str) -> str:
        return next((found for name in names if (found := (record.get(name) or "").strip())), "")

    utterance = value("utterance", "question")
    if not utterance:
        raise QuestionSetIsWrongError(path, line, "the question is empty")
    file = value("policy_file")
    requests = frozenset(_OTHER_NAMES.get(k, k) for kind in value("request_type").split("+") if (k := kind.strip()))
    sections = tuple(label.strip() for label in value("section").split(";") if label.strip())
    answerable = _answerable(path, line, value("answerable"))
    if answerable is None and (value("gold_span") or set(sections) - {"none"}):
        answerable = True
    return Row(
        line=line,
        utterance=utterance,
        kind=_kind(path, line, value("kind")),
        sections=sections,
        gold_span=value("gold_span"),
        answerable=answerable,
        key_facts=tuple(fact.strip() for fact in value("key_facts").split("|") if fact.strip()),
        request_kinds=requests,
        policy_file=path.parent / file if file else None,
        is_near_miss=answerable is False and _is_near_miss(record),
        trap=value("trap"),
        case=value("case"),
        excludes=tuple(words.strip() for words in value("exclude").split("|") if words.strip()),
        forbidden=tuple(kind.strip() for kind in value("forbid").split("+") if kind.strip()),
    )


def _kind(path: Path, line: int, text: str) -> RowKind:
    kind = next((known for known in _KINDS if known == (text or "qa")), None)
    if kind is None:
        raise QuestionSetIsWrongError(path, line, f"kind {text!r} is none of {', '.join(_KINDS)}")
    return kind


def _answerable(path: Path, line: int, text: str) -> bool | None:
    if text and text.lower() not in _YES_NO:
        raise QuestionSetIsWrongError(path, line, f"answerable {text!r} is neither yes nor no")
    return _YES_NO.get(text.lower())


def _is_near_miss(record: Mapping[str, str | None]) -> bool:
    """In a set without such a column whatever is not answered is one."""
    said = (record.get("near_miss", "yes") or "").strip().lower()
    return _YES_NO.get(said, bool(said))
