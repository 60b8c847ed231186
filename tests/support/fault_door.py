"""A door between two that speak over TCP, which a test can slam, hold, or close on somebody in the middle."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from enum import Enum, auto

from tests.support.product import _free_port

_CHUNK = 65_536
_FEW_BYTES = 160


class Mood(Enum):
    """What the door does with whoever comes."""

    OPEN = auto()
    SHUT = auto()
    """Refuses connections, and drops those there are, as when the process behind has died."""
    SILENT = auto()
    """Takes everything and lets nothing back, as when the process behind stands still."""
    SLOW = auto()
    """Lets answers back after `delay` seconds."""
    CUT = auto()
    """Breaks off in the middle of an answer."""


class Door:
    """Listens at `port` and passes on to `behind`; connections that were there before a mood live by it, too."""

    def __init__(self, behind: int, *, delay: float = 2.0) -> None:
        self.port = _free_port()
        self.behind = behind
        self._delay = delay
        self._mood = Mood.OPEN
        self._server: asyncio.Server | None = None
        self._writers: set[asyncio.StreamWriter] = set()
        self._passing: set[asyncio.Task[None]] = set()

    @property
    def url(self) -> str:
        """Where HTTP comes in."""
        return f"http://127.0.0.1:{self.port}"

    async def open(self) -> None:
        """Lets in whoever comes."""
        self._server = await asyncio.start_server(self._let_in, "127.0.0.1", self.port)

    async def close(self) -> None:
        """Lets nobody in, and drops those who are."""
        if self._server is not None:
            self._server.close()
            self._server = None
        self._drop_all()
        await asyncio.gather(*self._passing, return_exceptions=True)

    @asynccontextmanager
    async def being(self, mood: Mood) -> AsyncIterator[None]:
        """Behaves like this while the block runs; afterwards nobody hangs who came meanwhile."""
        self._mood = mood
        if mood is Mood.SHUT:
            await self.close()
        try:
            yield
        finally:
            self._mood = Mood.OPEN
            if mood is Mood.SHUT:
                await self.open()
            elif mood is Mood.SILENT:
                self._drop_all()

    def _drop_all(self) -> None:
        for writer in self._writers:
            writer.transport.abort()

    async def _let_in(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._passing.add(task)
        try:
            with suppress(OSError):
                await self._join(reader, writer)
        finally:
            self._passing.discard(task)

    async def _join(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        behind_reader, behind_writer = await asyncio.open_connection("127.0.0.1", self.behind)
        with self._kept(writer, behind_writer):
            ways = (self._forward(reader, behind_writer), self._back(behind_reader, writer))
            tasks = [asyncio.create_task(way) for way in ways]
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    @contextmanager
    def _kept(self, *writers: asyncio.StreamWriter) -> Iterator[None]:
        self._writers.update(writers)
        try:
            yield
        finally:
            for writer in writers:
                self._writers.discard(writer)
                writer.close()

    async def _forward(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(_CHUNK):
            writer.write(data)
            await writer.drain()

    async def _back(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(_CHUNK):
            if self._mood is Mood.SILENT:
                await asyncio.Event().wait()
            if self._mood is Mood.SLOW:
                await asyncio.sleep(self._delay)
            if self._mood is Mood.CUT:
                writer.write(data[: min(_FEW_BYTES, len(data) - 1)])
                await writer.drain()
                return
            writer.write(data)
            await writer.drain()
