"""What canaries go through: web, console and jobs in one process with the logs of production, and all fails once.

What the process says goes where the caller leads its streams; what it answers with an error is written to a file. It
ends as a killed process does, so that its journals stay as they are.
"""

from __future__ import annotations

import asyncio
import json
import multiprocessing
import os
import re
import sys
import traceback
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, cast

from aiohttp import ClientResponse, DummyCookieJar, FormData
from aiohttp.test_utils import TestClient, TestServer
from pydantic import SecretStr
from sqlalchemy import create_engine

from actions.services import Services
from bot import jobs, logs
from bot.app import build_app
from bot.channels import delivery
from bot.channels.deletion import RASA, forgetting
from bot.channels.gateway import Gateway, open_gateway
from bot.channels.mail.sender import mailing
from bot.channels.rasa_client import RasaFailedError
from bot.console.app import ROUTES
from bot.message import Message
from bot.policy.assistant import Assistant
from bot.policy.documents import load_policy
from bot.register.details import read_details
from bot.register.entry import Entry, EntryChannel, enter
from bot.register.kinds import Kind
from bot.settings import Settings
from bot.staff.roles import RIGHTS_OF, Role
from tests.support import fake_line, fake_slack
from tests.support.canaries import Canary
from tests.support.console import Desk, Staff, running_console
from tests.support.installation import CORPUS
from tests.support.life_story import KeptRasa
from tests.support.request_pages import PDF, PERSON, file_with_page, multipart
from tests.support.scripted_assistant import ScriptedAssistant
from tests.support.signed_senders import Event, line_text, slack_text
from tests.support.smtp_server import LocalMailServer, Mood, mail_server
from tests.support.web_member import Client, TickingClock, web_settings

_FORKED = multiprocessing.get_context("forkserver")
# A canary takes two seconds of a processor.
_SECONDS_A_CANARY = 10.0
_LEAST_SECONDS = 600.0
_MOODS = list(Mood)
_PLACEHOLDER = re.compile(r"\{(\w+)(?::[^}]*)?\}")
_ENDING = re.compile(r"/(logout|account/.*|people/.*)")
# Which of every twenty; a few canaries wander through the console on one database alone.
_WANDERS = {"sqlite": 0, "postgresql": 19}
_LOCKED = ("BEGIN IMMEDIATE", "ROLLBACK")
_WITHOUT_A_TABLE = ("ALTER TABLE inbox RENAME TO inbox_away", "ALTER TABLE inbox_away RENAME TO inbox")
_TOO_LARGE = 51 * 1024 * 1024
# A page that shows a form again shows what was typed, to whoever typed it.
_OWN_FORM = (400, 422)


@dataclass(frozen=True)
class Drill:
    """Where it takes place; `errors` is the file of what was answered with an error."""

    database_url: str
    folder: Path

    @property
    def errors(self) -> Path:
        """What was answered with an error, and the figures."""
        return self.folder / "errors.jsonl"

    @property
    def streams(self) -> Path:
        """What the process said."""
        return self.folder / "streams.log"

    def send(self, canaries: Sequence[Canary]) -> None:
        """Sends them through everything, in a process of its own."""
        process = _FORKED.Process(target=_live, args=(self, list(canaries)))
        process.start()
        process.join(_LEAST_SECONDS + _SECONDS_A_CANARY * len(canaries))
        assert process.exitcode == 0, self.streams.read_text("utf-8")[-4000:]


class FailingRasa(KeptRasa):
    """Says nothing at every third turn, and is away at the one after."""

    turns = 0

    async def say(self, conversation_id: str, text: str, *, channel: str, turn_id: str = "") -> list[Message]:
        self.turns += 1
        self.is_away = self.turns % 3 == 1
        if self.turns % 3 == 0:
            raise RasaFailedError("Rasa's answer is empty")
        return await super().say(conversation_id, text, channel=channel, turn_id=turn_id)


@dataclass
class _House:
    """Everything that runs, as those use it who come to it."""

    drill: Drill
    gateway: Gateway
    web: Client
    desk: Desk
    clock: TickingClock
    smtp: LocalMailServer
    cookie: str

    async def look(self, response: ClientResponse) -> None:
        """Keeps what was answered with an error."""
        body = await response.read()
        if response.status >= 400 and response.status not in _OWN_FORM:
            with self.drill.errors.open("ab") as file:
                file.write(f"{response.status} ".encode() + body + b"\n")


async def _send_all(drill: Drill, canaries: list[Canary]) -> None:
    async with _running(drill) as house:
        steps: list[Callable[[_House, Canary], Awaitable[None]]] = [_chat, _break_the_api, _platforms, _page]
        for number, one in enumerate(canaries):
            house.smtp.mood = _MOODS[number % len(_MOODS)]
            for step in steps:
                await step(house, one)
            await _enter(house, one, wanders=number % 20 == _WANDERS[house.gateway.engine.dialect.name])
            await _jobs_round(house)
        await _too_large(house, canaries[0])
        await _with_a_locked_database(house, canaries[0])
        house.smtp.mood = Mood.ACCEPT
        house.clock.pass_time(hours=1)
        await _jobs_round(house)
        metrics = await house.web.get("/metrics")
        with drill.errors.open("ab") as file:
            file.write(await metrics.read())


async def _chat(house: _House, one: Canary) -> None:
    """Types what must not stay, into the website's chat."""
    begun = await house.web.post("/api/conversations", json={})
    cookies = {"chat": begun.cookies["chat"].value}
    for _ in range(3):
        body = {"id": str(uuid.uuid4()), "text": one.typed}
        await house.look(await house.web.post("/api/messages", json=body, cookies=cookies))
    await house.look(await house.web.get("/api/messages", cookies=cookies))
    choice = {"id": str(uuid.uuid4()), "choice": one.mail}
    await house.look(await house.web.post("/api/messages", json=choice, cookies=cookies))
    again = body | {"text": one.typed + one.words}
    await house.look(await house.web.post("/api/messages", json=again, cookies=cookies))


async def _break_the_api(house: _House, one: Canary) -> None:
    """Sends what is no call of the API, with personal data wherever there is room."""
    secret = f"{one.name} {one.mail} {one.card} {one.words}"
    for body in (
        secret,
        f'{{"text": "{secret}',
        json.dumps([secret]),
        json.dumps({"id": secret, "text": {"a": secret}}),
    ):
        headers = {"Content-Type": "application/json"}
        await house.look(await house.web.post("/api/messages", data=body.encode(), headers=headers))
    long = {"id": str(uuid.uuid4()), "text": one.words * 200}
    await house.look(await house.web.post("/api/messages", json=long, cookies={"chat": one.mail}))
    elsewhere = {"Origin": f"https://{one.mail.replace('@', '.')}"}
    await house.look(await house.web.post("/api/messages", json=long, headers=elsewhere))
    for path in ("/nowhere", "/request", "/policy", "/api", "/embed"):
        url = f"{path}/{one.name}/{one.mail}"
        await house.look(await house.web.get(url, params={"q": one.words, "mail": one.mail}))
        await house.look(await house.web.post(url, data={"text": one.words}))
    await house.look(await house.web.post(f"/request/{one.mail.partition('@')[0]}", data={"name": one.name}))


async def _platforms(house: _House, one: Canary) -> None:
    """LINE's and Slack's webhooks: as they should be, with wrong signatures, and with bodies that are none."""
    user = f"U{uuid.uuid4().hex}"
    for event in (
        line_text(one.typed, event_id=uuid.uuid4().hex, user=user),
        slack_text(one.typed, event_id=uuid.uuid4().hex, user=user.upper()),
    ):
        await _deliver(house, event, event.headers())
        await _deliver(house, event, {name: one.words.encode().hex() for name in event.headers()})
        await _deliver(house, event, {})
    broken = f'{{"events": [{{"type": "message", "text": "{one.name}{one.mail}'
    nested = json.dumps({"events": [{"type": one.name, "source": {"userId": {"x": one.mail}}, "text": one.words}]})
    for body in (broken, nested):
        line = Event("line", "", "", "/line/webhook", body.encode())
        slack = Event("slack", "", "", "/slack/events", body.encode())
        await _deliver(house, line, fake_line.signed(line.body))
        await _deliver(house, slack, fake_slack.signed(body))


async def _deliver(house: _House, event: Event, headers: dict[str, str]) -> None:
    await house.look(await house.web.post(event.path, data=event.body, headers=headers))


async def _page(house: _House, one: Canary) -> None:
    """The secure page: a form that is wrong, one too large, and one that is right, with a file."""
    page = await asyncio.to_thread(file_with_page, house.gateway)
    headers = {"Sec-Fetch-Site": "same-origin"}
    person = PERSON | {"name": one.name, "email": one.mail, "email_again": one.mail, "phone": one.phone}
    person |= {"postal_code": one.postal_code, "address": one.words, "remarks": one.words}
    upload = ("evidence_files", f"{one.name}.pdf", PDF + one.words.encode())
    wrong = person | {"email_again": one.mail[1:], "role": one.words}
    await house.look(await house.web.post(page.path, data=multipart(wrong, upload), headers=headers))
    await house.look(await house.web.post(page.path, data=multipart(person), headers={"Sec-Fetch-Site": "cross-site"}))
    no_form = {"Content-Type": f"multipart/form-data; boundary={one.mail}"}
    await house.look(await house.web.post(page.path, data=one.words.encode(), headers=headers | no_form))
    await house.look(await house.web.post(page.path, data=multipart(person, upload), headers=headers))
    await house.look(await house.web.post(page.path, data=multipart(person, upload), headers=headers))


async def _too_large(house: _House, one: Canary) -> None:
    """An upload and a message that are larger than anybody may send."""
    page = await asyncio.to_thread(file_with_page, house.gateway)
    content = PDF + one.words.encode() + bytes(_TOO_LARGE)
    form = multipart(PERSON | {"name": one.name}, ("evidence_files", f"{one.name}.pdf", content))
    await house.look(await house.web.post(page.path, data=form, headers={"Sec-Fetch-Site": "same-origin"}))
    body = json.dumps({"id": one.mail, "text": one.words * 10_000})
    headers = {"Content-Type": "application/json"}
    await house.look(
        await house.web.post("/api/messages", data=body.encode(), cookies={"chat": house.cookie}, headers=headers)
    )


async def _enter(house: _House, one: Canary, *, wanders: bool) -> None:
    """Staff enter a letter; now and then every page and every form of the console is tried with its words."""
    entry = Entry(
        channel=EntryChannel.PHONE,
        kinds=(Kind.DISCLOSURE,),
        received_at=house.clock(),
        scope="予約履歴",
        words=one.words,
        details=read_details({**PERSON, "name": one.name, "email": one.mail, "email_again": one.mail}),
    )

    def work(session: Any) -> str:  # noqa: ANN401 - the database's session
        console = house.desk.console
        filed = enter(
            session, entry, actor="staff:x", now=house.clock(), vault=console.vault, controller=console.controller
        )
        return filed[0].request_id

    request_id = await house.desk.console.write(work)
    if wanders:
        await _wander(house, one, request_id)


async def _wander(house: _House, one: Canary, request_id: str) -> None:
    officer = await house.desk.signed_in(Role.OFFICER, sees_sensitive=True)
    admin = await house.desk.signed_in(Role.ADMIN)
    for route in ROUTES:
        if route.right is None or _ENDING.fullmatch(route.path):
            continue
        staff = officer if route.right in RIGHTS_OF[Role.OFFICER] else admin
        for id_ in (request_id, one.name):
            path = _PLACEHOLDER.sub(id_, route.path)
            if route.method == "GET":
                query = {"q": one.mail, "after": one.words, "state": one.name}
                await house.look(await staff.client.get(path, params=query, allow_redirects=False))
            else:
                await _post(house, staff, path, one)
    stranger = await house.desk.stranger()
    for _ in range(2):
        form = {"email": one.mail, "password": one.words, "code": one.my_number}
        await house.look(await stranger.post("/login", data=form, headers={"Sec-Fetch-Site": "same-origin"}))


async def _post(house: _House, staff: Staff, path: str, one: Canary) -> None:
    names = ("text", "name", "email", "q", "reason", "words", "note", "explanation", "search", "subject", "number")
    form = FormData({"csrf": await staff.csrf()})
    for name in names:
        form.add_field(name, f"{one.words} {one.name} {one.mail} {one.phone}")
    headers = {"Sec-Fetch-Site": "same-origin"}
    await house.look(await staff.client.post(path, data=form, headers=headers, allow_redirects=False))


async def _jobs_round(house: _House) -> None:
    steps = jobs._steps(house.gateway)
    for channel, sender in {RASA: forgetting(house.gateway), **mailing(house.gateway)}.items():
        steps[f"outbox:{channel}"] = partial(delivery.drain, house.gateway, channel, sender)
    for name, step in steps.items():
        await jobs._take(name, step)
    house.clock.pass_time(minutes=1)


async def _with_a_locked_database(house: _House, one: Canary) -> None:
    """Somebody else holds the database for longer than one waits; on PostgreSQL a table is gone for a moment."""
    is_sqlite = house.gateway.engine.dialect.name == "sqlite"
    begin, end = _LOCKED if is_sqlite else _WITHOUT_A_TABLE
    other = create_engine(house.drill.database_url, isolation_level="AUTOCOMMIT")
    with other.connect() as connection:
        connection.exec_driver_sql(begin)
        body = {"id": str(uuid.uuid4()), "text": one.typed}
        cookies = {"chat": house.cookie}
        await house.look(await house.web.post("/api/messages", json=body, cookies=cookies))
        connection.exec_driver_sql(end)
    other.dispose()


@asynccontextmanager
async def _running(drill: Drill) -> AsyncIterator[_House]:
    clock = TickingClock()
    async with AsyncExitStack() as stack:
        smtp = stack.enter_context(mail_server())
        settings = _settings(drill, smtp.url)
        assistant = ScriptedAssistant(load_policy(CORPUS, settings.default_policy), settings.public_url)
        services = Services(settings, clock=clock, open_assistant=lambda *_: cast(Assistant, assistant))
        rasa = FailingRasa(settings, services, drill.folder)
        gateway = replace(open_gateway(settings, clock=clock), rasa=rasa)
        web = await stack.enter_async_context(TestClient(TestServer(build_app(gateway)), cookie_jar=DummyCookieJar()))
        desk = await stack.enter_async_context(running_console(settings, clock))
        begun = await web.post("/api/conversations", json={})
        yield _House(drill, gateway, web, desk, clock, smtp, begun.cookies["chat"].value)


def _settings(drill: Drill, smtp_url: str) -> Settings:
    return web_settings(
        drill.database_url,
        data_dir=drill.folder,
        smtp_url=SecretStr(smtp_url),
        mail_from="privacy@example.jp",
        staff_mail="desk@example.jp",
        line_channel_secret=SecretStr(fake_line.SECRET),
        line_access_token=SecretStr(fake_line.ACCESS_TOKEN),
        slack_signing_secret=SecretStr(fake_slack.SIGNING_SECRET),
        slack_bot_token=SecretStr(fake_slack.BOT_TOKEN),
        # Both platforms are away: nothing that is to be sent there gets there.
        line_api_url="http://127.0.0.1:1",
        slack_api_url="http://127.0.0.1:1/api/",
    )


def _live(drill: Drill, canaries: list[Canary]) -> None:
    said = os.open(drill.streams, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    for stream in (1, 2):
        os.dup2(said, stream)
    logs.configure("DEBUG")
    try:
        asyncio.run(_send_all(drill, canaries))
    except BaseException:  # noqa: BLE001 - the caller reads it in the streams
        traceback.print_exc()
        os._exit(1)
    sys.stdout.flush()
    os._exit(0)
