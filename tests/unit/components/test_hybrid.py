from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from bot.components.featurizer import embed
from bot.components.grams import CharacterGrams
from bot.components.hybrid import HybridModel


def test_grams_are_the_same_in_both_kana_and_widths() -> None:
    grams = CharacterGrams.fit(["キャンセル", "きゃんせる", "ｷｬﾝｾﾙ"])
    assert [sorted(grams.columns)] * 2 == [
        sorted(CharacterGrams.fit([text] * 2).columns) for text in ("キャンセル", "きゃんせる")
    ]
    columns, weights = grams.weigh("キャンセル")
    assert len(columns) == len(grams.columns)
    assert float(np.linalg.norm(weights)) == pytest.approx(1)


def test_a_text_of_unknown_characters_has_no_weights() -> None:
    columns, weights = CharacterGrams.fit(["あい", "あい"]).weigh("XYZ")
    assert len(columns) == len(weights) == 0


def test_probabilities_add_up(model: HybridModel) -> None:
    probabilities = model.probabilities("開示したい", embed(["開示したい"])[0])
    assert probabilities.shape == (len(model.intents),)
    assert float(probabilities.sum()) == pytest.approx(1)


def test_saved_and_read_again_it_says_the_same(model: HybridModel, tmp_path: Path) -> None:
    model.save(tmp_path)
    again = HybridModel.read(tmp_path)
    vector = embed(["予約を変えたい"])[0]
    assert again.intents == model.intents
    assert np.allclose(again.probabilities("予約を変えたい", vector), model.probabilities("予約を変えたい", vector))
    assert again.off_topic_score(vector) == pytest.approx(model.off_topic_score(vector))
    assert {file.suffix for file in tmp_path.iterdir()} == {".json", ".npz"}
