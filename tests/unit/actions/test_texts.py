from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from actions import texts
from actions.languages.texts import CODES, open_language
from bot.message import Message
from bot.settings import Settings
from tests.support.scripted_assistant import ANSWER_LEAD, NOT_THERE, ScriptedAssistant
from tests.support.talk import Talk

GREETINGS = {"こんにちは。", "どういたしまして。"}
OURS = {value for name, value in vars(texts).items() if name.isupper()}
IN_OTHER_LANGUAGES = {
    text
    for language in map(open_language, CODES)
    for text in (language.reply, language.quotes, language.missing, language.request)
}
THE_SETTINGS = {Settings(_env_file=None).caution}
THE_ASSISTANTS = {ANSWER_LEAD, NOT_THERE}


def walk(talk: Talk, assistant: ScriptedAssistant) -> list[Message]:
    """A conversation through every action and step."""
    seen: list[Message] = []
    said = [
        ("こんにちは", "greet"),
        ("どうも", "thank"),
        ("さようなら", "goodbye"),
        ("人ですか", "bot_challenge"),
        ("ここは何", "about_this_chat"),
        ("共同利用とは", "ask_policy"),
        ("どこにも書かれていないこと", "ask_policy"),
        ("予約したい", "out_of_scope"),
        ("窓口は今日やっていますか", "ask_policy"),
        ("I want to see my data", "ask_policy"),
        ("窓口に聞いてみる", "inquiry"),
        ("やめる", "stop"),
        ("書かれていないこと", "ask_policy"),
        ("聞いて", "inquiry"),
        ("書き直す", "inquiry"),
        ("やめる", "stop"),
        ("手続き", "open_request"),
        ("はい", "affirm"),
        ("消去してほしい", "open_request"),
        ("開示してほしい", "open_request"),
        ("会員情報", "ask_policy"),
        ("はい", "affirm"),
        ("やめる", "stop"),
        ("苦情", "complaint"),
        ("全体にひどい", "complaint"),
        ("最初から", "restart"),
        ("人と話したい", "inquiry"),
    ]
    for text, intent in said:
        seen += talk.say(text, intent)
    for _ in range(2):
        seen += talk.press_first()
    for text, intent in [
        ("いまどうなった", "status"),
        ("取り下げる", "withdraw"),
        ("やめる", "stop"),
        ("いい", "affirm"),
    ]:
        seen += talk.say(text, intent)
    assistant.error = ValueError()
    return seen + talk.say("共同利用とは")


def test_actions_say_nothing_but_these_texts(talk: Talk, assistant: ScriptedAssistant) -> None:
    for message in walk(talk, assistant):
        said = {part.text for part in message.parts if part.type == "fixed"}
        assert said <= OURS | THE_SETTINGS | THE_ASSISTANTS | IN_OTHER_LANGUAGES
        buttons = {choice.title for choice in message.choices}
        if message.request and message.request.step == "kind":
            assert buttons <= OURS


def test_every_text_is_used() -> None:
    sources = [path.read_text(encoding="utf-8") for path in Path("actions").glob("*.py") if path.name != "texts.py"]
    used = set(re.findall(r"\btexts\.([A-Z_]+)", "\n".join(sources)))
    assert used == {name for name in vars(texts) if name.isupper()}


@pytest.mark.parametrize("path", sorted(Path("actions").glob("*.py")), ids=lambda path: path.name)
def test_no_other_module_holds_a_sentence(path: Path) -> None:
    if path.name == "texts.py":
        return
    tree = ast.parse(path.read_text(encoding="utf-8"))
    strings = [node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)]
    assert not [text for text in strings if text.endswith("。")]


@pytest.mark.parametrize("text", sorted(OURS))
def test_texts_are_polite_and_short(text: str) -> None:
    assert len(text) <= 120
    for sentence in {part for part in re.split(r"(?<=[。])", text) if part.endswith("。")} - GREETINGS:
        assert re.search(r"(ます|です|ません|ました|でした|ください|せん)(か)?。$", sentence), sentence
