from __future__ import annotations

import shutil
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from bot.channels.website import assets
from bot.settings import Settings
from tests.support.web_member import Desk, running_desk

# What everything together may weigh on its way to a member, the icon apart.
LARGEST = 10 * 1024

IN_FRAME = {"Sec-Fetch-Dest": "iframe", "Sec-Fetch-Site": "same-origin"}

Running = Callable[..., AbstractAsyncContextManager[Desk]]


@pytest.fixture
def running(sqlite_template: Path, tmp_path: Path) -> Running:
    database = tmp_path / "web.db"
    shutil.copy(sqlite_template, database)
    return lambda **changes: running_desk(database, **changes)


@pytest.fixture
async def desk(running: Running) -> AsyncIterator[Desk]:
    async with running(embed_origins="https://www.example.jp https://shop.example.jp") as opened:
        yield opened


def directives(policy: str) -> dict[str, str]:
    parts = (part.strip().partition(" ") for part in policy.split(";"))
    return {name: value for name, _, value in parts}


async def test_the_widget_weighs_little(desk: Desk) -> None:
    page = await desk.client.get("/widget", headers={"Accept-Encoding": "gzip"})
    sizes = {"html": int(page.headers["Content-Length"])}
    sizes |= {name: len(assets.assets()[name].compressed) for name in ("widget.css", "widget.js")}
    print(f"the widget in gzip: {sizes}, together {sum(sizes.values())} bytes")  # noqa: T201 - a figure of the project
    text = await page.text()
    assert all(assets.asset_path(name) in text for name in ("widget.css", "widget.js"))
    assert text.count("/static/") == 3
    assert sum(sizes.values()) <= LARGEST, sizes


async def test_the_widget_s_policy_allows_nothing_but_ours(desk: Desk) -> None:
    policy = directives((await desk.client.get("/widget")).headers["Content-Security-Policy"])
    assert policy == {
        "default-src": "'none'",
        "script-src": "'self'",
        "style-src": "'self'",
        "connect-src": "'self'",
        "img-src": "'self' data:",
        "frame-src": "'self'",
        "base-uri": "'none'",
        "form-action": "'self'",
        "frame-ancestors": "https://www.example.jp https://shop.example.jp",
        "require-trusted-types-for": "'script'",
        "trusted-types": "'none'",
    }


async def test_nobody_may_frame_anything_unless_the_settings_say_so(running: Running) -> None:
    async with running() as desk:
        for path in ("/widget", "/", "/request", "/request/some-token", "/nowhere"):
            headers = {"Accept": "text/html"}
            policy = (await desk.client.get(path, headers=headers)).headers["Content-Security-Policy"]
            assert directives(policy)["frame-ancestors"] == "'none'", path


@pytest.mark.parametrize("path", ["/request", "/request/some-token", "/request/some/nowhere"])
async def test_a_request_s_page_may_stand_in_a_frame_of_ours(desk: Desk, path: str) -> None:
    inside = await desk.client.get(path, headers=IN_FRAME | {"Accept": "text/html"})
    policy = directives(inside.headers["Content-Security-Policy"])
    assert policy["frame-ancestors"] == "'self' https://www.example.jp https://shop.example.jp"
    assert "script-src" not in policy
    text = await inside.text()
    assert "masthead" not in text
    assert 'href="/"' not in text


@pytest.mark.parametrize(
    "asked",
    [
        {},
        IN_FRAME | {"Sec-Fetch-Site": "cross-site"},
        IN_FRAME | {"Sec-Fetch-Site": "same-site"},
        IN_FRAME | {"Sec-Fetch-Site": "none"},
        IN_FRAME | {"Sec-Fetch-Dest": "document"},
        IN_FRAME | {"Sec-Fetch-Dest": "embed"},
    ],
)
async def test_a_request_s_page_that_another_site_frames_is_refused(desk: Desk, asked: dict[str, str]) -> None:
    answer = await desk.client.get("/request/some-token", headers=asked)
    assert directives(answer.headers["Content-Security-Policy"])["frame-ancestors"] == "'none'"
    assert "masthead" in await answer.text()


@pytest.mark.parametrize("path", ["/", "/policy/eparkrelax/privacy/2026-11-23"])
async def test_no_other_page_goes_into_a_frame(desk: Desk, path: str) -> None:
    answer = await desk.client.get(path, headers=IN_FRAME)
    assert directives(answer.headers["Content-Security-Policy"])["frame-ancestors"] == "'none'"


@pytest.mark.parametrize(
    ("changes", "cookie"),
    [
        ({}, "chat={token}; HttpOnly; Path=/; SameSite=Lax"),
        ({"public_url": "https://chat.example.jp"}, "__Host-chat={token}; HttpOnly; Path=/; SameSite=Lax; Secure"),
        (
            {"public_url": "https://chat.example.jp", "embed_cross_site": True},
            "__Host-chat={token}; Path=/; Secure; HttpOnly; SameSite=None; Partitioned",
        ),
        ({"embed_cross_site": True}, "chat={token}; Path=/; Secure; HttpOnly; SameSite=None; Partitioned"),
    ],
)
async def test_the_cookie_goes_no_further_than_it_must(running: Running, changes: dict[str, Any], cookie: str) -> None:
    async with running(**changes) as desk:
        answer = await desk.client.post("/api/conversations", json={})
        [given] = answer.headers.getall("Set-Cookie")
        token = given.partition(";")[0].partition("=")[2]
        assert given == cookie.format(token=token)
        assert len(token) == 43


@pytest.mark.parametrize(
    "origins", ["https://www.example.jp", "https://a.jp https://b.example:8443", "http://127.0.0.1:8082", " ", ""]
)
def test_exact_origins_are_taken(origins: str) -> None:
    assert Settings(_env_file=None, embed_origins=origins).embed_origins == " ".join(origins.split())


@pytest.mark.parametrize(
    "origin",
    [
        "*",
        "https://*.example.jp",
        "http://www.example.jp",
        "https://www.example.jp/",
        "https://www.example.jp/page",
        "https://Example.jp",
        "www.example.jp",
        "https://www.example.jp;script-src",
        "https://a.jp 'self'",
        "https://a.jp, https://b.jp",
    ],
)
def test_what_is_no_exact_origin_is_refused(origin: str) -> None:
    with pytest.raises(ValidationError, match="no exact https origin"):
        Settings(_env_file=None, embed_origins=origin)
