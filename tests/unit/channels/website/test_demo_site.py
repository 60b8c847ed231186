from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from aiohttp.test_utils import TestClient, TestServer

from bot.channels.website.demo_site import MemberKey, build_demo_site
from bot.channels.website.embed import integrity
from bot.launch.demo_web import introduced
from bot.policy.documents import load_policy
from bot.register.errors import MemberTokenIsRefusedError
from bot.register.identity.member_token import MemberTokenKeys
from bot.settings import Settings
from bot.storage.encryption import Vault
from tests.support.installation import CORPUS, installed

NOW = datetime(2026, 11, 26, 3, 0, tzinfo=UTC)


@pytest.fixture
def settings(sqlite_template: Path, tmp_path: Path) -> Settings:
    return installed(sqlite_template, tmp_path)


def test_the_gateway_believes_the_site_s_key_for_some_minutes(settings: Settings) -> None:
    key = MemberKey()
    environment = introduced(settings, key)
    told = settings.model_validate(
        settings.model_dump() | {name.removeprefix("MADOGUCHI_").lower(): value for name, value in environment.items()}
    )
    assert told.embed_origins == f"http://127.0.0.1:{settings.demo_port}"
    keys, vault = MemberTokenKeys.from_settings(told), Vault.from_settings(told)
    token = key.sign("somebody", audience=told.member_token_audience, clock=lambda: NOW)
    assert keys.read(token, now=NOW, vault=vault).subject_hash
    with pytest.raises(MemberTokenIsRefusedError):
        keys.read(token, now=NOW + timedelta(minutes=6), vault=vault)
    with pytest.raises(MemberTokenIsRefusedError):
        keys.read(MemberKey().sign("somebody", audience="madoguchi", clock=lambda: NOW), now=NOW, vault=vault)
    assert "d" not in json.loads(key.public_set())["keys"][0]


async def test_the_site_shows_the_policy_s_own_words_and_asks_nobody_else(settings: Settings) -> None:
    policy = load_policy(CORPUS, settings.default_policy, "2026-11-23")
    async with TestClient(TestServer(build_demo_site(settings, MemberKey()))) as client:
        answer = await client.get("/")
        text = await answer.text()
        for block in policy.blocks:
            words = policy.text[block.start : block.end]
            assert words.replace("&", "&amp;") in text
        assert f'integrity="{integrity()}"' in text
        hosts = {urlsplit(part.split('"')[0]).netloc for part in text.split('="http')[1:]}
        assert hosts <= {"", urlsplit("http" + "://127.0.0.1:8080").netloc}
        policy_header = answer.headers["Content-Security-Policy"]
        assert "unsafe" not in policy_header
        assert "trusted-types 'none'" in policy_header


async def test_only_who_is_logged_in_is_vouched_for(settings: Settings) -> None:
    async with TestClient(TestServer(build_demo_site(settings, MemberKey()))) as client:
        assert await (await client.post("/member-token")).text() == ""
        await client.post("/sign-in")
        assert (await (await client.post("/member-token")).text()).count(".") == 2
        await client.post("/sign-out")
        assert await (await client.post("/member-token")).text() == ""
