"""What the console's pages share."""

from __future__ import annotations

from dataclasses import dataclass

from aiohttp import web

from bot.clock import Clock
from bot.console.rasa_parse import RasaParser
from bot.console.sessions import FailedLogins, Sessions
from bot.console.trial import LazyAssistant
from bot.settings import Settings


@dataclass(frozen=True)
class Console:
    """The parts of one running console."""

    settings: Settings
    clock: Clock
    sessions: Sessions
    failed_logins: FailedLogins
    parser: RasaParser
    assistant: LazyAssistant


CONSOLE = web.AppKey("console", Console)
