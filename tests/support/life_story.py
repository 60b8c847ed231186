"""A request from its first word to its end, in one process that can be made to die anywhere on the way.

Told again after a death, everybody does what they would: the browser sends again what it sent and goes on, the jobs
take up what waits, staff look at how the request stands and take the next step. What lies outside of the process
survives it: the database, Rasa's tracker, the browser, and the mail server.
"""

from __future__ import annotations

import asyncio
import base64
import dataclasses
import json
import multiprocessing
import uuid
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from pathlib import Path
from typing import Any, cast

from aiohttp.test_utils import TestClient, TestServer
from pydantic import SecretStr
from sqlalchemy import select

from actions.services import Services
from bot import crash_points, jobs
from bot.app import build_app
from bot.channels import delivery
from bot.channels.deletion import RASA, forgetting
from bot.channels.gateway import Gateway, open_gateway
from bot.channels.leasing import LeaseIsTakenError
from bot.channels.mail.sender import mailing
from bot.channels.masking.mask import personal_data
from bot.message import Message
from bot.policy.assistant import Assistant
from bot.policy.documents import load_policy
from bot.register.kinds import detect
from bot.register.models import Request, State
from bot.settings import Settings
from bot.storage.engine import reading, transaction
from bot.storage.rotation import rotate
from tests.support.installation import CORPUS
from tests.support.request_pages import PERSON, multipart
from tests.support.scripted_assistant import ScriptedAssistant
from tests.support.staff_steps import take_next_step
from tests.support.talk import Talk
from tests.support.talking_rasa import TalkingRasa
from tests.support.web_member import Client, TickingClock, web_settings

WISH = "私の情報を開示してください"
BEGINNING = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)
BETWEEN = timedelta(minutes=1)
"""How long after a death the story goes on: every lease has run out by then."""

_YEARS = timedelta(days=4000)

Story = Callable[["World", datetime], Coroutine[None, None, None]]

_FORKED = multiprocessing.get_context("forkserver")
_LONGEST_SECONDS = 240.0
_MOST_PRESSES = 6


@dataclass(frozen=True)
class World:
    """What survives the process: where the database is, the folder of browser and tracker, the mail server."""

    database_url: str
    folder: Path
    smtp_url: str

    @property
    def digests(self) -> Path:
        """Where the hourly digests go."""
        return self.folder / "digests"

    def change_keys(self) -> None:
        """What the owner does before values are sealed anew: another key, and the present one behind it."""
        (self.folder / "keys-changed").touch()

    def keys(self) -> dict[str, SecretStr]:
        """The settings' keys, as they stand."""
        if not (self.folder / "keys-changed").exists():
            return {"encryption_key": _key(b"e")}
        return {"encryption_key": _key(b"n"), "encryption_keys_before": _key(b"e")}

    def tell(self, *, crash_at: str = "", moment: datetime = BEGINNING) -> int:
        """Tells the story in a process of its own; gives its exit status."""
        return self._in_a_process(_tell, crash_at, moment)

    def forget(self, *, crash_at: str = "") -> int:
        """What jobs forget many years later, in a process of its own; gives its exit status."""
        return self._in_a_process(_forget, crash_at, BEGINNING + _YEARS)

    def _in_a_process(self, story: Story, crash_at: str, moment: datetime) -> int:
        process = _FORKED.Process(target=_live, args=(story, self, crash_at, moment))
        process.start()
        process.join(_LONGEST_SECONDS)
        assert process.exitcode is not None, "the story comes to no end"
        return process.exitcode


class KeptRasa(TalkingRasa):
    """Keeps each conversation's tracker in a file at the end of a turn, as Rasa does, and finds it again."""

    def __init__(self, settings: Settings, services: Services, folder: Path) -> None:
        super().__init__(settings, services)
        self._folder = folder

    async def say(self, conversation_id: str, text: str, *, channel: str, turn_id: str = "") -> list[Message]:
        messages = await super().say(conversation_id, text, channel=channel, turn_id=turn_id)
        self._save(conversation_id)
        return messages

    async def press(self, conversation_id: str, payload: str, *, channel: str, turn_id: str = "") -> list[Message]:
        messages = await super().press(conversation_id, payload, channel=channel, turn_id=turn_id)
        self._save(conversation_id)
        return messages

    def _talk(self, conversation_id: str) -> Talk:
        is_known = conversation_id in self._talks
        talk = super()._talk(conversation_id)
        if not is_known and (file := self._file(conversation_id)).exists():
            talk.slots, talk.events = json.loads(file.read_text("utf-8"))
        return talk

    def _save(self, conversation_id: str) -> None:
        talk = self._talks[conversation_id]
        self._file(conversation_id).write_text(json.dumps([talk.slots, talk.events]), "utf-8")

    def _file(self, conversation_id: str) -> Path:
        return self._folder / f"tracker-{conversation_id}.json"


class Browser:
    """A member's browser: it keeps its cookie and what it sent, and sends that again until it has an answer."""

    def __init__(self, client: Client, folder: Path) -> None:
        self._client = client
        self._file = folder / "browser.json"
        kept = json.loads(self._file.read_text("utf-8")) if self._file.exists() else {}
        self._cookie: dict[str, str] = kept.get("cookie", {})
        self._sent: list[dict[str, str]] = kept.get("sent", [])
        self.receipts: list[str] = kept.get("receipts", [])
        self.page: str = kept.get("page", "")

    async def ask_until_it_is_filed(self) -> None:
        """Types the wish and presses what goes on until there is a receipt; first everything sent before, again."""
        if not self._cookie:
            response = await self._client.post("/api/conversations", json={})
            self._cookie = {"chat": response.cookies["chat"].value}
        answer: list[dict[str, Any]] = []
        for body in self._sent:
            answer = await self._post(body)
        if not self._sent:
            answer = await self._send(text=WISH)
        while not self.receipts:
            assert len(self._sent) < _MOST_PRESSES, answer
            choices = [choice for message in answer for choice in message.get("choices", ())]
            assert choices, answer
            answer = await self._send(choice=choices[0]["id"])

    async def submit_the_page(self) -> None:
        """Opens the page and sends it; a second time it says that it was sent."""
        headers = {"Sec-Fetch-Site": "same-origin"}
        opened = await self._client.post(self.page, data={}, headers=headers)
        sent = await self._client.post(self.page, data=multipart(PERSON), headers=headers)
        assert {opened.status, sent.status} == {HTTPStatus.OK}, (opened.status, sent.status)

    async def delete(self) -> None:
        """Takes back what was said in the chat."""
        response = await self._client.delete("/api/conversations/current", cookies=self._cookie)
        assert response.status in (HTTPStatus.OK, HTTPStatus.GONE), response.status

    async def _send(self, **content: str) -> list[dict[str, Any]]:
        self._sent.append({"id": str(uuid.uuid4()), **content})
        self._keep()
        return await self._post(self._sent[-1])

    async def _post(self, body: dict[str, str]) -> list[dict[str, Any]]:
        response = await self._client.post("/api/messages", json=body, cookies=self._cookie)
        if response.status == HTTPStatus.GONE and self.receipts:
            return []  # the chat was deleted before the death
        assert response.status == HTTPStatus.OK, await response.text()
        messages: list[dict[str, Any]] = (await response.json())["messages"]
        for message in messages:
            if "receipt" in message:
                self.receipts.append(message["receipt"]["number"])
                self.page = "/request/" + message["link"]["url"].rpartition("/")[2]
        self._keep()
        return messages

    def _keep(self) -> None:
        kept = {"cookie": self._cookie, "sent": self._sent, "receipts": self.receipts, "page": self.page}
        self._file.write_text(json.dumps(kept), "utf-8")


async def _tell(world: World, moment: datetime) -> None:
    clock = TickingClock(moment)
    async with _running(world, clock) as (gateway, client):
        browser = Browser(client, world.folder)
        await browser.ask_until_it_is_filed()
        await browser.submit_the_page()
        while not await asyncio.to_thread(_is_closed, gateway):
            await asyncio.to_thread(_desk_works, gateway)
            await _jobs_round(gateway)
        await browser.delete()
        await _jobs_round(gateway)
        world.change_keys()
    async with _running(world, clock) as (gateway, _):
        await asyncio.to_thread(lambda: list(rotate(gateway.engine, gateway.vault)))


async def _forget(world: World, moment: datetime) -> None:
    async with _running(world, TickingClock(moment)) as (gateway, _):
        forgetting_all = jobs.open_forgetting(gateway, pauses=0)
        await forgetting_all.sweep()
        while forgetting_all._left:
            await forgetting_all.sweep()


@asynccontextmanager
async def _running(world: World, clock: TickingClock) -> AsyncIterator[tuple[Gateway, Client]]:
    world.digests.mkdir(exist_ok=True)
    settings = web_settings(
        world.database_url,
        **world.keys(),
        data_dir=world.folder,
        digests_dir=world.digests,
        digest_key=_key(b"d"),
        smtp_url=SecretStr(world.smtp_url),
        mail_from="privacy@example.jp",
        staff_mail="desk@example.jp",
    )
    assistant = ScriptedAssistant(_POLICY, settings.public_url)
    services = Services(settings, clock=clock, open_assistant=lambda *_: cast(Assistant, assistant))
    gateway = dataclasses.replace(open_gateway(settings, clock=clock), rasa=KeptRasa(settings, services, world.folder))
    async with TestClient(TestServer(build_app(gateway))) as client:
        yield gateway, client


def _key(letter: bytes) -> SecretStr:
    return SecretStr(base64.b64encode(letter * 32).decode())


async def _jobs_round(gateway: Gateway) -> None:
    """One round of the jobs process, of which nothing may fail."""
    for step in jobs._steps(gateway).values():
        with suppress(LeaseIsTakenError):
            await step()
    for channel, sender in {RASA: forgetting(gateway), **mailing(gateway)}.items():
        await delivery.drain(gateway, channel, sender)


def _desk_works(gateway: Gateway) -> None:
    is_their_turn = True
    while is_their_turn:
        with transaction(gateway.engine) as session:
            (request_id,) = session.scalars(select(Request.id))
            is_their_turn = take_next_step(session, request_id, now=gateway.clock(), vault=gateway.vault)


def _is_closed(gateway: Gateway) -> bool:
    with reading(gateway.engine) as session:
        return list(session.scalars(select(Request.state))) == [State.CLOSED]


def _live(story: Story, world: World, crash_at: str, moment: datetime) -> None:
    # The process that this one was forked from has read its own environment.
    crash_points._armed = crash_points.read_armed({crash_points.VARIABLE: crash_at})
    asyncio.run(story(world, moment))


def preload() -> None:
    """Has the process that stories are forked from import what they need, before it is first started."""
    _FORKED.set_forkserver_preload([__name__])


# Read where stories are forked from, these are read for all of them.
_POLICY = load_policy(CORPUS, "eparkrelax/privacy")
detect(WISH)
personal_data(WISH)
