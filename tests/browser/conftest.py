from __future__ import annotations

import dataclasses
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import cast

import pytest
import pytest_asyncio
from aiohttp.test_utils import TestServer
from playwright.async_api import Browser

from actions.services import Services
from bot.app import build_app
from bot.channels.gateway import open_gateway
from bot.policy.assistant import Assistant
from bot.policy.documents import load_policy
from bot.settings import Settings
from tests.support.browsing import Site, Visitor, visiting
from tests.support.installation import CORPUS, installed
from tests.support.talking_rasa import QuotingAssistant, TalkingRasa

QUOTES = {
    "口座": (
        "アンケートや各種キャンペーンにおける謝礼金等の入金処理のため",
        "キャッシュバックキャンペーン等における返金処理のため",
    ),
    "期間": ("なお、法令により開示等の申し出には応じられない場合があります。",),
}


class SetClock:
    """The server's clock: runs from now on, and may be put forward."""

    def __init__(self) -> None:
        self._ahead = timedelta()

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self._ahead

    def pass_time(self, **delta: float) -> None:
        self._ahead += timedelta(**delta)


@pytest.fixture
def clock() -> SetClock:
    return SetClock()


@pytest.fixture
def settings(sqlite_template: Path, tmp_path: Path) -> Settings:
    return installed(sqlite_template, tmp_path)


@pytest_asyncio.fixture(loop_scope="session")
async def site(settings: Settings, clock: SetClock) -> AsyncIterator[Site]:
    assistant = QuotingAssistant(load_policy(CORPUS, settings.default_policy), settings.public_url, QUOTES)
    services = Services(settings, clock=clock, open_assistant=lambda *_: cast(Assistant, assistant))
    rasa = TalkingRasa(settings, services)
    gateway = dataclasses.replace(open_gateway(settings, clock=clock), rasa=rasa)
    async with TestServer(build_app(gateway)) as server:
        yield Site(str(server.make_url("/")).rstrip("/"), gateway, rasa)
    services.engine.dispose()


@pytest_asyncio.fixture(loop_scope="session")
async def member(chromium: Browser, site: Site) -> AsyncIterator[Visitor]:
    """At a desktop; nothing that must never happen may have happened when the test ends."""
    async with visiting(chromium, site.url, viewport={"width": 1100, "height": 800}) as visitor:
        yield visitor
