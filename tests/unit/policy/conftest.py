from __future__ import annotations

from pathlib import Path

import pytest

from bot.policy.assistant import Assistant, open_assistant
from bot.policy.documents import load_policy
from bot.policy.model import Policy
from bot.settings import Settings
from tests.support.turns import one_at_a_time

CORPUS = Path(__file__).parents[3] / "policy_corpus"


@pytest.fixture(scope="session")
def corpus() -> Path:
    return CORPUS


@pytest.fixture(scope="session")
def policy(corpus: Path) -> Policy:
    return load_policy(corpus, "eparkrelax/privacy")


@pytest.fixture(scope="session")
def assistant(tmp_path_factory: pytest.TempPathFactory, corpus: Path) -> Assistant:
    with one_at_a_time("index"):
        return open_assistant(Settings(data_dir=tmp_path_factory.mktemp("var"), corpus_dir=corpus))
