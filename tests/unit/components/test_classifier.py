from __future__ import annotations

import json
from pathlib import Path

import pytest
from rasa.engine.graph import ExecutionContext, GraphSchema
from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.engine.storage.resource import Resource
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.components import classifier
from bot.components.classifier import HybridIntentClassifier, NoExamplesError, SelfTestFailedError
from bot.components.featurizer import SentenceFeaturizer

RESOURCE = Resource("classifier")
CONTEXT = ExecutionContext(GraphSchema({}), "test")
SENTENCES = {
    "greet": ["こんにちは", "おはようございます", "こんばんは", "はじめまして"],
    "open_request": ["開示をお願いします", "情報を消してください", "利用を止めてください", "住所を訂正してください"],
    "out_of_scope": ["明日の天気は", "予約したい", "ポイントの残高は", "パスワードを忘れた"],
}


def _featurized(messages: list[Message]) -> list[Message]:
    return SentenceFeaturizer(SentenceFeaturizer.get_default_config(), "featurizer").process(messages)


@pytest.fixture
def storage(tmp_path: Path) -> LocalModelStorage:
    storage = LocalModelStorage(tmp_path)
    examples = [Message({"text": text, "intent": intent}) for intent, texts in SENTENCES.items() for text in texts]
    HybridIntentClassifier(storage, RESOURCE).train(TrainingData(_featurized(examples)))
    return storage


def _loaded(storage: LocalModelStorage) -> HybridIntentClassifier:
    return HybridIntentClassifier.load({}, storage, RESOURCE, CONTEXT)


def test_what_was_trained_is_loaded(storage: LocalModelStorage) -> None:
    message = _loaded(storage).process(_featurized([Message({"text": "情報の開示をお願いします"})]))[0]
    output = message.as_dict(only_output_properties=True)
    assert output["intent"]["name"] == "open_request"
    assert output["intent_ranking"][0] == output["intent"]
    assert {entry["name"] for entry in output["intent_ranking"]} == set(SENTENCES)
    assert 0 <= output["off_topic"] <= 1


def test_a_payload_gets_no_prediction(storage: LocalModelStorage) -> None:
    message = _loaded(storage).process(_featurized([Message({"text": "/choose{}"})]))[0]
    assert message.get("intent") == {"name": None, "confidence": 0.0}
    assert message.get("off_topic") is None


def test_a_model_that_forgot_its_phrases_is_not_served(storage: LocalModelStorage) -> None:
    with storage.read_from(RESOURCE) as folder:
        path = folder / classifier._KNOWN_PHRASES
        phrases = json.loads(path.read_text(encoding="utf-8"))
        path.write_text(json.dumps(phrases | {"greet": phrases["out_of_scope"]}), encoding="utf-8")
    with pytest.raises(SelfTestFailedError, match="known phrase of greet"):
        _loaded(storage)


def test_a_lost_model_is_not_replaced_by_an_untrained_one(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="classifier"):
        _loaded(LocalModelStorage(tmp_path))


def test_no_examples_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(NoExamplesError):
        HybridIntentClassifier(LocalModelStorage(tmp_path), RESOURCE).train(TrainingData([]))
