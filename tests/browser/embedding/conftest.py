from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from aiohttp.test_utils import TestServer, unused_port
from playwright.async_api import Browser
from pydantic import SecretStr

from bot.channels.website.demo_site import MemberKey, build_demo_site
from bot.settings import Settings
from tests.support.browsing import Site, visiting
from tests.support.embedding import Guest


@pytest.fixture
def key() -> MemberKey:
    return MemberKey()


@pytest.fixture
def settings(settings: Settings, key: MemberKey) -> Settings:
    introduced = {
        "embed_origins": f"http://127.0.0.1:{unused_port()}",
        "member_token_keys": SecretStr(key.public_set()),
    }
    return settings.model_copy(update=introduced)


@pytest_asyncio.fixture(loop_scope="session")
async def host(site: Site, settings: Settings, key: MemberKey) -> AsyncIterator[str]:
    """The address of the demo site, whose pages may show the widget."""
    port = int(settings.embed_origins.rpartition(":")[2])
    at_site = settings.model_copy(update={"public_url": site.url})
    async with TestServer(build_demo_site(at_site, key), port=port) as server:
        yield str(server.make_url("/"))


@pytest_asyncio.fixture(loop_scope="session")
async def guest(chromium: Browser, host: str) -> AsyncIterator[Guest]:
    """At a desktop; nothing that must never happen may have happened when the test ends."""
    async with visiting(chromium, host, viewport={"width": 1280, "height": 800}) as visitor:
        yield Guest(visitor, host)
