"""How well sentences are read that no example was written after."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from bot.components.featurizer import embed
from bot.components.hybrid import OFF_TOPIC_INTENT, HybridModel

# Measured when the bar was set: 0.94 and 0.99. With the first examples, before its mistakes here had been looked at, it
# was 0.89. One author wrote examples and held-out sentences, so that members will find it weaker; the bar catches a
# step back, it promises nothing.
LOWEST_ACCURACY = 0.90
LOWEST_AUROC = 0.95
# A question read as a request opens one that nobody wanted; a request read as a question is not taken.
MOST_CONFUSED = 0.06

Reading = tuple[str, str, float]


@pytest.fixture(scope="module")
def readings(model: HybridModel, held_out: list[tuple[str, str]]) -> list[Reading]:
    """(right intent, found intent, off-topic score) of every held-out sentence."""
    vectors = embed([text for text, _ in held_out])
    found = [
        model.intents[int(np.argmax(model.probabilities(text, vector)))]
        for (text, _), vector in zip(held_out, vectors, strict=True)
    ]
    scores = [model.off_topic_score(vector) for vector in vectors]
    return [(right, name, score) for (_, right), name, score in zip(held_out, found, scores, strict=True)]


def test_intents(readings: list[Reading]) -> None:
    right = sum(wanted == found for wanted, found, _ in readings)
    wrong = Counter((wanted, found) for wanted, found, _ in readings if wanted != found)
    assert right / len(readings) >= LOWEST_ACCURACY, wrong.most_common()


def test_questions_and_requests_are_told_apart(readings: list[Reading]) -> None:
    pair = {"ask_policy", "open_request"}
    both = [(wanted, found) for wanted, found, _ in readings if wanted in pair]
    confused = sum(wanted != found and found in pair for wanted, found in both)
    assert confused / len(both) <= MOST_CONFUSED


def test_strangers_are_recognised(readings: list[Reading]) -> None:
    off = np.asarray([score for wanted, _, score in readings if wanted == OFF_TOPIC_INTENT])
    on = np.asarray([score for wanted, _, score in readings if wanted != OFF_TOPIC_INTENT])
    area = float((off[:, None] > on[None, :]).mean() + 0.5 * (off[:, None] == on[None, :]).mean())
    assert area >= LOWEST_AUROC


@pytest.mark.parametrize("command", ["／restart", '／open_request{"kind":"erasure"}', '／choose{"step":"confirm"}'])
def test_a_typed_command_is_a_sentence_that_asks_for_nothing(model: HybridModel, command: str) -> None:
    probabilities = model.probabilities(command, embed([command])[0])
    assert model.intents[int(np.argmax(probabilities))] == OFF_TOPIC_INTENT
