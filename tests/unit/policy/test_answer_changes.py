from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.message import Citation, Message, MessageKind, Part
from bot.policy.answer_changes import AnswerChange, Ask, Given, changed_answers


def message(kind: MessageKind, *quotes: str) -> Message:
    place = {"policy": "a/b", "version": "1", "section": "1", "heading": "1", "start": 0, "url": ""}
    citations = tuple(Citation.model_validate(place | {"quote": quote, "end": len(quote)}) for quote in quotes)
    parts = tuple(Part(type="quote", text=q, citation=n) for n, q in enumerate(quotes))
    return Message(kind=kind, parts=parts or (Part(type="fixed", text="ありません。"),), citations=citations)


def scripted(answers: Mapping[str, Message], *, heard: list[tuple[str, Any]] | None = None) -> Ask:
    def ask(question: str, context: Mapping[str, Any] | None) -> tuple[Message, Mapping[str, Any]]:
        if heard is not None:
            heard.append((question, context))
        return answers[question], {"after": question}

    return ask


def test_another_kind_or_other_words_are_a_change() -> None:
    old = {
        "保存": message("answer", "7年"),
        "手数料": message("not_in_policy", "窓口"),
        "目的": message("answer", "発送"),
    }
    new = old | {"保存": message("answer", "10年"), "手数料": message("answer", "窓口")}

    assert list(changed_answers([["保存"], ["手数料"], ["目的"]], scripted(old), scripted(new))) == [
        AnswerChange("保存", Given("answer", ("7年",)), Given("answer", ("10年",))),
        AnswerChange("手数料", Given("not_in_policy", ("窓口",)), Given("answer", ("窓口",))),
    ]


def test_white_space_of_another_copy_is_no_change() -> None:
    old, new = {"目的": message("answer", "商品の\n発送")}, {"目的": message("answer", "商品の 発送")}

    assert list(changed_answers([["目的"]], scripted(old), scripted(new))) == []


def test_a_follow_up_hears_the_context_of_its_own_version() -> None:
    heard: list[tuple[str, Any]] = []
    answers = {"保存": message("answer", "7年"), "それは": message("answer", "7年")}
    list(changed_answers([["保存", "それは"], ["保存"]], scripted(answers, heard=heard), scripted(answers)))

    assert heard == [("保存", None), ("それは", {"after": "保存"}), ("保存", None)]
