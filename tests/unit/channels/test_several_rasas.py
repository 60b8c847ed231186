"""Several Rasas: each has its conversations, another one takes them over, and never two are at one of them."""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from bot.app import build_app
from bot.channels import deletion, delivery, dispatcher
from bot.channels.gateway import Gateway, Locks, TurnSlots, open_gateway
from bot.channels.rasa_client import RasaClient
from bot.settings import Settings
from bot.storage import inbox
from bot.storage.engine import reading, transaction
from bot.storage.models import Conversation, Lease
from tests.support.fake_rasa import FakeRasa, Turn, after, plain, raw
from tests.support.waiting import until
from tests.support.web_member import TickingClock, WebMember, web_settings

MEMBERS = 12
QUESTION = "質問{}"


class Rasas:
    """Three of them, which know together what none of them knows alone: whether two are at one conversation."""

    def __init__(self) -> None:
        self.busy: set[str] = set()
        self.all = [FakeRasa(busy=self.busy) for _ in range(3)]
        self.servers: list[TestServer] = []
        self.urls: list[str] = []

    @property
    def overlaps(self) -> int:
        return sum(one.overlaps for one in self.all)

    def at(self, url: str) -> FakeRasa:
        return self.all[self.urls.index(url)]

    def heard(self, conversation_id: str) -> list[int]:
        """Which of them heard of the conversation, once for each time."""
        return [place for place, one in enumerate(self.all) for body in one.heard if body["sender"] == conversation_id]

    async def take_away(self, url: str) -> None:
        await self.servers[self.urls.index(url)].close()

    @asynccontextmanager
    async def back(self, url: str) -> AsyncIterator[None]:
        async with TestServer(self.at(url).app(), port=int(url.rpartition(":")[2])):
            yield


@dataclasses.dataclass
class House:
    """One web process in front of them."""

    gateway: Gateway
    client: TestClient[web.Request, web.Application]
    clock: TickingClock
    rasas: Rasas

    async def member(self) -> WebMember:
        member = WebMember(self.client)
        await member.begin()
        return member

    def order(self, member: WebMember) -> list[str]:
        return self.gateway.rasa.shares.order(member.conversation)

    def leases(self) -> list[str]:
        with reading(self.gateway.engine) as session:
            return [lease.name.partition(":")[0] for lease in session.query(Lease)]


@pytest.fixture
async def rasas() -> AsyncIterator[Rasas]:
    found = Rasas()
    async with AsyncExitStack() as stack:
        for one in found.all:
            server = TestServer(one.app())
            await server.start_server()
            stack.push_async_callback(server.close)
            found.servers.append(server)
            found.urls.append(f"http://127.0.0.1:{server.port}")
        yield found


@pytest.fixture
async def house(
    rasas: Rasas, database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[House]:
    # What is overdue is looked for when the test says so.
    monkeypatch.setattr(dispatcher, "_RETRY_POLL_SECONDS", 3600.0)
    settings = web_settings(
        database_url or f"sqlite:///{tmp_path}/madoguchi.db",
        rasa_url=" ".join(rasas.urls),
        actions_url=rasas.urls[0],
        rasa_timeout=30.0,
    )
    clock = TickingClock()
    gateway = open_gateway(settings, clock=clock)
    async with TestClient(TestServer(build_app(gateway))) as client:
        yield House(gateway, client, clock, rasas)


async def test_each_conversation_has_its_own_rasa(house: House) -> None:
    members = [await house.member() for _ in range(MEMBERS)]
    for member in members:
        for text in ("手数料は", "期限は"):
            [answer] = await member.send(text=text)
            assert answer["kind"] == "smalltalk"

    homes = [house.rasas.urls.index(house.order(member)[0]) for member in members]
    assert len(set(homes)) > 1
    assert [house.rasas.heard(member.conversation) for member in members] == [[home] * 2 for home in homes]
    assert house.leases() == []


async def test_while_one_is_away_the_next_one_answers_and_afterwards_itself_again(house: House) -> None:
    member = await house.member()
    home, second, _ = house.order(member)
    await member.send(text="手数料は")
    await house.rasas.take_away(home)
    [answer] = await member.send(text="期限は")

    assert answer["kind"] == "smalltalk"
    assert house.rasas.at(second).texts == ["期限は"]
    async with house.rasas.back(home):
        house.gateway.rasa.shares.note(home, is_away=False)
        await member.send(text="窓口は")
    assert house.rasas.at(home).texts == ["手数料は", "窓口は"]


async def test_a_rasa_that_failed_is_at_nothing_any_more(house: House) -> None:
    member = await house.member()
    home, second, _ = house.order(member)
    house.rasas.at(home).turns = [raw([])]
    [apology] = await member.send(text="手数料は")
    await house.rasas.take_away(home)
    house.clock.pass_time(seconds=5)
    await dispatcher.answer_overdue(house.gateway)

    assert apology["kind"] == "error"
    assert house.rasas.at(second).texts == ["手数料は"]


async def test_a_rasa_that_broke_off_is_waited_for_no_longer_than_a_turn(house: House) -> None:
    member = await house.member()
    home, second, _ = house.order(member)
    house.rasas.at(home).otherwise = _breaking_off
    [apology] = await member.send(text="手数料は")
    await house.rasas.take_away(home)
    house.clock.pass_time(seconds=30)
    await dispatcher.answer_overdue(house.gateway)
    before = house.rasas.at(second).texts
    house.clock.pass_time(seconds=10)
    await dispatcher.answer_overdue(house.gateway)

    assert (apology["kind"], before) == ("error", [])
    assert house.rasas.at(second).texts == ["手数料は"]


async def _breaking_off(_body: dict[str, Any]) -> web.Response:
    raise asyncio.CancelledError


@pytest.fixture
async def stuck(house: House) -> WebMember:
    """A member whose Rasa was asked, did not answer in time, and cannot be reached since."""
    member = await house.member()
    home = house.order(member)[0]
    house.rasas.at(home).otherwise = after(asyncio.Event(), plain())
    # Whoever asked did not wait for long; whoever comes afterwards does.
    impatient = _process(house.gateway, house.gateway.settings.model_copy(update={"rasa_timeout": 0.5}))
    await dispatcher.answer(impatient, _stored(house, member.conversation, 0), member.conversation)
    await impatient.rasa.close()
    assert house.rasas.at(home).texts == [QUESTION.format(0)]
    await house.rasas.take_away(home)
    return member


async def test_no_other_one_is_asked_while_a_turn_may_still_run(house: House, stuck: WebMember) -> None:
    others = [one for one in house.rasas.all if not one.heard]
    for _ in range(3):
        house.clock.pass_time(seconds=10)
        await dispatcher.answer_overdue(house.gateway)

    assert [one.texts for one in others] == [[], []]
    house.clock.pass_time(seconds=30)
    await dispatcher.answer_overdue(house.gateway)
    assert sorted(one.texts for one in others) == [[], [QUESTION.format(0)]]
    assert (await stuck.history())[-1]["kind"] == "smalltalk"


async def test_the_same_one_may_go_on_at_once_since_its_own_lock_orders_it(house: House, stuck: WebMember) -> None:
    [home] = {house.rasas.urls[place] for place in house.rasas.heard(stuck.conversation)}
    house.rasas.at(home).otherwise = plain()
    async with house.rasas.back(home):
        house.gateway.rasa.shares.note(home, is_away=False)
        house.clock.pass_time(seconds=5)
        await dispatcher.answer_overdue(house.gateway)

    assert (await stuck.history())[-1]["kind"] == "smalltalk"
    assert house.leases() == []


async def test_a_stuck_conversation_keeps_no_other_one_waiting(house: House, stuck: WebMember) -> None:
    others = [await house.member() for _ in range(MEMBERS)]
    for member in others:
        [answer] = await member.send(text="期限は")
        assert answer["kind"] == "smalltalk"
    assert (await stuck.history())[-1]["kind"] == "error"


async def test_what_is_deleted_is_forgotten_by_nobody_else_while_a_turn_may_still_write_it(
    house: House, stuck: WebMember
) -> None:
    await stuck.delete()

    assert [one.forgotten for one in house.rasas.all] == [[], [], []]
    house.clock.pass_time(minutes=2)
    await delivery.drain(house.gateway, deletion.RASA, deletion.forgetting(house.gateway))
    assert sorted(one.forgotten for one in house.rasas.all) == [[], [], [stuck.conversation]]


async def test_a_rasa_that_is_slow_takes_no_slot_of_another(house: House) -> None:
    members = [await house.member() for _ in range(MEMBERS)]
    slow = house.order(members[0])[0]
    hers = [member for member in members if house.order(member)[0] == slow]
    others = [member for member in members if member not in hers]
    moment = asyncio.Event()
    house.rasas.at(slow).otherwise = after(moment, plain())
    # More of them than there are slots.
    crowd = [(hers[0].conversation, _stored(house, hers[0].conversation, 0))]
    while len(crowd) <= house.gateway.settings.turns_at_once:
        member = await house.member()
        if house.order(member)[0] == slow:
            crowd.append((member.conversation, _stored(house, member.conversation, 0)))
    waiting = [asyncio.create_task(dispatcher.answer(house.gateway, turn, place)) for place, turn in crowd]
    await until(lambda: len(house.rasas.at(slow).heard) == house.gateway.settings.turns_at_once)
    [answer] = await others[0].send(text="期限は")

    assert answer["kind"] == "smalltalk"
    assert not any(task.done() for task in waiting)
    moment.set()
    await asyncio.gather(*waiting)


async def test_readyz_says_who_is_away_and_is_red_when_all_are(house: House) -> None:
    urls, told = house.rasas.urls, []
    # The first one stands where the action server would be, too.
    for url in (*urls[:0:-1], urls[0]):
        told.append(await _readyz(house))
        await house.rasas.take_away(url)
    told.append(await _readyz(house))

    assert told == [(200, True, []), (200, True, urls[2:]), (200, True, urls[1:]), (503, False, urls)]


async def _readyz(house: House) -> tuple[int, bool, list[str]]:
    response = await house.client.get("/readyz")
    told = await response.json()
    return response.status, told["checks"]["model"], told["away"]


async def test_no_two_of_all_processes_run_turns_of_one_conversation(house: House) -> None:
    """Two more gateways, one of which knows of fewer Rasas, as while their number is changed; all at the same turns."""
    members = [await house.member() for _ in range(3)]
    for rasa in house.rasas.all:
        rasa.otherwise = _slowly()
    fewer = house.gateway.settings.model_copy(update={"rasa_url": house.rasas.urls[2]})
    processes = [house.gateway, *(_process(house.gateway, settings) for settings in (house.gateway.settings, fewer))]
    turns = {
        _stored(house, member.conversation, number): member.conversation for member in members for number in range(4)
    }
    await asyncio.gather(*(dispatcher.answer(one, *turn) for one in processes for turn in turns.items()))

    for member in members:
        assert len(house.rasas.heard(member.conversation)) == 4
    assert house.rasas.overlaps == 0
    for one in processes[1:]:
        await one.rasa.close()


def _slowly() -> Turn:
    async def turn(body: dict[str, Any]) -> web.Response:
        await asyncio.sleep(0.02)
        return await plain()(body)

    return turn


def _process(gateway: Gateway, settings: Settings) -> Gateway:
    return dataclasses.replace(gateway, rasa=RasaClient(settings), locks=Locks(), turn_slots=TurnSlots(3))


def _stored(house: House, conversation_id: str, number: int) -> str:
    now = house.clock()
    event = inbox.Event("web", f"{conversation_id}-{number}", "hash", occurred_at=now)
    with transaction(house.gateway.engine) as session:
        conversation = session.get_one(Conversation, conversation_id)
        body = inbox.TurnBody("say", QUESTION.format(number))
        return inbox.add(session, event, conversation, body, vault=house.gateway.vault, now=now, due=now).id
