from __future__ import annotations

import json
import logging
import shutil
import socket
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from bot import app, jobs, logs
from bot.channels.gateway import open_gateway
from bot.channels.website.access_log import AccessLog
from bot.settings import Settings
from tests.support.web_member import running_desk, web_settings


def _load(monkeypatch: pytest.MonkeyPatch, settings: Settings) -> None:
    for module in (app, jobs):
        monkeypatch.setattr(module, "load_controllers", lambda: (settings,))


@pytest.fixture
def json_logs(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    # Configuring is for a process; here the next test wants things as they were.
    monkeypatch.setattr(logging.getLogger(), "handlers", [])
    logs.configure("INFO")
    yield
    structlog.reset_defaults()


@pytest.mark.parametrize("module", [app, jobs])
def test_a_missing_key_is_one_clear_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path, module: object
) -> None:
    _load(monkeypatch, web_settings(f"sqlite:///{tmp_path / 'x.db'}", encryption_key=""))
    with pytest.raises(SystemExit) as ended:
        module.main()  # type: ignore[attr-defined]  # both modules have one
    assert ended.value.code == 2
    assert "MADOGUCHI_ENCRYPTION_KEY is not set" in capsys.readouterr().err


def test_a_taken_port_is_one_clear_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        _load(monkeypatch, web_settings(f"sqlite:///{tmp_path / 'x.db'}", web_port=port))
        with pytest.raises(SystemExit) as ended:
            app.main()
    assert ended.value.code == 2
    assert capsys.readouterr().err == f"web: 127.0.0.1:{port} is taken (MADOGUCHI_WEB_PORT)\n"


async def test_channels_without_secrets_have_no_routes(sqlite_template: Path, tmp_path: Path) -> None:
    shutil.copy(sqlite_template, tmp_path / "web.db")
    async with running_desk(tmp_path / "web.db") as desk:
        assert (await desk.client.post("/line/webhook", data=b"{}")).status == 404
        assert (await desk.client.post("/slack/events", data=b"{}")).status == 404


async def test_the_log_names_routes_and_neither_paths_nor_queries(
    sqlite_template: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], json_logs: None
) -> None:
    del json_logs
    shutil.copy(sqlite_template, tmp_path / "web.db")
    gateway = open_gateway(web_settings(f"sqlite:///{tmp_path / 'web.db'}"))
    server = TestServer(app.build_app(gateway))
    await server.start_server(access_log_class=AccessLog)
    async with TestClient(server) as client:
        for path in ("/request/secret-token", "/openapi.json?mail=canary@example.jp", "/canary@example.jp"):
            await client.get(path)
        # What machines ask every few seconds would bury the rest.
        for path in ("/healthz", "/readyz", "/metrics"):
            await client.get(path)
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    routes = [line["route"] for line in lines if line["event"] == "request"]
    assert len(routes) == 3
    assert routes == ["/request/{token}", "/openapi.json", "unknown"]
    assert "secret-token" not in str(lines)
    assert "canary" not in str(lines)


def test_an_exceptions_text_never_reaches_the_log(capsys: pytest.CaptureFixture[str], json_logs: None) -> None:
    del json_logs
    try:
        int("canary@example.jp")
    except ValueError:
        structlog.get_logger().exception("something_failed")
        fault = sys.exc_info()
    record = logging.LogRecord("aiohttp.server", logging.ERROR, "a.py", 1, "of %s", ("canary@example.jp",), fault)
    ours = json.loads(capsys.readouterr().out)
    theirs = json.loads(logs._LibraryFormat().format(record))
    assert ours["error"] == theirs["error"] == "ValueError"
    assert "canary" not in str(ours) + str(theirs)


def test_a_library_with_a_level_of_its_own_logs_no_more_than_the_others(
    capsys: pytest.CaptureFixture[str], json_logs: None
) -> None:
    del json_logs
    chatty = logging.getLogger("chatty")
    chatty.setLevel(logging.DEBUG)
    logs.configure("INFO")
    chatty.debug("building index")
    chatty.warning("torn index")
    (line,) = capsys.readouterr().out.splitlines()
    assert json.loads(line)["level"] == "warning"


def test_the_application_can_be_built_twice(tmp_path: Path) -> None:
    gateway = open_gateway(web_settings(f"sqlite:///{tmp_path / 'x.db'}"))
    assert isinstance(app.build_app(gateway), web.Application)
    assert isinstance(app.build_app(gateway), web.Application)
    gateway.engine.dispose()
