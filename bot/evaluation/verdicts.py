"""Was a row answered rightly? One verdict a row, with what was wrong about it, for whoever reads a report."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from bot.evaluation.facts import facts_missing
from bot.evaluation.outcomes import Outcome
from bot.evaluation.question_sets import Row
from bot.policy.folding import folded


@dataclass(frozen=True)
class Verdict:
    """What was expected, and what was wrong; a row that expects nothing is neither right nor wrong."""

    expected: tuple[str, ...]
    wrong: tuple[str, ...]

    @property
    def is_right(self) -> bool | None:
        """Whether everything expected came; None when nothing was."""
        return not self.wrong if self.expected else None


def judge(outcome: Outcome) -> Verdict:
    """Judges one row by what its set says about it."""
    return Verdict(tuple(_expected(outcome)), tuple(_wrong(outcome)))


def expected_kind(row: Row) -> str | None:
    """The kind of message a row should get; None when the set does not tell."""
    if row.kind == "oos":
        return "out_of_scope"
    if row.is_question and row.answerable is not None:
        return "answer" if row.answerable else "not_in_policy"
    return None


def _expected(outcome: Outcome) -> Iterator[str]:
    row = outcome.row
    if kinds := _kinds(row):
        yield f"種類 {' または '.join(kinds)}"
    if _wants_words(row):
        yield from (f"語句「{fact}」" for fact in row.key_facts)
        if row.gold_span:
            yield f"箇所「{row.gold_span}」"
        elif outcome.gold_cited is not None:
            yield f"条項 {' または '.join(row.sections)}"
    if row.request_kinds:
        yield f"請求 {'+'.join(sorted(row.request_kinds))}"
    yield from (f"「{words}」がないこと" for words in row.excludes)
    yield from (f"{kind} にならないこと" for kind in row.forbidden)


def _wrong(outcome: Outcome) -> Iterator[str]:
    row, kind = outcome.row, outcome.message["kind"]
    if (wanted := _kinds(row)) and kind not in wanted:
        yield f"種類が {' または '.join(wanted)} ではなく {kind}"
    if _wants_words(row):
        yield from (f"語句「{fact}」がない" for fact in facts_missing(row.key_facts, outcome.messages))
        # A set with key facts says what must be read; without them only the place tells. A case says both.
        is_placed = row.case or not row.key_facts
        if is_placed and outcome.gold_cited is not None and not any(outcome.gold_cited):
            yield "正解の箇所を引用していない"
    if row.request_kinds and set(outcome.kinds) != row.request_kinds:
        yield f"請求が {'+'.join(sorted(row.request_kinds))} ではなく {'+'.join(outcome.kinds) or 'なし'}"
    yield from _unwanted(outcome)


def _unwanted(outcome: Outcome) -> Iterator[str]:
    said = folded("\n".join(message["text"] for message in outcome.messages))
    yield from (f"「{words}」がある" for words in outcome.row.excludes if folded(words) in said)
    came = {message["kind"] for message in outcome.messages} | set(outcome.kinds)
    yield from (f"{kind} になった" for kind in outcome.row.forbidden if kind in came)


def _kinds(row: Row) -> tuple[str, ...]:
    kind = expected_kind(row)
    return row.expects or ((kind,) if kind else ())


def _wants_words(row: Row) -> bool:
    return bool(row.case) or (row.is_question and row.answerable is True)
