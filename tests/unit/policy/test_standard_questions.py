from __future__ import annotations

import re
from functools import partial

from bot.message import Citation, Message, Part
from bot.policy.folding import folded
from bot.policy.standard_questions import StandardQuestion, open_standard_questions, survey

QUESTION = StandardQuestion(id="fee", group="請求", topic="手数料", law="法38条", ask=("手数料は", "いくらですか"))
CITATION = Citation(
    policy="a/b", version="2025-04-01", section="1", heading="第1条", quote="無料", start=0, end=2, url=""
)
ANSWER = Message(kind="answer", parts=(Part(type="quote", text="無料", citation=0),), citations=(CITATION,))
SILENCE = Message(kind="not_in_policy", parts=(Part(type="fixed", text="この方針には書かれていません。"),))


def answering(answered: tuple[str, ...], asked: str) -> Message:
    return ANSWER if asked in answered else SILENCE


def test_about_sixty_matters_are_asked_and_the_law_is_among_them() -> None:
    questions = open_standard_questions()

    assert 55 <= len(questions) <= 75
    for paragraph in range(1, 5):
        assert any(f"法32条1項{paragraph}号" in question.law for question in questions)
    assert all(re.fullmatch(r"(法\d+条(\d項)?(\d号)?|\d+条)(・(\d+条)?(\d項)?)?|", q.law) for q in questions)


def test_no_wording_stands_twice_and_groups_stay_together() -> None:
    questions = open_standard_questions()
    wordings = [folded(wording) for question in questions for wording in question.ask]
    groups = [question.group for question in questions]

    assert len(set(wordings)) == len(wordings)
    assert groups == sorted(groups, key=groups.index)


def test_a_matter_is_answered_in_part_when_one_wording_is() -> None:
    states: dict[tuple[str, ...], tuple[str, Citation | None]] = {
        ("手数料は", "いくらですか"): ("answered", CITATION),
        ("手数料は",): ("in part", CITATION),
        ("いくらですか",): ("in part", CITATION),
        (): ("open", None),
    }
    for answered, expected in states.items():
        (standing,) = survey([QUESTION], partial(answering, answered))

        assert (standing.state, standing.citation) == expected
