"""What every test of Slack needs: a member at the keyboard, and posts that follow each other at once."""

from __future__ import annotations

import pytest

from tests.support.slack_member import SlackMember
from tests.unit.channels.conftest import Channels


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.channels.limits.SLACK_SECONDS_BETWEEN_POSTS", 0.0)


@pytest.fixture
def slack(channels: Channels) -> SlackMember:
    return SlackMember(channels)
