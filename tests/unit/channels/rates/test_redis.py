"""Several processes count chats together in a real Redis, and go on without it."""

from __future__ import annotations

import asyncio
import shutil
import socket
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.channels.metrics import Metrics
from bot.channels.rates.limit import Limit, LimitIsReachedError
from bot.channels.rates.limiter import Limiter, open_storage
from bot.clock import system_clock
from tests.support.channel_gateway import channel_settings

pytestmark = [
    pytest.mark.dear,
    pytest.mark.skipif(shutil.which("redis-server") is None, reason="Redis is not installed: `make system-deps`"),
]

SESSION = (Limit.SESSION_MESSAGES, "s")
_SECONDS = 60.0


class Server:
    """A Redis that keeps nothing on the disk."""

    def __init__(self, folder: Path) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = int(probe.getsockname()[1])
        self.limiters: list[Limiter] = []
        self._folder = folder
        self._process: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        options = ("--bind", "127.0.0.1", "--port", str(self.port), "--save", "", "--dir", str(self._folder))
        self._process = await asyncio.create_subprocess_exec(
            "redis-server", *options, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL
        )
        async with asyncio.timeout(_SECONDS):
            while not await self._answers():  # noqa: ASYNC110 - a server that starts sets no events
                await asyncio.sleep(0.05)

    async def stop(self) -> None:
        if self._process is not None:
            self._process.terminate()
            await self._process.wait()
            self._process = None

    async def _answers(self) -> bool:
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", self.port)
        except OSError:
            return False
        writer.close()
        await writer.wait_closed()
        return True


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[Server]:
    made = Server(tmp_path)
    await made.start()
    yield made
    for limiter in made.limiters:
        # The library has no way to close what it opened: a process ends with it.
        await limiter._windows.storage.bridge.storage.aclose()  # type: ignore[attr-defined]
    await made.stop()


def process(server: Server) -> tuple[Limiter, Metrics]:
    """The limiter of one web process."""
    url, metrics = f"async+redis://127.0.0.1:{server.port}", Metrics()
    settings = channel_settings(Path("unused"), rate_storage_url=url, rate_session_messages="3/hour")
    counts = open_storage(settings, system_clock)
    server.limiters.append(Limiter(settings, counts, metrics=metrics, clock=system_clock))
    return server.limiters[-1], metrics


async def test_two_processes_let_through_together_what_one_would(server: Server) -> None:
    (one, _), (other, _) = process(server), process(server)
    await one.admit(SESSION)
    await other.admit(SESSION)
    await one.admit(SESSION)

    for limiter in (one, other):
        with pytest.raises(LimitIsReachedError):
            await limiter.admit(SESSION)


async def test_of_many_at_the_same_moment_no_more_get_through_than_may(server: Server) -> None:
    limiters = [process(server)[0] for _ in range(4)]
    tried = await asyncio.gather(
        *(limiter.admit(SESSION) for limiter in limiters for _ in range(5)), return_exceptions=True
    )

    assert sum(result is None for result in tried) == 3
    assert all(result is None or isinstance(result, LimitIsReachedError) for result in tried)


async def test_while_it_is_away_everybody_is_let_through_and_a_figure_says_so(server: Server) -> None:
    limiter, metrics = process(server)
    for _ in range(3):
        await limiter.admit(SESSION)
    await server.stop()
    await limiter.admit(SESSION)
    errors = metrics.registry.get_sample_value("madoguchi_rate_limit_errors_total", {"limit": Limit.SESSION_MESSAGES})

    assert errors == 1
    await server.start()
    # It comes back empty, and counts again.
    for _ in range(3):
        await limiter.admit(SESSION)
    with pytest.raises(LimitIsReachedError):
        await limiter.admit(SESSION)
