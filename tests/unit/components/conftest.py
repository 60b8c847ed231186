"""Fixtures of the tests that run inside Rasa's environment; any other Python leaves them alone."""

from __future__ import annotations

import csv
import os
import sys
from pathlib import Path

# The embedding engine must not compete with itself; it reads this when it is loaded.
os.environ["OMP_NUM_THREADS"] = "1"

if sys.version_info >= (3, 11):  # noqa: UP036 - this folder is run with 3.10 and looked at with 3.11
    collect_ignore_glob = ["test_*.py"]
else:
    import pytest
    from rasa.shared.nlu.training_data.loading import load_data
    from rasa.shared.nlu.training_data.training_data import TrainingData

    from bot.components.featurizer import embed
    from bot.components.hybrid import HybridModel

    ROOT = Path(__file__).parents[3]

    @pytest.fixture(scope="session")
    def examples() -> TrainingData:
        return load_data(str(ROOT / "data" / "nlu"))

    @pytest.fixture(scope="session")
    def model(examples: TrainingData) -> HybridModel:
        texts = [example.get("text") for example in examples.intent_examples]
        labels = [example.get("intent") for example in examples.intent_examples]
        return HybridModel.fit(texts, embed(texts), labels)

    @pytest.fixture(scope="session")
    def held_out() -> list[tuple[str, str]]:
        with (ROOT / "tests" / "nlu" / "heldout.tsv").open(encoding="utf-8", newline="") as table:
            return [(row["text"], row["intent"]) for row in csv.DictReader(table, delimiter="\t")]
