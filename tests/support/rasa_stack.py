"""A real Rasa with a real action server, on free ports and with databases of their own; no gateway."""

from __future__ import annotations

import base64
import os
import secrets
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bot.launch.model import ensure_trained
from bot.launch.processes import commands, environment
from bot.settings import PREFIX, Settings
from bot.storage.migrate import upgrade
from tests.support.turns import one_at_a_time

ROOT = Path(__file__).resolve().parents[2]
_START_SECONDS = 500.0
_STOP_SECONDS = 20.0


@contextmanager
def running_stack(folder: Path) -> Iterator[Settings]:
    """Runs both until the block ends, and gives the settings with which a gateway would reach them."""
    ensure_trained(ROOT)
    values = _values(folder)
    settings = Settings.model_validate(values)
    upgrade(settings.database_url)
    variables = environment(settings) | {PREFIX + name.upper(): value for name, value in values.items()}
    processes: list[subprocess.Popen[bytes]] = []
    try:
        with one_at_a_time("index"):
            processes += [_start(name, settings, variables, folder) for name in ("actions", "rasa")]
            _wait(f"{settings.actions_url}/ready", "", processes, folder)
        token = settings.internal_token.get_secret_value()
        _wait(f"{settings.rasa_url}/webhooks/inspect/ready", f"Bearer {token}", processes, folder)
        yield settings
    finally:
        _stop(processes)


def _values(folder: Path) -> dict[str, str]:
    def key() -> str:
        return base64.b64encode(secrets.token_bytes(32)).decode()

    return {
        "data_dir": str(folder),
        "database_url": f"sqlite:///{folder}/madoguchi.db",
        "tracker_url": f"sqlite:///{folder}/tracker.db",
        "encryption_key": key(),
        "hash_key": key(),
        "internal_token": secrets.token_urlsafe(32),
        "rasa_url": f"http://127.0.0.1:{_free_port()}",
        "actions_url": f"http://127.0.0.1:{_free_port()}",
        "rasa_timeout": "30",
    }


def _start(name: str, settings: Settings, variables: dict[str, str], folder: Path) -> subprocess.Popen[bytes]:
    with _log(folder, name).open("wb") as output:
        return subprocess.Popen(
            commands(settings)[name], cwd=ROOT, env=os.environ | variables, stdout=output, stderr=output
        )


def _wait(url: str, authorization: str, processes: list[subprocess.Popen[bytes]], folder: Path) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while not _answers(url, authorization):
        logs = "\n".join(_log(folder, name).read_text("utf-8") for name in ("actions", "rasa"))
        assert all(process.poll() is None for process in processes), logs
        assert time.monotonic() < deadline, logs
        time.sleep(0.2)


def _answers(url: str, authorization: str) -> bool:
    request = urllib.request.Request(url, headers={"Authorization": authorization})
    try:
        with urllib.request.urlopen(request, timeout=5) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def _stop(processes: list[subprocess.Popen[bytes]]) -> None:
    for process in processes:
        process.terminate()
    for process in processes:
        try:
            process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _log(folder: Path, name: str) -> Path:
    return folder / f"{name}.log"


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
