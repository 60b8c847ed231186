from __future__ import annotations

import base64
import gzip
import hashlib
import re
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bot.channels.website import assets, embed
from bot.cli import app
from bot.settings import Settings
from tests.support.web_member import Desk, running_desk

LARGEST = 2048

# What each release's hosts have in their pages. A changed script is a new release: its address and its digest change
# together, or pages that carry the old digest lose their button.
PUBLISHED = {"/embed-0.1.0.js": "sha384-U+S3YjyB6OcZLJ9sL7BvGSep7RwdIvnTUPhO54H9fjQBNk1pcOC02lO315ObGzv5"}


@pytest.fixture
async def desk(sqlite_template: Path, tmp_path: Path) -> AsyncIterator[Desk]:
    database = tmp_path / "web.db"
    shutil.copy(sqlite_template, database)
    async with running_desk(database, public_url="https://chat.example.jp") as running:
        yield running


async def test_the_script_is_small_lasting_and_open_to_every_site(desk: Desk) -> None:
    answer = await desk.client.get(embed.path())
    body = await answer.read()
    assert answer.status == 200
    assert len(body) <= LARGEST, f"{len(body)} bytes"
    assert answer.headers["Content-Type"] == "text/javascript; charset=utf-8"
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert answer.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


async def test_the_published_digest_is_that_of_the_bytes_served(desk: Desk) -> None:
    body = await (await desk.client.get(embed.path())).read()
    digest = "sha384-" + base64.b64encode(hashlib.sha384(body).digest()).decode()
    assert embed.integrity() == digest
    assert PUBLISHED[embed.path()] == digest


@pytest.mark.parametrize("path", ["/", "/widget", "/static/base.css", "/healthz"])
async def test_nothing_else_is_open_to_other_sites(desk: Desk, path: str) -> None:
    answer = await desk.client.get(path)
    assert "Access-Control-Allow-Origin" not in answer.headers
    assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"


def test_the_command_prints_the_lines_to_paste(monkeypatch: pytest.MonkeyPatch) -> None:
    loaded = Settings(public_url="https://chat.example.jp/")
    monkeypatch.setattr("bot.controllers.load", lambda: loaded)
    printed = CliRunner().invoke(app, ["embed"])
    assert printed.exit_code == 0
    assert f'src="https://chat.example.jp{embed.path()}" integrity="{embed.integrity()}"' in printed.stdout
    assert 'crossorigin="anonymous" defer' in printed.stdout
    assert '<a href="https://chat.example.jp/widget"' in printed.stdout
    assert "script-src https://chat.example.jp; frame-src https://chat.example.jp" in printed.stderr
    assert "MADOGUCHI_EMBED_ORIGINS" in printed.stderr


async def test_an_asset_is_kept_for_good_at_its_own_address_and_asked_for_at_its_name(desk: Desk) -> None:
    lasting = await desk.client.get(assets.asset_path("widget.css"))
    named = await desk.client.get("/static/widget.css")
    assert await lasting.read() == await named.read()
    assert "immutable" in lasting.headers["Cache-Control"]
    assert named.headers["Cache-Control"] == "no-cache"
    again = await desk.client.get("/static/widget.css", headers={"If-None-Match": named.headers["ETag"]})
    assert (again.status, await again.read()) == (304, b"")
    for path in ("/static/nothing.css", "/static/widget-000000000000.css", "/static/..%2Fsettings.py"):
        assert (await desk.client.get(path)).status == 404


@pytest.mark.parametrize(
    ("offer", "is_compressed"),
    [("gzip, br", True), ("br;q=1.0, gzip;q=0.8", True), ("gzip;q=0", False), ("identity", False), ("", False)],
)
async def test_whoever_takes_gzip_gets_it(desk: Desk, offer: str, is_compressed: bool) -> None:  # noqa: FBT001 - a parameter of the test
    for path in ("/static/widget.css", embed.path(), "/widget"):
        answer = await desk.client.get(path, headers={"Accept-Encoding": offer})
        assert (answer.headers.get("Content-Encoding") == "gzip") is is_compressed
        assert answer.headers["Vary"] == "Accept-Encoding"


def test_every_asset_is_one_file_without_its_comments() -> None:
    for asset in assets.assets().values():
        text = asset.body.decode()
        assert not re.search(r"^\s*(?:import|export|@import)\b", text, re.MULTILINE), asset.name
        assert gzip.decompress(asset.compressed) == asset.body
        if asset.name.endswith((".css", ".js")):
            assert "/*" not in text
