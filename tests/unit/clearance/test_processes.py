"""Real processes in production: none starts while something is red, each says what, and all start when nothing is."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

from bot.launch.processes import MODULES
from bot.secret_split import SPLIT, held_by
from bot.settings import PREFIX
from tests.support.cleared import change_desk
from tests.support.product import _free_port

_MODULES = ["bot.app", "bot.jobs", "bot.console", "actions", "bot.launch"]
_SECONDS = 300


def _environment(environment: dict[str, str]) -> dict[str, str]:
    ports = {
        "MADOGUCHI_WEB_PORT": str(_free_port()),
        "MADOGUCHI_CONSOLE_PORT": str(_free_port()),
        "MADOGUCHI_ACTIONS_URL": f"http://127.0.0.1:{_free_port()}",
        "MADOGUCHI_RASA_URL": f"http://127.0.0.1:{_free_port()}",
    }
    return os.environ | environment | ports


@pytest.mark.parametrize("module", _MODULES)
def test_no_process_starts_while_something_is_red(module: str, environment: dict[str, str]) -> None:
    change_desk(Path(environment["MADOGUCHI_CORPUS_DIR"]), owner={"fee": "", "complaints": ""})
    ended = subprocess.run(
        [sys.executable, "-W", "ignore", "-m", module],
        env=_environment(environment),
        capture_output=True,
        text=True,
        timeout=_SECONDS,
        check=False,
    )
    assert ended.returncode == 2, ended.stderr
    (line,) = ended.stderr.splitlines()
    assert "MADOGUCHI_MODE=production では起動できません。済んでいない2件：手数料" in line
    assert "苦情の申出先" in line
    assert "Traceback" not in ended.stdout


@pytest.mark.parametrize(("process", "port"), [("web", "WEB_PORT"), ("console", "CONSOLE_PORT")])
def test_a_process_starts_with_its_own_secrets_when_nothing_is_red(
    process: str, port: str, environment: dict[str, str]
) -> None:
    anothers = {PREFIX + name.upper() for name in SPLIT.keys() - held_by(process)}
    variables = {name: value for name, value in _environment(environment).items() if name not in anothers}
    running = subprocess.Popen(
        [sys.executable, "-W", "ignore", "-m", MODULES[process]],
        env=variables,
        stderr=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
    )
    try:
        assert _answers(running, f"http://127.0.0.1:{variables['MADOGUCHI_' + port]}/healthz")
    finally:
        running.send_signal(signal.SIGTERM)
        running.communicate(timeout=_SECONDS)


def _answers(process: subprocess.Popen[bytes], url: str) -> bool:
    deadline = time.monotonic() + _SECONDS
    while process.poll() is None and time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(url, timeout=5) as answer:
                return bool(answer.status == 200)
        except OSError:
            time.sleep(0.05)
    return False
