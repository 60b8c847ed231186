from __future__ import annotations

import base64
import hashlib

import numpy as np
import pytest
from rasa.shared.nlu.training_data.message import Message

from bot.components.featurizer import QUERY_VECTOR, SentenceFeaturizer, embed, model_id


def _processed(text: str) -> Message:
    featurizer = SentenceFeaturizer(SentenceFeaturizer.get_default_config(), "featurizer")
    return featurizer.process([Message({"text": text})])[0]


def test_publishes_the_vector_of_a_sentence() -> None:
    text = "口座の情報は安全ですか"
    published = _processed(text).as_dict(only_output_properties=True)[QUERY_VECTOR]
    vector = np.frombuffer(base64.b64decode(published["vector"]), dtype="<f2").astype(np.float32)
    assert published["model"] == model_id()
    assert published["sha256"] == hashlib.sha256(text.encode()).hexdigest()
    assert vector.shape == (384,)
    assert float(vector @ embed([text])[0]) == pytest.approx(1, abs=1e-3)


@pytest.mark.parametrize("payload", ['/choose{"step":"kind"}', "  /restart", "\u3000/greet"])
def test_payloads_are_not_embedded(payload: str) -> None:
    message = _processed(payload)
    assert message.get(QUERY_VECTOR) is None
    assert message.features == []


def test_an_empty_text_is_not_embedded() -> None:
    assert _processed("").get(QUERY_VECTOR) is None


def test_full_width_and_half_width_are_one_text() -> None:
    wide, narrow = embed(["ＤＭを止めたい　", "DMを止めたい"])
    assert np.array_equal(wide, narrow)


def test_a_vector_does_not_depend_on_its_batch() -> None:
    alone = embed(["短い"])[0]
    together = embed(["短い", "とても長い文を一緒に渡しても、結果は変わらないはずです"])[0]
    assert np.array_equal(alone, together)


def test_the_training_cache_depends_on_the_model_file() -> None:
    addon = SentenceFeaturizer.fingerprint_addon({})
    assert addon is not None
    assert addon.startswith(model_id() + ":")
    assert len(addon.rsplit(":", 1)[1]) == 64
