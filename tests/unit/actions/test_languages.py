from __future__ import annotations

import csv
import re
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from actions.languages.detection import language_of, plain
from actions.languages.texts import CODES, open_language, open_topics
from actions.narrowing import NARROWINGS
from actions.steps import KIND_CHOICES
from bot.register.kinds import Kind

LABELLED = Path(__file__).with_name("languages.tsv")


def rows() -> list[tuple[str, str]]:
    with LABELLED.open(encoding="utf-8", newline="") as file:
        return [(row["language"], row["text"]) for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)]


@pytest.mark.parametrize(("language", "text"), rows())
def test_short_texts_are_read_in_their_language(language: str, text: str) -> None:
    assert (language_of(text) or "ja") == language


def test_every_language_is_measured() -> None:
    counts = [sum(language == code for language, _ in rows()) for code in CODES]

    assert min(counts) >= 10
    assert sum(language == "ja" for language, _ in rows()) >= 60


@given(text=st.text(max_size=60), kana=st.characters(min_codepoint=0x3041, max_codepoint=0x3096))
def test_a_text_with_kana_is_japanese(text: str, kana: str) -> None:
    assert language_of(text + kana) is None


@given(st.text(max_size=200))
def test_any_text_is_read(text: str) -> None:
    assert language_of(text) in {None, *CODES}


@pytest.mark.parametrize("text", ["\ud800", "\x00", "e\u0301" * 300, "🙏" * 300])
def test_odd_texts_are_read(text: str) -> None:
    assert language_of(text) in {None, *CODES}


@pytest.mark.parametrize("text", ["SELECT name FROM", '／choose{"step":"confirm","value":"file"}', "A B C D E"])
def test_what_is_no_sentence_is_no_language(text: str) -> None:
    assert language_of(text) is None


@pytest.mark.parametrize("code", CODES)
def test_every_language_says_everything_in_short(code: str) -> None:
    language = open_language(code)

    named = {choice for _, choice in KIND_CHOICES if choice not in NARROWINGS}
    assert set(language.choices) == named | {Kind.CORRECTION, Kind.USE_STOP, Kind.THIRD_PARTY_STOP, Kind.ERASURE}
    assert [name for name, _ in language.topics] == list(open_topics())
    for text in (language.reply, language.quotes, language.missing, language.request):
        assert 8 <= len(text) <= 160
        assert language_of(text) == code
    # A button's title; Slack allows 75 characters, LINE cuts at 20, which the channels see to.
    assert max(map(len, language.choices.values())) <= 32
    assert not any("|" in title for title in language.choices.values())


def test_every_topic_has_a_japanese_question() -> None:
    assert all(language_of(question) is None for question in open_topics().values())


@pytest.mark.parametrize(
    ("code", "text", "topic"),
    [
        ("en", "How long will my bookings be retained?", "retention"),
        ("en", "Do you pass my details to other companies?", "third_party"),
        ("zh-hans", "你们怎么保护数据", "security"),
        ("zh-hant", "可以刪除我的紀錄嗎", "erasure"),
        ("ko", "위탁 업체는 어떻게 관리하나요", "outsourcing"),
        ("vi", "Tôi có phải trả lệ phí không?", "fee"),
        ("pt", "Quero que parem de me mandar e-mails", "use_stop"),
    ],
)
def test_what_is_asked_is_put_to_the_policy_in_japanese(code: str, text: str, topic: str) -> None:
    assert language_of(text) == code
    assert open_topics()[topic] in open_language(code).topics_of(plain(text))


def test_no_other_file_lies_beside_the_languages() -> None:
    files = {path.stem for path in Path("actions/languages").glob("*.yml")}

    assert files == {*CODES, "topics", "chinese"}


def test_patterns_hold_no_marks_that_are_taken_off_before() -> None:
    for code in ("vi", "pt"):
        topics = yaml.safe_load(Path(f"actions/languages/{code}.yml").read_text(encoding="utf-8"))["topics"]
        for pattern in topics.values():
            bare = re.sub(r"\\[a-zA-Z]", "", pattern)
            assert plain(bare) == bare
