"""Which intent a sentence has: the component that trains, keeps and serves `HybridModel`."""

import json
from typing import Any, Dict, List, Type

import numpy as np
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.nlu.featurizers.featurizer import Featurizer
from rasa.shared.exceptions import RasaException
from rasa.shared.nlu.constants import INTENT, INTENT_NAME_KEY, INTENT_RANKING_KEY, PREDICTED_CONFIDENCE_KEY, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.components.featurizer import embed
from bot.components.hybrid import Floats, HybridModel

OFF_TOPIC = "off_topic"
_KNOWN_PHRASES = "known_phrases.json"


class SelfTestFailedError(RasaException):
    """The loaded model no longer knows sentences it knew when it was trained."""


class NoExamplesError(RasaException):
    """There is nothing to learn intents from."""


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class HybridIntentClassifier(IntentClassifier, GraphComponent):
    """Sets `intent`, `intent_ranking` and `off_topic` of every sentence; leaves payloads to Rasa.

    Loading runs a self-test and raises. A classifier that was silently left untrained, or an embedding engine that
    changed under a trained model, would route formal requests at random and look healthy.
    """

    def __init__(self, model_storage: ModelStorage, resource: Resource) -> None:
        self._model_storage = model_storage
        self._resource = resource
        self._model: HybridModel

    @classmethod
    def create(
        cls,
        config: Dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> "HybridIntentClassifier":
        """A classifier that still has to be trained."""
        return cls(model_storage, resource)

    @classmethod
    def required_components(cls) -> List[Type[Any]]:
        """Rasa checks that a featurizer stands before."""
        return [Featurizer]

    def train(self, training_data: TrainingData) -> Resource:
        """Learns the examples and keeps the model in Rasa's storage.

        Raises:
            NoExamplesError: no example has an intent and a text.
        """
        examples = [example for example in training_data.intent_examples if _vector(example) is not None]
        if not examples:
            raise NoExamplesError("data/nlu holds no example with an intent")
        texts = [example.get(TEXT) for example in examples]
        labels = [example.get(INTENT) for example in examples]
        vectors = np.stack([_vector(example) for example in examples])
        self._model = HybridModel.fit(texts, vectors, labels)
        self._persist(_known_phrases(self._model, texts, vectors, labels))
        return self._resource

    def _persist(self, known_phrases: Dict[str, str]) -> None:
        with self._model_storage.write_to(self._resource) as folder:
            self._model.save(folder)
            (folder / _KNOWN_PHRASES).write_text(json.dumps(known_phrases, ensure_ascii=False), encoding="utf-8")

    @classmethod
    def load(
        cls,
        config: Dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,  # noqa: ANN401 - Rasa may hand over more
    ) -> "HybridIntentClassifier":
        """The classifier that `train` kept.

        Raises:
            SelfTestFailedError: it does not recognise its known phrases.
        """
        component = cls(model_storage, resource)
        with model_storage.read_from(resource) as folder:
            component._model = HybridModel.read(folder)
            known_phrases = json.loads((folder / _KNOWN_PHRASES).read_text(encoding="utf-8"))
        _self_test(component._model, known_phrases)
        return component

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Predicts the examples too, as Rasa asks of every classifier."""
        self.process(training_data.training_examples)
        return training_data

    def process(self, messages: List[Message]) -> List[Message]:
        """Adds the prediction to every message that has a sentence vector."""
        for message in messages:
            vector = _vector(message)
            if vector is None:
                message.set(INTENT, {INTENT_NAME_KEY: None, PREDICTED_CONFIDENCE_KEY: 0.0}, add_to_output=True)
                message.set(INTENT_RANKING_KEY, [], add_to_output=True)
                continue
            ranking = _ranking(self._model, message.get(TEXT), vector)
            message.set(INTENT, dict(ranking[0]), add_to_output=True)
            message.set(INTENT_RANKING_KEY, ranking, add_to_output=True)
            message.set(OFF_TOPIC, round(self._model.off_topic_score(vector), 4), add_to_output=True)
        return messages


def _vector(message: Message) -> Any:  # noqa: ANN401 - Rasa does not type its features
    _, sentence = message.get_dense_features(TEXT, [])
    return None if sentence is None else sentence.features[0]


def _ranking(model: HybridModel, text: str, vector: Floats) -> List[Dict[str, Any]]:
    probabilities = model.probabilities(text, vector)
    order = np.argsort(-probabilities)
    return [
        {INTENT_NAME_KEY: model.intents[place], PREDICTED_CONFIDENCE_KEY: float(probabilities[place])}
        for place in order
    ]


def _known_phrases(model: HybridModel, texts: List[str], vectors: Floats, labels: List[str]) -> Dict[str, str]:
    """The example of each intent that the model is surest of."""
    best: Dict[str, float] = {}
    phrases: Dict[str, str] = {}
    for text, vector, label in zip(texts, vectors, labels, strict=True):
        sureness = float(model.probabilities(text, vector)[model.intents.index(label)])
        if sureness > best.get(label, 0.0):
            best[label] = sureness
            phrases[label] = text
    return phrases


def _self_test(model: HybridModel, known_phrases: Dict[str, str]) -> None:
    vectors = embed(list(known_phrases.values()))
    for (intent, phrase), vector in zip(known_phrases.items(), vectors, strict=True):
        found = model.intents[int(np.argmax(model.probabilities(phrase, vector)))]
        if found != intent:
            raise SelfTestFailedError(f"self-test: the known phrase of {intent} is read as {found}; train again")
