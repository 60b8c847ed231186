from __future__ import annotations

from pathlib import Path

import pytest

from bot.policy.documents import load_policy
from bot.policy.model import Policy

CORPUS = Path(__file__).parents[3] / "policy_corpus"


@pytest.fixture(scope="session")
def corpus() -> Path:
    return CORPUS


@pytest.fixture(scope="session")
def policy(corpus: Path) -> Policy:
    return load_policy(corpus, "eparkrelax/privacy")
