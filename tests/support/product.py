"""The whole product as `make run` starts it, on free ports and in a folder of its own."""

from __future__ import annotations

import base64
import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import psutil

from tests.support.turns import one_at_a_time

START_SECONDS = 500.0
AS_DELIVERED = {"RASA_TIMEOUT": "10", "ACTION_DEADLINE": "8"}
"""As impatient as it comes, for whoever measures or waits for what a member is told of a fault."""

_TROUBLE = ('"level": "warning"', '"level": "error"', "WARNING", "ERROR", "Traceback")
ROOT = Path(__file__).resolve().parents[2]


class Product:
    """Starts, kills and stops the launcher; what it writes survives in `folder` from one start to the next.

    Further settings are given by their names without the prefix. It is started in the tree `root`.
    """

    arguments: tuple[str, ...] = ()
    """What the launcher is told."""

    def __init__(self, folder: Path, **settings: str) -> None:
        self.folder = folder
        self.root = ROOT
        self.url = f"http://127.0.0.1:{_free_port()}"
        self.console_url = f"http://127.0.0.1:{_free_port()}"
        self.rasa_url = f"http://127.0.0.1:{_free_port()}"
        self.environment = self._environment(settings)
        self._launcher: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Starts the launcher and waits for /readyz."""
        with one_at_a_time("index"), (self.folder / "launcher.log").open("ab") as output:
            self._launcher = subprocess.Popen(
                [sys.executable, "-m", "bot.launch", *self.arguments],
                cwd=self.root,
                env=self.environment,
                stdout=output,
                stderr=output,
            )
            self._wait_for(self._launcher)

    def _wait_for(self, launcher: subprocess.Popen[bytes]) -> None:
        deadline = time.monotonic() + START_SECONDS
        while not self.is_ready():
            assert launcher.poll() is None, self.log()
            assert time.monotonic() < deadline, self.log()
            time.sleep(0.2)

    def is_running(self) -> bool:
        """Whether it was started and its launcher has not ended."""
        return self._launcher is not None and self._launcher.poll() is None

    def is_ready(self) -> bool:
        """Whether the gateway says that everything it needs answers."""
        try:
            with urllib.request.urlopen(f"{self.url}/readyz", timeout=10) as answer:
                return bool(answer.status == 200)
        except (urllib.error.URLError, OSError):
            return False

    def red(self) -> frozenset[str] | None:
        """The checks of /readyz that fail; None when it does not answer."""
        try:
            with urllib.request.urlopen(f"{self.url}/readyz", timeout=10):
                return frozenset()
        except urllib.error.HTTPError as error:
            return frozenset(name for name, passes in json.loads(error.read())["checks"].items() if not passes)
        except (urllib.error.URLError, OSError):
            return None

    def log(self) -> str:
        """What the launcher printed so far."""
        return (self.folder / "launcher.log").read_text("utf-8")

    def processes(self) -> list[psutil.Process]:
        """The launcher and everything below it."""
        if self._launcher is None:
            return []
        launcher = psutil.Process(self._launcher.pid)
        return [launcher, *launcher.children(recursive=True)]

    def kill_all(self) -> None:
        """`kill -9` of every process at once."""
        killed = self.processes()
        for process in killed:
            process.kill()
        psutil.wait_procs(killed, timeout=20)
        assert self._launcher is not None
        self._launcher.wait(20)

    def stop(self) -> int:
        """What Ctrl-C does; gives the launcher's exit status."""
        assert self._launcher is not None
        if self._launcher.poll() is None:
            self._launcher.send_signal(signal.SIGINT)
        status = self._launcher.wait(120)
        # pytest shows this beside a test that failed.
        print(*self._troubles(), sep="\n")  # noqa: T201 - the reason of a failure
        return status

    def _troubles(self) -> Iterator[str]:
        """The lines of the processes' logs that tell of a failure."""
        for log in sorted((self.folder / "log").glob("*.log")):
            for line in log.read_text("utf-8", "replace").splitlines():
                if any(word in line for word in _TROUBLE):
                    yield f"{log.stem}: {line}"

    def _environment(self, further: dict[str, str]) -> dict[str, str]:
        ports = {"WEB_PORT": self.url, "CONSOLE_PORT": self.console_url}
        values = (
            {
                "DATA_DIR": str(self.folder),
                "DATABASE_URL": f"sqlite:///{self.folder}/madoguchi.db",
                "TRACKER_URL": f"sqlite:///{self.folder}/tracker.db",
                "RASA_URL": self.rasa_url,
                "ACTIONS_URL": f"http://127.0.0.1:{_free_port()}",
                "PUBLIC_URL": self.url,
                "ENCRYPTION_KEY": base64.b64encode(secrets.token_bytes(32)).decode(),
                "HASH_KEY": base64.b64encode(secrets.token_bytes(32)).decode(),
                "INTERNAL_TOKEN": secrets.token_urlsafe(32),
                # A machine that runs a browser and a database beside it is slow: see AS_DELIVERED.
                "RASA_TIMEOUT": "30",
                "ACTION_DEADLINE": "25",
            }
            | {name: url.rpartition(":")[2] for name, url in ports.items()}
            | further
        )
        return {**os.environ, **{f"MADOGUCHI_{name}": value for name, value in values.items()}}


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
