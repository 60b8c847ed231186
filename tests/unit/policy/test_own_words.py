from __future__ import annotations

import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.policy.assistant import Assistant, open_assistant
from bot.policy.everyday import FILE_NAME, open_everyday, open_everyday_of
from bot.policy.faults import EntryIsWrongError
from bot.policy.lexical import open_analyzer
from bot.settings import Settings

NOW = datetime(2026, 11, 26, tzinfo=UTC)


def test_a_policys_own_words_are_added_to_the_built_in_map(tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).write_text("- {policy: [共同利用], members: [ぷにぷに]}\n", encoding="utf-8")
    forms = open_analyzer().forms("ぷにぷにしていますか")

    assert [offer.policy for offer in open_everyday_of(tmp_path).offers(forms)] == ["共同利用"]
    assert open_everyday().offers(forms) == []


def test_without_the_file_the_map_is_the_built_in_one(tmp_path: Path) -> None:
    assert open_everyday_of(tmp_path) is open_everyday()


@pytest.mark.parametrize(
    "content",
    [
        "- {policy: [], members: [甲]}\n",
        "- {members: [甲]}\n",
        "- {policy: [乙], members: [甲], more: 1}\n",
        "- 甲\n",
        "甲: 乙\n",
        "- [\n",
    ],
)
def test_a_wrong_row_is_told_with_file_and_line(tmp_path: Path, content: str) -> None:
    (tmp_path / FILE_NAME).write_text(content, encoding="utf-8")
    with pytest.raises(EntryIsWrongError, match=rf"{FILE_NAME}:\d+: "):
        open_everyday_of(tmp_path)


def changed_corpus(corpus: Path, tmp_path: Path, name: str, content: str) -> Path:
    changed = tmp_path / "corpus"
    shutil.copytree(corpus, changed)
    file = changed / "eparkrelax" / "privacy" / name
    file.write_text((file.read_text(encoding="utf-8") if file.is_file() else "") + content, encoding="utf-8")
    return changed


def test_what_two_releases_have_in_common_is_opened_once(assistant: Assistant, corpus: Path, tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path)
    phrase = changed_corpus(corpus, tmp_path, "phrases.yml", "- id: answer\n  text: 方針をご覧ください。\n")

    opened = open_assistant(settings, corpus=phrase, beside=assistant)

    assert opened.searcher is assistant.searcher
    assert opened.readers is assistant.readers
    parts = [part.text for part in opened.answer("利用目的を教えて", None, NOW).message.parts]
    assert "方針をご覧ください。" in parts
    assert "方針には次のように書かれています。" not in parts


def test_other_words_make_another_search(assistant: Assistant, corpus: Path, tmp_path: Path) -> None:
    words = changed_corpus(corpus, tmp_path, FILE_NAME, "- {policy: [共同利用], members: [ぷにぷに]}\n")

    opened = open_assistant(Settings(data_dir=tmp_path), corpus=words, beside=assistant)

    assert opened.searcher is not assistant.searcher
    assert opened.readers is assistant.readers
    assert next(hit.passage.section for hit in opened.search("ぷにぷに")).startswith("2-2")


def test_a_trace_names_the_release(assistant: Assistant) -> None:
    question = "利用目的を教えて"
    assert assistant.answer(question, None, NOW).trace["release"] == 0
    assert assistant.released(7).answer(question, None, NOW).trace["release"] == 7
    assert assistant.released(None).answer(question, None, NOW).trace["release"] is None
    assert assistant.released(7).answer_section("2-3", NOW).trace["release"] == 7
