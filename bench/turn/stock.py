"""A stock Rasa 3.6.21 assistant of its own folder, served as its documentation says: `rasa run`, `rasa run actions`.

It runs from a copy of bench/stock_rasa, so that neither a component nor a patch of this project can be imported.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time
import urllib.error
import urllib.request
from pathlib import Path

import psutil

_ROOT = Path(__file__).parents[2]
_RASA = _ROOT / ".venv-rasa" / "bin" / "rasa"
_START_SECONDS = 300.0


class StockRasa:
    """Trains, starts and stops it; `url` is where its REST channel listens."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder / "stock"
        shutil.copytree(_ROOT / "bench" / "stock_rasa", self._folder)
        self._ports = {"rasa": _free_port(), "actions": _free_port()}
        self.url = f"http://127.0.0.1:{self._ports['rasa']}"
        self._started: list[subprocess.Popen[bytes]] = []

    def train(self) -> float:
        """Trains its model; gives the seconds that took."""
        begun = time.monotonic()
        command = [str(_RASA), "train", "--force", "--fixed-model-name", "model"]
        with (self._folder / "train.log").open("wb") as log:
            subprocess.run(command, cwd=self._folder, env=self._environment(), stdout=log, stderr=log, check=True)
        return time.monotonic() - begun

    def start(self) -> float:
        """Starts both servers; gives the seconds until the first turn was answered."""
        begun = time.monotonic()
        self._run("actions", "run", "actions", "--actions", "fixed_action", "--port", str(self._ports["actions"]))
        self._run("rasa", "run", "-m", "models/model.tar.gz", "-i", "127.0.0.1", "-p", str(self._ports["rasa"]))
        while not self._answers():
            if time.monotonic() - begun > _START_SECONDS:
                raise TimeoutError("the stock assistant does not answer; see rasa.log")
            time.sleep(0.2)
        return time.monotonic() - begun

    def processes(self) -> dict[str, list[psutil.Process]]:
        """Each server with what it started."""
        names = ("actions", "rasa")
        return {
            name: [process, *process.children(recursive=True)]
            for name, started in zip(names, self._started, strict=True)
            for process in [psutil.Process(started.pid)]
        }

    def stop(self) -> None:
        """Ends both."""
        for processes in self.processes().values() if self._started else ():
            for process in processes:
                process.terminate()
        for started in self._started:
            started.wait(30)

    def _run(self, name: str, *arguments: str) -> None:
        with (self._folder / f"{name}.log").open("wb") as log:
            command = [str(_RASA), *arguments]
            self._started.append(
                subprocess.Popen(command, cwd=self._folder, env=self._environment(), stdout=log, stderr=log)
            )

    def _environment(self) -> dict[str, str]:
        # PYTHONPATH would let this project in.
        kept = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
        return kept | {
            "STOCK_ACTIONS_URL": f"http://127.0.0.1:{self._ports['actions']}",
            "STOCK_TRACKER_FILE": "tracker.db",
            "RASA_TELEMETRY_ENABLED": "false",
            "OMP_NUM_THREADS": "1",
        }

    def _answers(self) -> bool:
        body = b'{"sender": "first", "message": "\xe3\x81\x93\xe3\x82\x93\xe3\x81\xab\xe3\x81\xa1\xe3\x81\xaf"}'
        request = urllib.request.Request(f"{self.url}/webhooks/rest/webhook", data=body)
        request.add_header("Content-Type", "application/json")
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return bool(answer.read() not in (b"", b"[]"))
        except (urllib.error.URLError, OSError):
            return False


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
