"""A member who wants a request filed, through one fault at a random moment, and what came of it."""

from __future__ import annotations

import asyncio
import re
import time
import uuid
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

from sqlalchemy import select

from bot.register.models import Draft, Request
from bot.storage.engine import reading
from bot.storage.models import Conversation, Inbound
from tests.support.fault_table import MEMBER_STATUSES, Fault, Reads
from tests.support.fault_world import World
from tests.support.web_member import Json, WebMember

WISH = "私の情報を開示してください"
RECOVERY_SECONDS = 60.0
"""What everybody is promised; a busy machine is given more before a test says that nothing comes of it."""

_PATIENCE_SECONDS = 240.0
_MOST_PRESSES = 6
_STRIKES_LATEST = 3
_HALF = 0.5
_STRIKE_WITHIN = 0.06
_JAPANESE = re.compile(r"[ぁ-ん]")


@dataclass
class Life:
    """What one member was told, in order, and how long each thing took.

    Attributes:
        told: receipts, as messages named them.
        promised: ids of messages of which it was said that they are kept.
        meanwhile: what was read while the fault lasted.
        red: checks of readyz that failed while it lasted.
        recovery: seconds from its end until the member had the answer and readyz said so.
    """

    conversation: str
    told: list[str] = field(default_factory=list)
    promised: list[str] = field(default_factory=list)
    meanwhile: list[Json] = field(default_factory=list)
    red: frozenset[str] = frozenset()
    recovery: float = 0.0


async def live(world: World, fault: Fault) -> Life:
    """From the first word to the receipt; the fault strikes at a random message, before it or in its middle."""
    member = WebMember(world.client)
    await member.begin()
    life = Life(member.conversation)
    strikes_at = world.chance.randrange(_STRIKES_LATEST)
    answer: list[Json] = []
    for step in range(_MOST_PRESSES):
        content = {"choice": _first_choice(answer)} if answer else {"text": WISH}
        if step == strikes_at:
            answer = await _through(world, fault, member, life, content)
        else:
            answer = await _until_answered(world, member, life, str(uuid.uuid4()), content, sends_again=True)
        if life.told:
            return life
    raise AssertionError(f"no receipt, but {answer}")


async def _through(world: World, fault: Fault, member: WebMember, life: Life, content: dict[str, str]) -> list[Json]:
    """Sends one message into the fault, and reads on when it is over."""
    key, sends_again = str(uuid.uuid4()), world.chance.random() < _HALF
    sending: asyncio.Task[Json] | None = None
    if world.chance.random() < _HALF:
        sending = asyncio.create_task(_send(member, key, content))
        await asyncio.sleep(world.chance.uniform(0, _STRIKE_WITHIN))
    async with fault.put_in(world):
        sending = sending or asyncio.create_task(_send(member, key, content))
        looking = asyncio.create_task(_look_at_readyz(world, fault))
        read, life.red = await asyncio.gather(sending, looking)
    ended = time.monotonic()
    expect_honest(world, fault, read)
    life.meanwhile.append(read)
    if read["status"] != HTTPStatus.OK:
        sends_again = True  # nothing was promised: the page keeps the message and offers to send it again
    elif _is_apology(read["messages"]):
        life.promised.append(key)
    answer: list[Json] = read.get("messages", [])
    if not answer or _is_apology(answer):
        answer = await _until_answered(world, member, life, key, content, sends_again=sends_again)
    else:
        _note(life, answer)
    await world.seconds_until_ready()
    life.recovery = time.monotonic() - ended
    return answer


async def _look_at_readyz(world: World, fault: Fault) -> frozenset[str]:
    """What fails by readyz while the fault lasts; on a machine that is busy for a moment more may fail for a moment."""
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while True:
        status, checks = await world.readyz()
        red = frozenset(name for name, passes in checks.items() if not passes)
        assert (status == HTTPStatus.OK) == (not red)
        if red == fault.red or (red < fault.red and not fault.is_certain):
            return red
        assert time.monotonic() < deadline, f"readyz says {sorted(red)}"
        await asyncio.sleep(0.1)


async def _until_answered(
    world: World, member: WebMember, life: Life, key: str, content: dict[str, str], *, sends_again: bool
) -> list[Json]:
    """Either the same message again, as a page sends it, or only a look now and then, as a page does that was told."""
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while True:
        answer = await (_answered(member, key, content) if sends_again else _looked(member))
        if answer:
            _note(life, answer)
            return answer
        assert time.monotonic() < deadline, f"no answer, readyz {await world.readyz()}"
        await asyncio.sleep(0.1)


async def _answered(member: WebMember, key: str, content: dict[str, str]) -> list[Json]:
    read = await _send(member, key, content)
    messages: list[Json] = read.get("messages", [])
    return [] if _is_apology(messages) else messages


async def _looked(member: WebMember) -> list[Json]:
    """What stands below the member's last words, as soon as it is more than an apology."""
    history = await member.history()
    last = max(place for place, line in enumerate(history) if line["kind"] == "member")
    return [line for line in history[last + 1 :] if line["kind"] != "error"]


async def _send(member: WebMember, key: str, content: dict[str, str]) -> Json:
    response = await member.post(key=key, **content)
    body: Json = await response.json()
    return body | {"status": response.status}


def expect_honest(world: World, fault: Fault, read: Json) -> None:
    """What is no answer says so in Japanese, names the desk, and claims nothing."""
    assert read["status"] in MEMBER_STATUSES[fault.reads], read
    if read["status"] == HTTPStatus.OK and not _is_apology(read["messages"]):
        return
    assert fault.reads is not Reads.NOTHING, read
    said = read["detail"] if "detail" in read else read["messages"][0]["text"]
    assert _JAPANESE.search(said), read
    assert "受付を確認できていません" in said or "ご請求の受付は確認できていません" in said, read
    assert world.gateway.contacts
    assert all(contact in said for contact in world.gateway.contacts), read
    assert "receipt" not in str(read), read


def _is_apology(messages: list[Json]) -> bool:
    return any(message["kind"] == "error" for message in messages)


def _note(life: Life, answer: list[Json]) -> None:
    life.told += [message["receipt"]["number"] for message in answer if "receipt" in message]


def _first_choice(answer: list[Json]) -> str:
    choices: list[Any] = [choice["id"] for message in answer for choice in message.get("choices", ())]
    assert choices, answer
    return str(choices[0])


@dataclass
class Count:
    """Over all lives: what was told against what is kept."""

    lives: int = 0
    struck: int = 0
    receipts: int = 0
    false: int = 0
    lost: int = 0
    doubled: int = 0
    longest: float = 0.0

    def add(self, world: World, life: Life) -> None:
        """Compares what one member was told with what the database holds."""
        with reading(world.gateway.engine) as session:
            # By a clock that was ahead the conversation was over, and another one took up what was open in it.
            member = session.get_one(Conversation, life.conversation).member_id
            conversations = select(Conversation.id).where(Conversation.member_id == member)
            drafts = select(Draft.id).where(Draft.conversation_id.in_(conversations))
            held = list(session.scalars(select(Request.number).where(Request.draft_id.in_(drafts))))
            unanswered = select(Inbound.id).where(Inbound.conversation_id.in_(conversations), Inbound.state != "done")
            left = list(session.scalars(unanswered))
        told = set(life.told)
        self.lives += 1
        self.struck += any(read["status"] != HTTPStatus.OK or _is_apology(read["messages"]) for read in life.meanwhile)
        self.receipts += len(told)
        self.false += len(told - set(held))
        self.lost += len(left)
        self.doubled += max(len(held), len(told), 1) - 1
        self.longest = max(self.longest, life.recovery)
