"""Whole conversations through the real Rasa and the real action server, as scripts/*.yml tell them."""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import Any

import pytest
import yaml
from sqlalchemy import select

from actions import texts
from bot.channels.rasa_client import RasaClient
from bot.message import Message
from bot.policy.documents import load_policy
from bot.register.models import Request
from bot.settings import Settings
from bot.storage.encryption import Vault
from bot.storage.engine import open_engine, transaction

pytestmark = [pytest.mark.stack, pytest.mark.timeout(600)]

SCRIPTS = Path(__file__).parent / "scripts"
SOURCE = load_policy(Path("policy_corpus"), "eparkrelax/privacy").text
Step = dict[str, Any]


def scripts() -> list[Any]:
    return [
        pytest.param(script["steps"], id=f"{path.stem}: {script['name']}")
        for path in sorted(SCRIPTS.glob("*.yml"))
        for script in yaml.safe_load(path.read_text(encoding="utf-8"))
    ]


class Conversation:
    """One member of Rasa's REST channel, behind the two doors that the gateway uses."""

    def __init__(self, client: RasaClient) -> None:
        self._client = client
        self.id = secrets.token_hex(16)
        self._pressed = ""
        self.last: list[Message] = []
        self.numbers: list[str] = []

    async def take(self, step: Step) -> None:
        """Says or presses, and checks what comes back."""
        await self._act(step)
        for message in self.last:
            for citation in message.citations:
                assert SOURCE[citation.start : citation.end] == citation.quote
        shown = "\n---\n".join(message.text for message in self.last)
        assert [message.kind for message in self.last] == step["kinds"], shown
        for wanted in step.get("contains", ()):
            assert wanted in shown
        for unwanted in step.get("lacks", ()):
            assert unwanted not in shown
        if "request" in step:
            request = next(message.request for message in reversed(self.last) if message.request)
            assert [request.step, *request.kinds] == step["request"], shown
        self._check_receipts(step)

    async def _act(self, step: Step) -> None:
        if "say" in step:
            self.last = await self._client.say(self.id, step["say"], channel="web")
            return
        if "again" not in step:
            self._pressed = self._payload(step["press"])
        self.last = await self._client.press(self.id, self._pressed, channel="web")

    def _payload(self, wanted: str) -> str:
        choices = [choice for message in self.last for choice in message.choices]
        if wanted == "first":
            return choices[0].payload or ""
        return next(choice.payload or "" for choice in choices if choice.title.startswith(wanted))

    def _check_receipts(self, step: Step) -> None:
        numbers = [message.receipt.number for message in self.last if message.receipt]
        if step.get("same_receipts"):
            assert numbers == self.numbers
        elif numbers:
            self.numbers = numbers
        for message in self.last:
            if message.kind == "request":
                assert texts.NOT_YET_FILED in message.text or texts.ASK_WITHDRAW in message.text
            if message.kind == "receipt":
                assert texts.NO_CONTACT_YET in message.text


@pytest.mark.parametrize("steps", scripts())
async def test_conversation(stack: Settings, steps: list[Step]) -> None:
    client = RasaClient(stack)
    try:
        conversation = Conversation(client)
        for step in steps:
            await conversation.take(step)
    finally:
        await client.close()


async def test_what_was_typed_goes_with_the_request(stack: Settings) -> None:
    client = RasaClient(stack)
    question = "個人情報の保存期間は何年ですか"
    try:
        conversation = Conversation(client)
        await conversation.take({"say": question, "kinds": ["not_in_policy"]})
        await conversation.take({"press": texts.CHOICE_ASK_DESK, "kinds": ["request"]})
        await conversation.take({"press": "first", "kinds": ["request"]})
        await conversation.take({"press": "first", "kinds": ["receipt"]})
    finally:
        await client.close()
    engine = open_engine(stack.database_url, controller="eparkrelax")
    with transaction(engine) as session:
        row = session.scalars(select(Request).where(Request.conversation_id == conversation.id)).one()
        sealed = row.sealed_words or b""
        assert Vault.from_settings(stack).open(sealed, table="request", row=row.id, column="sealed_words") == question
    engine.dispose()
