"""The real `web` process alone, with addresses of a test's own where Rasa, LINE and Slack would be."""

from __future__ import annotations

import asyncio
import base64
import os
import secrets
import signal
import subprocess
import sys
import time
from pathlib import Path

import aiohttp
import psutil

from bot.settings import PREFIX
from tests.support import fake_line, fake_slack
from tests.support.product import ROOT, _free_port

_START_SECONDS = 600.0
_STOP_SECONDS = 60.0


class WebProcess:
    """Starts, kills and stops `python -m bot.app`; it keeps its port, so that a sender finds it again.

    Further settings are given by their names without the prefix.
    """

    def __init__(self, folder: Path, *, database_url: str, rasa_url: str, **settings: str) -> None:
        self.url = f"http://127.0.0.1:{_free_port()}"
        self.environment = self._environment(
            {"DATA_DIR": str(folder), "DATABASE_URL": database_url, "RASA_URL": rasa_url} | settings
        )
        self.starts = 0
        self._log = folder / "web.log"
        self._process: subprocess.Popen[bytes] | None = None

    async def start(self) -> None:
        """Starts it and waits until it answers."""
        self.starts += 1
        self._process = self._begin()
        deadline = time.monotonic() + _START_SECONDS
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=5)) as session:
            while not await self._answers(session):
                assert self._process.poll() is None, self.log()
                assert time.monotonic() < deadline, self.log()
                await asyncio.sleep(0.1)

    def kill(self) -> None:
        """`kill -9`."""
        assert self._process is not None
        self._process.kill()
        self._process.wait(_STOP_SECONDS)

    async def stop(self) -> None:
        """What the supervisor does at the end."""
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
            await asyncio.to_thread(self._process.wait, _STOP_SECONDS)

    def log(self) -> str:
        """What it wrote so far, over all its starts."""
        return self._log.read_text("utf-8")

    def processor_seconds(self) -> float:
        """How long it has kept a processor busy since it was last started."""
        assert self._process is not None
        times = psutil.Process(self._process.pid).cpu_times()
        return float(times.user + times.system)

    def _begin(self) -> subprocess.Popen[bytes]:
        with self._log.open("ab") as output:
            return subprocess.Popen(
                [sys.executable, "-m", "bot.app"], cwd=ROOT, env=self.environment, stdout=output, stderr=output
            )

    async def _answers(self, session: aiohttp.ClientSession) -> bool:
        try:
            async with session.get(f"{self.url}/healthz") as answer:
                return answer.status == 200
        except (aiohttp.ClientError, TimeoutError):
            return False

    def _environment(self, further: dict[str, str]) -> dict[str, str]:
        values = {
            "WEB_PORT": self.url.rpartition(":")[2],
            "PUBLIC_URL": self.url,
            "ENCRYPTION_KEY": base64.b64encode(secrets.token_bytes(32)).decode(),
            "HASH_KEY": base64.b64encode(secrets.token_bytes(32)).decode(),
            "INTERNAL_TOKEN": "internal",
            **channel_secrets(),
        } | further
        return {**os.environ, **{PREFIX + name: value for name, value in values.items()}}


def channel_secrets() -> dict[str, str]:
    """The settings that switch LINE and Slack on with what the fakes expect."""
    return {
        "LINE_CHANNEL_SECRET": fake_line.SECRET,
        "LINE_ACCESS_TOKEN": fake_line.ACCESS_TOKEN,
        "SLACK_SIGNING_SECRET": fake_slack.SIGNING_SECRET,
        "SLACK_BOT_TOKEN": fake_slack.BOT_TOKEN,
    }


def platform_urls(line: str, slack: str) -> dict[str, str]:
    """The settings that name where the fakes listen."""
    return {"LINE_API_URL": line, "SLACK_API_URL": f"{slack}/api/"}
