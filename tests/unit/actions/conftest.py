from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import cast

import pytest

from actions.services import Services
from bot.policy.assistant import Assistant
from bot.policy.documents import load_policy
from bot.policy.model import Policy
from bot.settings import Settings
from tests.support.installation import installed
from tests.support.scripted_assistant import ScriptedAssistant
from tests.support.talk import Talk


class SetClock:
    def __init__(self) -> None:
        self.now = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def pass_time(self, **delta: float) -> None:
        self.now += timedelta(**delta)


@pytest.fixture
def clock() -> SetClock:
    return SetClock()


@pytest.fixture
def settings(sqlite_template: Path, tmp_path: Path) -> Settings:
    return installed(sqlite_template, tmp_path)


@pytest.fixture(scope="session")
def policy() -> Policy:
    return load_policy(Path("policy_corpus"), "eparkrelax/privacy")


@pytest.fixture
def assistant(settings: Settings, policy: Policy) -> ScriptedAssistant:
    return ScriptedAssistant(policy, settings.public_url)


@pytest.fixture
def services(settings: Settings, clock: SetClock, assistant: ScriptedAssistant) -> Iterator[Services]:
    # It stands in for the real one, which loads a model.
    made = Services(settings, clock=clock, open_assistant=lambda *_: cast(Assistant, assistant))
    made.releases.get()
    yield made
    made.engine.dispose()


@pytest.fixture
def talk(services: Services) -> Talk:
    return Talk(services)
