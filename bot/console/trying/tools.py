"""What 試す and 回帰テスト share in one console: opened assistants, and gateways for conversations that are tests."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace

from aiohttp import web

from bot.channels.gateway import Gateway, open_gateway
from bot.channels.rasa_client import RasaClient
from bot.console.frame.parts import CONSOLE
from bot.evaluation.rehearsal import Rehearsals
from bot.evaluation.runs.subject import Subject
from bot.evaluation.runs.subjects import Subjects
from bot.settings import Settings


@dataclass
class Tools:
    """One console's; `holder` names this process among those that may run sets."""

    settings: Settings
    subjects: Subjects
    holder: str = field(default_factory=lambda: secrets.token_hex(16))
    _gateway: Gateway | None = None
    _others: dict[str, Gateway] = field(default_factory=dict)

    async def rehearsals(self, subject: Subject) -> Rehearsals:
        """Where test conversations with this corpus are held, in the loop of the pages.

        Raises:
            BadInputError: the policy cannot be opened.
        """
        if self._gateway is None:
            self._gateway = await asyncio.to_thread(open_gateway, self.settings)
        name = corpus_name(subject)
        if not name:
            return Rehearsals(self._gateway)
        if name not in self._others:
            self._others[name] = on_corpus(self._gateway, name)
        return Rehearsals(self._others[name])

    async def close(self) -> None:
        """Closes the connections."""
        for gateway in self._others.values():
            await gateway.rasa.close()
        if self._gateway is not None:
            await self._gateway.close()


def corpus_name(subject: Subject) -> str:
    """What the actions know the corpus by; empty for the one that is published."""
    return "" if subject.sort == "live" or subject.corpus is None else subject.corpus.name


def on_corpus(gateway: Gateway, name: str) -> Gateway:
    """The same gateway, whose turns are answered from another corpus."""
    return replace(gateway, rasa=RasaClient(gateway.settings, corpus=name)) if name else gateway


TOOLS = web.AppKey("tools", Tools)


async def open_tools(app: web.Application) -> AsyncIterator[None]:
    """Context of the application: nothing is opened before it is used, everything closed at the end."""
    console = app[CONSOLE]
    tools = app[TOOLS] = Tools(console.settings, Subjects(console.settings, console.engine, console.clock))
    yield
    await tools.close()


def tools_of(request: web.Request) -> Tools:
    """The tools of the console that a request came to."""
    return request.app[TOOLS]
