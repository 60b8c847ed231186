from __future__ import annotations

import pytest
from rasa.shared.nlu.training_data.message import Message

from bot.components.tokenizer import JapaneseTokenizer


def _tokens(text: str) -> list[str]:
    tokenizer = JapaneseTokenizer(JapaneseTokenizer.get_default_config())
    tokens = tokenizer.tokenize(Message({"text": text}), "text")
    assert all(text[token.start : token.end] == token.text for token in tokens)
    return [token.text for token in tokens]


def test_cuts_where_the_script_changes() -> None:
    assert _tokens("口座情報はメールで送る？") == ["口座情報", "は", "メール", "で", "送", "る", "？"]


@pytest.mark.parametrize(
    "text",
    [
        "ＡＢＣ１２３ ｶﾅ㈱",
        "社⾧の名前🙏🏽",
        "　前に空白",
        "a\u3099か\u3099",
        "𠮷野家",
        "",
        "/open_request{}",
        "ヴ゛ー々〆",
    ],
)
def test_offsets_point_into_the_raw_text(text: str) -> None:
    assert "".join(_tokens(text)) == "".join(text.split())
