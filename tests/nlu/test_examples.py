"""The examples Rasa learns from: enough of each intent, each once, and none taken from a question set."""

from __future__ import annotations

import csv
import unicodedata
from collections import Counter
from difflib import SequenceMatcher
from itertools import combinations
from pathlib import Path

import pytest
import yaml

from bot.settings import load

ROOT = Path(__file__).parents[2]
LARGE = {"ask_policy", "open_request", "out_of_scope", "complaint", "status", "withdraw", "inquiry"}
SMALL = {
    *("greet", "thank", "goodbye", "affirm", "deny", "stop", "restart", "bot_challenge", "about_this_chat"),
}
# Two sentences this much alike say the same thing in the same words. Short ones ("消して") are alike by nature.
ALIKE = 0.85
SHORT = 7


def _examples() -> list[tuple[str, str]]:
    files = sorted((ROOT / "data" / "nlu").glob("*.yml"))
    blocks = [block for file in files for block in yaml.safe_load(file.read_text(encoding="utf-8"))["nlu"]]
    return [
        (block["intent"], line.removeprefix("- ").strip())
        for block in blocks
        for line in block["examples"].splitlines()
    ]


def _held_out() -> list[str]:
    with (ROOT / "tests" / "nlu" / "heldout.tsv").open(encoding="utf-8", newline="") as table:
        return [row["text"] for row in csv.DictReader(table, delimiter="\t")]


def _routes() -> list[str]:
    with (ROOT / "tests" / "conversation" / "routes.tsv").open(encoding="utf-8", newline="") as table:
        return [row["text"] for row in csv.DictReader(table, delimiter="\t")]


def _folded(text: str) -> str:
    return "".join(char for char in unicodedata.normalize("NFKC", text).lower() if char.isalnum())


def _too_alike(texts: list[str], others: list[str]) -> list[tuple[str, str]]:
    return [(text, other) for other in others for text in texts if _is_alike(_folded(text), _folded(other))]


def _is_alike(one: str, other: str) -> bool:
    if min(len(one), len(other)) < SHORT:
        return one == other and len(one) > 1
    matcher = SequenceMatcher(None, one, other, autojunk=False)
    return matcher.real_quick_ratio() > ALIKE and matcher.quick_ratio() > ALIKE and matcher.ratio() > ALIKE


def test_every_intent_has_enough_examples() -> None:
    counts = Counter(intent for intent, _ in _examples())
    assert set(counts) == LARGE | SMALL
    assert min(counts[intent] for intent in LARGE) >= 40
    assert min(counts[intent] for intent in SMALL) >= 20


def test_every_file_holds_the_intent_it_is_named_after() -> None:
    for file in (ROOT / "data" / "nlu").glob("*.yml"):
        blocks = yaml.safe_load(file.read_text(encoding="utf-8"))["nlu"]
        assert [block["intent"] for block in blocks] == [file.stem]


def test_no_example_stands_twice() -> None:
    counts = Counter(text for _, text in _examples())
    assert [text for text, count in counts.items() if count > 1] == []


def test_no_sentence_is_an_example_of_two_intents() -> None:
    intents: dict[str, set[str]] = {}
    for intent, text in _examples():
        intents.setdefault(unicodedata.normalize("NFKC", text).lower(), set()).add(intent)
    assert {text: names for text, names in intents.items() if len(names) > 1} == {}


def test_no_example_could_be_read_as_a_payload_or_an_entity() -> None:
    assert [text for _, text in _examples() if text.startswith("/") or "](" in text or "]{" in text] == []


def test_the_registers_of_members_are_there() -> None:
    texts = [text for _, text in _examples()]
    kana_only = [text for text in texts if all("ぁ" <= char <= "ゖ" or char in "ー、？" for char in text)]
    with_emoji = [text for text in texts if any(unicodedata.category(char) == "So" for char in text)]
    polite = [text for text in texts if text.endswith(("ますか", "ください", "ます", "でしょうか"))]
    assert len(kana_only) >= 40
    assert len(with_emoji) >= 25
    assert len(polite) >= 150
    assert len([text for text in texts if len(text) <= 5]) >= 60


@pytest.mark.dear
def test_held_out_sentences_are_no_examples() -> None:
    assert _too_alike([text for _, text in _examples()], _held_out() + _routes()) == []


def test_held_out_sentences_differ_from_each_other() -> None:
    assert [(one, other) for one, other in combinations(_held_out(), 2) if _folded(one) == _folded(other) != ""] == []
    assert len(_held_out()) >= 150


@pytest.mark.shared
def test_no_question_of_the_set_is_an_example() -> None:
    questions = load().shared / "questions" / "dev.tsv"
    if not questions.exists():
        pytest.skip(f"{questions} is not there (MADOGUCHI_SHARED)")
    with questions.open(encoding="utf-8", newline="") as table:
        utterances = [row["utterance"] for row in csv.DictReader(table, delimiter="\t")]
    assert _too_alike([text for _, text in _examples()] + _held_out() + _routes(), utterances) == []
