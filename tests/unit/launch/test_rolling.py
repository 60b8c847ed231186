"""Restarting one process after the other, with a real supervisor and servers that are quick to start."""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.launch import rolling
from bot.launch.grown import PROXY, Plan
from bot.launch.processes import control_socket, supervisor_configuration
from bot.launch.rolling import NotRestartedError, roll
from bot.settings import Settings
from tests.support.grown_product import answers, free_ports

pytestmark = pytest.mark.dear

NAMES = ("web-1", "web-2", "console", PROXY)
_SECONDS = 120.0


@pytest.fixture
def folder() -> Iterator[Path]:
    """One whose path is short enough for a socket, which pytest's own may not be."""
    with tempfile.TemporaryDirectory(prefix="roll-") as name:
        yield Path(name)


@pytest.fixture
def plan(folder: Path) -> Iterator[Plan]:
    """Servers that say 200 at `/healthz` as long as that file is there, under a supervisor."""
    (folder / "healthz").touch()
    (folder / "log").mkdir()
    ports = dict(zip(NAMES, free_ports(len(NAMES)), strict=True))
    server = [sys.executable, "-m", "http.server", "--bind", "127.0.0.1", "--directory", str(folder)]
    commands = {name: [*server, str(port)] for name, port in ports.items()}
    addresses = {name: ("127.0.0.1", port) for name, port in ports.items()}
    made = Plan(Settings(_env_file=None, data_dir=folder), addresses, commands, {}, ())
    (folder / "supervisord.conf").write_text(supervisor_configuration(commands, folder), "utf-8")
    supervisord = str(Path(sys.executable).with_name("supervisord"))
    supervisor = subprocess.Popen([supervisord, "-n", "-c", str(folder / "supervisord.conf")])
    deadline = time.monotonic() + _SECONDS
    while not all(answers(f"http://{host}:{port}/healthz") for host, port in addresses.values()):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    yield made
    supervisor.terminate()
    supervisor.wait(_SECONDS)


def starts(plan: Plan) -> list[str]:
    """The names of what was started, in its order."""
    return re.findall(r"spawned: '([\w-]+)'", (plan.settings.data_dir / "log" / "supervisor.log").read_text("utf-8"))


def test_each_is_restarted_once_in_order_and_serves_afterwards(plan: Plan) -> None:
    said: list[str] = []

    assert roll(plan, say=said.append) == 0
    assert starts(plan)[len(NAMES) :] == ["web-1", "web-2", "console"]
    assert [line.partition(":")[0] for line in said] == ["web-1", "web-2", "console"]
    assert all(answers(f"http://{host}:{port}/healthz") for host, port in plan.addresses.values())


def test_when_one_does_not_serve_again_the_rest_is_left_as_it_is(plan: Plan, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rolling, "_SERVES_SECONDS", 1.0)
    (plan.settings.data_dir / "healthz").unlink()

    with pytest.raises(NotRestartedError, match="web-1 does not serve again"):
        roll(plan, say=lambda _line: None)
    assert starts(plan)[len(NAMES) :] == ["web-1"]


def test_a_folder_in_which_nothing_runs_is_told_so(tmp_path: Path) -> None:
    settings = Settings(_env_file=None, data_dir=tmp_path)

    with pytest.raises(NotRestartedError, match="nothing runs"):
        roll(Plan(settings, {}, {}, {}, ()), say=lambda _line: None)


def test_a_path_that_is_too_long_for_a_socket_has_none_and_runs_all_the_same(tmp_path: Path) -> None:
    deep = tmp_path / ("x" * 100)

    assert control_socket(deep) is None
    assert "unix_http_server" not in supervisor_configuration({"web": ["true"]}, deep)
