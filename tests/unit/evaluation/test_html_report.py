from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path

from bot.evaluation.html_report import html_report
from bot.evaluation.outcomes import Outcome
from bot.evaluation.question_sets import Row
from bot.evaluation.report import Run
from tests.support.outcomes import citation, found, message, outcome

NOW = datetime(2026, 11, 25, 16, 30, tzinfo=UTC)
HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(1)>\"'&{{ 7*7 }}"
YES = Row(2, "甲は何ですか", answerable=True, sections=("1",), key_facts=("甲",))


class Elements(HTMLParser):
    """Collects what a browser would make of a page."""

    VOID = frozenset({"meta", "input", "br", "hr", "img", "link"})

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.open: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


def _page(*outcomes: Outcome, file: str = "first.tsv") -> str:
    return html_report([Run(Path(file), outcomes)], source="eparkrelax/privacy", now=NOW)


def test_a_row_shows_question_verdict_answer_hits_and_why() -> None:
    answered = replace(
        outcome(YES, "answer", "乙です", golds=[False, True]),
        trace={
            "questions": [
                {
                    "verdict": "answer",
                    "gates": ["lexical"],
                    "answerability": 0.7,
                    "known": [{"id": "card", "score": 0.4}, {"id": "gap", "score": 0.1}],
                    "hits": ["left out"],
                }
            ]
        },
    )
    text = Elements(_page(answered)).text
    for shown in (
        "甲は何ですか",
        "誤り: 語句「甲」がない",
        "「乙です」",
        "はい。",
        "正解は 2 番目",
        "0.900",
        "lexical",
        "0.7",
    ):
        assert shown in text
    assert "left out" not in text
    assert "2026年11月26日 01:30" in text


def test_right_wrong_and_unjudged_rows_can_be_told_apart() -> None:
    page = _page(
        outcome(YES, "answer", "甲"),
        outcome(YES, "answer", "乙"),
        outcome(Row(4, "こんにちは", kind="smalltalk"), "clarify"),
    )
    assert re.findall(r'<article class="row (\w+)"', page) == ["right", "wrong", "unjudged"]
    assert "誤りだけ（1）" in page


def test_hostile_text_stays_text_wherever_it_stands() -> None:
    row = Row(2, HOSTILE, kind="qa", answerable=True, sections=(HOSTILE,), key_facts=(HOSTILE,), trap=HOSTILE)
    said = message("answer", HOSTILE, lead=HOSTILE) | {
        "citations": [citation(HOSTILE, 0, HOSTILE) | {"heading": HOSTILE}],
        "choices": [{"id": "1", "title": HOSTILE}],
    }
    hit = replace(found(is_gold=True, text=HOSTILE), section=HOSTILE, parts={HOSTILE: 1.0})
    trace = {"questions": [{"verdict": HOSTILE, "gates": [HOSTILE], HOSTILE: HOSTILE}]}
    hostile = Outcome(row, [said], [HOSTILE], 1.0, found=[hit], gold_cited=[True], trace=trace)
    elements = Elements(_page(hostile, file=HOSTILE))
    calm = Elements(_page(outcome(YES, "answer", "甲", golds=[True])))
    assert {tag for tag, _ in elements.tags} <= {tag for tag, _ in calm.tags} | {"dl", "dt", "dd"}
    assert not any(name.startswith("on") for _, attributes in elements.tags for name in attributes)
    assert elements.text.count(HOSTILE) >= 14
    assert "49" not in elements.text


def test_the_page_is_whole_and_asks_nothing_of_the_network() -> None:
    elements = Elements(_page(outcome(YES, "answer", "甲", golds=[True])))
    assert elements.open == []
    assert not [
        tag for tag, attributes in elements.tags if tag in ("script", "link", "img", "iframe") or "src" in attributes
    ]
    assert "url(" not in _page(outcome(YES, "answer", "甲"))


def test_several_sets_have_a_line_each_and_anchors_of_their_own() -> None:
    run = [outcome(YES, "answer", "甲")]
    page = html_report([Run(Path("a.tsv"), run), Run(Path("b.tsv"), run)], source="x", now=NOW)
    assert re.findall(r'id="(s\d-\d)"', page) == ["s1-2", "s2-2"]
    assert '<th scope="row">b.tsv</th>' in page
