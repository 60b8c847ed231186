from __future__ import annotations

import unicodedata

import numpy as np
import pytest
from rasa.shared.nlu.training_data.message import Message

from bot.components.featurizer import embed
from bot.components.tokenizer import JapaneseTokenizer
from bot.encoder.prompts import fold

_ASKED = "個人データの開示請求をしたいです"

# What is left of a text when the gateway has cleaned it may still look like this.
_TEXTS = [
    unicodedata.normalize("NFD", _ASKED),
    "個人ﾃﾞｰﾀの開示請求をしたいです",
    "👨\u200d👩\u200d👧\u200d👦の開示🏴🙏🏽",
    "葛\U000e0100城市 か\u3099 開\u0301\u0302\u3099示",
    "外字\ue000\uffff\ufdd0",
    "開示\u2028したい\u200c",
    "ﷺ㍿①ǆİß",
    "𠮷" * 1000,
    "「" * 1000,
    "\ufffd",
]


@pytest.mark.parametrize("text", _TEXTS, ids=ascii)
def test_tokens_cover_the_text_where_they_stand(text: str) -> None:
    tokens = JapaneseTokenizer(JapaneseTokenizer.get_default_config()).tokenize(Message({"text": text}), "text")
    assert all(text[token.start : token.end] == token.text for token in tokens)
    assert "".join(token.text for token in tokens) == "".join(text.split())


def test_every_text_has_a_vector_of_numbers() -> None:
    vectors = embed([fold(text) for text in _TEXTS])
    assert np.isfinite(vectors).all()


def test_however_it_is_spelled_it_is_the_same_text() -> None:
    spelled = [_ASKED, unicodedata.normalize("NFD", _ASKED), _ASKED.replace("データ", "ﾃﾞｰﾀ")]
    assert len({fold(text) for text in spelled}) == 1
