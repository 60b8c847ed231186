"""Events that come many times, out of order, while `web` is killed: `make prove-deliveries` has 1,000 of a platform.

What is exact, whatever happens: one row an event, one turn a row, one kept answer a turn, one row of the outbox an
answer. What two other parties take part in can only be at least once. Rasa hears a turn again if the process died
before it kept the answer: at most as many turns a crash as one process has in flight. A platform gets a message again
if the process died between sending it and noting so: LINE refuses the second, since a reply token works once; on
Slack at most as many a crash as are on their way at once.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import pytest
from sqlalchemy import Engine, Select, func, select
from sqlalchemy.orm import Session

from bot.channels import delivery
from bot.settings import Settings
from bot.storage.encryption import Vault
from bot.storage.engine import reading
from bot.storage.models import Entry, Inbound, Outbound
from bot.storage.outbox import ANSWER
from tests.faults.conftest import Doors
from tests.support.signed_senders import Event, Senders, line_text, slack_text
from tests.support.stand_ins import echo

EVENTS = int(os.environ.get("MADOGUCHI_PROOF_EVENTS", "50"))
TIMES = 10
WORKERS = 8
CRASHES = 2
MEMBERS = 20
# What a crash leaves behind is taken up when its leases have run out; a busy machine takes its time for the rest.
_SETTLED_SECONDS = 600 + EVENTS

pytestmark = pytest.mark.timeout(1800 + 4 * EVENTS)


def events() -> Iterator[Event]:
    for number in range(EVENTS):
        for kind in (line_text, slack_text):
            member = f"U{number % MEMBERS}"
            yield kind(f"質問{number}番", event_id=f"event-{number}", user=member, place=number)


async def send_all(doors: Doors) -> None:
    """Every event ten times from eight workers; the process is killed twice in between and started again."""
    crash = asyncio.Event()
    crash_at = {place * 2 * EVENTS * TIMES // (CRASHES + 1) for place in range(1, CRASHES + 1)}

    def count(taken: int) -> None:
        if taken in crash_at:
            crash.set()

    async def crashes() -> None:
        for _ in range(CRASHES):
            await crash.wait()
            doors.web.kill()
            crash.clear()
            await doors.web.start()

    senders = Senders(doors.web.url, workers=WORKERS, on_taken=count)
    crashing = asyncio.create_task(crashes())
    await senders.send_all(events(), times=TIMES)
    await crashing
    assert senders.taken == 2 * EVENTS * TIMES
    assert senders.repeated > 0


async def until(engine: Engine, condition: Callable[[Engine], bool]) -> None:
    async with asyncio.timeout(_SETTLED_SECONDS):
        while not await asyncio.to_thread(condition, engine):  # noqa: ASYNC110 - another process decides
            await asyncio.sleep(0.5)


def is_settled(engine: Engine) -> bool:
    """Whether nothing waits any more, neither for Rasa nor for a platform."""
    with reading(engine) as session:
        turns = session.scalar(select(func.count()).where(Inbound.state == "waiting"))
        notices = session.scalar(select(func.count()).where(Outbound.state == "waiting"))
    return turns == notices == 0


def vault_of(doors: Doors) -> Vault:
    keys = {name: doors.web.environment[f"MADOGUCHI_{name.upper()}"] for name in ("encryption_key", "hash_key")}
    return Vault.from_settings(Settings(_env_file=None, **keys))  # type: ignore[arg-type]  # pydantic reads texts


async def test_a_thousand_events_ten_times_through_two_crashes_are_a_thousand_turns(
    doors: Doors, engine: Engine
) -> None:
    await send_all(doors)
    await until(engine, is_settled)
    assert doors.web.starts == CRASHES + 1

    expect_one_row_an_event(engine)
    expect_one_kept_answer_a_turn(engine, vault_of(doors))
    expect_rasa_heard_each(doors, engine)
    expect_each_was_sent(doors, engine)


def expect_one_row_an_event(engine: Engine) -> None:
    with reading(engine) as session:
        inbox = select(Inbound.channel, Inbound.state, func.count()).group_by(Inbound.channel, Inbound.state)
        answers = select(Outbound.channel, func.count()).where(Outbound.kind == ANSWER).group_by(Outbound.channel)
        assert rows(session, inbox) == [("line", "done", EVENTS), ("slack", "done", EVENTS)]
        assert rows(session, answers) == [("line", EVENTS), ("slack", EVENTS)]


def rows(session: Session, query: Select[*tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    return sorted(tuple(row) for row in session.execute(query))


def expect_one_kept_answer_a_turn(engine: Engine, vault: Vault) -> None:
    """Each turn: the member's line, and one answer to that very line; the greeting once a member."""
    with reading(engine) as session:
        lines = [(entry, opened(entry, vault)) for entry in session.scalars(select(Entry))]
    kept = [(entry.inbox_id, entry.role, line) for entry, line in lines]
    said = {turn: line["text"] for turn, role, line in kept if role == "member"}
    answers = [(turn, line) for turn, role, line in kept if role == "answer"]
    assert len(said) == 2 * EVENTS
    assert Counter((turn, line["text"]) for turn, line in answers if line["kind"] == "smalltalk") == Counter(
        (turn, echo(text).text) for turn, text in said.items()
    )
    # Where a crash made the first turn apologise, the greeting went before the apology, which is no answer yet.
    greeted = Counter(
        entry.conversation_id for entry, line in lines if line["kind"] == "notice" and entry.role == "answer"
    )
    apologised_to = {entry.conversation_id for entry, line in lines if entry.role == "provisional"}
    assert set(greeted.values()) == {1}
    assert len(greeted.keys() | apologised_to) == 2 * min(MEMBERS, EVENTS)


def opened(entry: Entry, vault: Vault) -> dict[str, Any]:
    line: dict[str, Any] = json.loads(
        vault.open(entry.sealed_message, table="transcript", row=entry.id, column="sealed_message")
    )
    return line


def expect_rasa_heard_each(doors: Doors, engine: Engine) -> None:
    heard = Counter((body["input_channel"], body["message"]) for body in doors.rasa.heard)
    assert heard.keys() == {(event.channel, event.text) for event in events()}
    with reading(engine) as session:
        tries = session.scalar(select(func.sum(Inbound.attempts))) or 0
    at_once = Settings.model_fields["turns_at_once"].default
    assert heard.total() <= tries + CRASHES * at_once


def expect_each_was_sent(doors: Doors, engine: Engine) -> None:
    of_line = (Outbound.channel == "line", Outbound.kind == ANSWER)
    with reading(engine) as session:
        waits = session.scalar(select(func.count()).where(*of_line, Outbound.state != "sent")) or 0
        tries = session.scalar(select(func.sum(Outbound.attempts)).where(Outbound.channel == "slack")) or 0
    tokens = Counter(reply["replyToken"] for reply in doors.line.replies)
    assert set(tokens.values()) == {1}
    answered, posted = numbers(doors.line.replies), numbers(doors.slack.posts)
    # An answer that LINE's minute was over for waits for the member's tap.
    assert EVENTS - waits <= len(answered) <= EVENTS
    assert len(posted) == EVENTS
    assert posted.total() <= tries + CRASHES * delivery.AT_ONCE


def numbers(sent: Iterable[object]) -> Counter[str]:
    """How many of these messages hold the answer to which question."""
    return Counter(
        number
        for message in sent
        for number in set(re.findall(r"質問(\d+)番", json.dumps(message, ensure_ascii=False)))
    )
