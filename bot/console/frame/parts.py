"""What the console's pages share: settings, database, keys, and a thread for whatever waits for the database."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import TypeVar

import aiohttp
from aiohttp import web
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from bot.clock import Clock
from bot.console.frame.background import Background
from bot.desk import DeskIsWrongError, load_desk
from bot.settings import Settings
from bot.storage.encryption import Vault
from bot.storage.engine import reading, transaction

Result = TypeVar("Result")


@dataclass(frozen=True)
class Console:
    """The parts of one running console; nothing in it changes."""

    settings: Settings
    clock: Clock
    engine: Engine
    vault: Vault
    http: aiohttp.ClientSession = field(repr=False)
    background: Background

    @cached_property
    def controller(self) -> str:
        """The company whose staff work here: the first half of the policy's id."""
        return self.settings.controller

    @cached_property
    def company(self) -> str:
        """What members know it by; its short name while the desk file cannot be used, which other pages tell of."""
        try:
            return load_desk(self.settings.corpus_dir / self.settings.default_policy).service
        except DeskIsWrongError:
            return self.controller

    async def read(self, look: Callable[[Session], Result]) -> Result:
        """What `look` finds in a session that only reads, in a thread: the database never holds the loop up."""
        return await asyncio.to_thread(self._read, look)

    async def write(self, step: Callable[[Session], Result]) -> Result:
        """What `step` gives, committed as a whole, or not at all when it raises; in a thread."""
        return await asyncio.to_thread(self._write, step)

    def _read(self, look: Callable[[Session], Result]) -> Result:
        with reading(self.engine) as session:
            return look(session)

    def _write(self, step: Callable[[Session], Result]) -> Result:
        with transaction(self.engine) as session:
            return step(session)


CONSOLE = web.AppKey("console", Console)


def console_of(request: web.Request) -> Console:
    """The console that a request came to; `request.app` may be asked in every handler."""
    return request.app[CONSOLE]


def is_https(request: web.Request) -> bool:
    """Whether staff reach the console over https, be it through a proxy that speaks plain http with us."""
    return request.secure or console_of(request).settings.console_url.startswith("https:")
