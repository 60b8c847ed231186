"""A gateway on a fresh database whose Rasa says what a test wants, served with all its channels."""

from __future__ import annotations

import base64
import dataclasses
from collections.abc import Callable
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from bot.channels.gateway import Gateway, open_gateway
from bot.channels.rasa_client import RasaClient
from bot.message import Choice, Message, fixed
from bot.settings import Settings
from bot.typed_text import disarmed
from tests.support import fake_line, fake_slack

Script = Callable[[str], list[Message]]


def echo(message: str) -> list[Message]:
    """An answer that names what was asked, with one choice to go on."""
    choices = (Choice(title="続ける", payload='/choose{"step":"kind","value":"disclosure"}'),)
    return [Message(kind="clarify", parts=(fixed(f"受け取りました: {message}"),), choices=choices)]


class ScriptedRasa(RasaClient):
    """Stands where Rasa is called; `heard` is what came through the two doors, `forgotten` what it had to forget."""

    def __init__(self, settings: Settings, script: Script = echo) -> None:
        super().__init__(settings)
        self.script = script
        self.heard: list[tuple[str, str]] = []
        self.forgotten: list[tuple[str, str | None]] = []

    async def say(self, conversation_id: str, text: str, *, channel: str, turn_id: str = "") -> list[Message]:  # noqa: ARG002 - its shape
        self.heard.append(("say", disarmed(text)))
        return self.script(text)

    async def press(self, conversation_id: str, payload: str, *, channel: str, turn_id: str = "") -> list[Message]:  # noqa: ARG002 - its shape
        self.heard.append(("press", payload))
        return self.script(payload)

    async def forget(self, conversation_id: str) -> None:
        self.forgotten.append((conversation_id, None))

    async def forget_words(self, conversation_id: str, turn_id: str) -> None:
        self.forgotten.append((conversation_id, turn_id))


def channel_settings(database: Path, **changes: Any) -> Settings:  # noqa: ANN401 - any setting
    """Settings with both channels on; the platforms' addresses are the test's to give."""
    values: dict[str, Any] = {
        "database_url": f"sqlite:///{database}",
        "encryption_key": SecretStr(base64.b64encode(b"e" * 32).decode()),
        "hash_key": SecretStr(base64.b64encode(b"h" * 32).decode()),
        "internal_token": SecretStr("internal"),
        "line_channel_secret": SecretStr(fake_line.SECRET),
        "line_access_token": SecretStr(fake_line.ACCESS_TOKEN),
        "slack_signing_secret": SecretStr(fake_slack.SIGNING_SECRET),
        "slack_bot_token": SecretStr(fake_slack.BOT_TOKEN),
    }
    return Settings(_env_file=None, **values | changes)


def scripted_gateway(settings: Settings) -> tuple[Gateway, ScriptedRasa]:
    rasa = ScriptedRasa(settings)
    return dataclasses.replace(open_gateway(settings), rasa=rasa), rasa
