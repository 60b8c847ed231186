"""Wherever a process dies, told again the story of a request ends as if nothing had happened: one request, one number.

`make prove-crashes` tells it anew for each of the first passings of every place, on both databases. The short form
tells it once on each database and dies at every place, one after the other: in the chat at the press that files.
"""

from __future__ import annotations

import json
import os
import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import pytest
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from bot.channels.delivery import AT_ONCE
from bot.crash_points import KILLED_STATUS, CrashPoint
from bot.register.check import contradictions
from bot.register.decisions.models import AnswerRelease, Decision
from bot.register.digests.folder import digest_files
from bot.register.models import AuditEvent, Contact, Draft, Page, Request
from bot.register.numbers import is_number
from bot.register.thread.models import StoredFile
from bot.staff.models import StaffEvent
from bot.staff.trail import StaffAction
from bot.storage.encryption import Vault
from bot.storage.engine import Base, open_engine, reading
from bot.storage.models import Inbound, Outbound
from bot.storage.rotation import survey
from tests.support.life_story import BEGINNING, BETWEEN, World, preload
from tests.support.smtp_server import LocalMailServer, mail_server
from tests.support.web_member import web_settings

PASSINGS = int(os.environ.get("MADOGUCHI_PROOF_PASSINGS", "0"))
PLACES = (
    CrashPoint.INBOX_BEFORE_COMMIT,
    CrashPoint.INBOX_AFTER_COMMIT,
    CrashPoint.RASA_BEFORE_CALL,
    CrashPoint.FILING_BEGUN,
    CrashPoint.FILING_WITHOUT_TRAIL,
    CrashPoint.FILING_WITHOUT_NOTICE,
    CrashPoint.FILING_BEFORE_COMMIT,
    CrashPoint.FILING_AFTER_COMMIT,
    CrashPoint.RASA_AFTER_CALL,
    CrashPoint.ANSWER_BEFORE_COMMIT,
    CrashPoint.ANSWER_AFTER_COMMIT,
    CrashPoint.DETAILS_WITHOUT_STATE,
    CrashPoint.STEP_WITHOUT_TRAIL,
    CrashPoint.DETAILS_BEFORE_COMMIT,
    CrashPoint.DETAILS_AFTER_COMMIT,
    CrashPoint.RELEASE_WITHOUT_TRAIL,
    CrashPoint.DIGEST_BEFORE_NAME,
    CrashPoint.DIGEST_BEFORE_KNOWN,
    CrashPoint.SENDING_BEFORE_SEND,
    CrashPoint.SENDING_BEFORE_MARK,
    CrashPoint.SENDING_AFTER_MARK,
    CrashPoint.DELETION_BEFORE_COMMIT,
    CrashPoint.DELETION_AFTER_COMMIT,
    CrashPoint.ROTATION_BEFORE_COMMIT,
    CrashPoint.ROTATION_AFTER_COMMIT,
)
"""Every place of this story, in the order in which it comes by after the press that files."""

T = TypeVar("T")

# Of what is forgotten, and of several companies (test_group_deaths).
_OF_OTHER_STORIES = ("purge", "group")
# The wish, the scope, and the press that files.
_FILING_TURN = 3
_BOTH = ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)]
_ROWS = (Draft, Page, Contact, StoredFile, Decision, AnswerRelease)

pytestmark = pytest.mark.timeout(600)


@dataclass(frozen=True)
class Ending:
    """Everything by which two tellings could differ, without ids, numbers and moments."""

    requests: list[tuple[str, str]]
    trail: list[str]
    rows: dict[str, int]
    inbox: Counter[tuple[str, str]]
    outbox: Counter[tuple[str, str, str]]


@dataclass(frozen=True)
class Left:
    """What a purge leaves: rows by table, and what it says of what went."""

    rows: dict[str, int]
    gone: Counter[str]


@pytest.fixture(scope="module")
def smtp() -> Iterator[LocalMailServer]:
    with mail_server() as server:
        yield server


@pytest.fixture(scope="module")
def world_at_peace(sqlite_template: Path, smtp: LocalMailServer, tmp_path_factory: pytest.TempPathFactory) -> World:
    """One in which nobody dies."""
    preload()
    folder = tmp_path_factory.mktemp("peace")
    shutil.copy(sqlite_template, folder / "madoguchi.db")
    return World(f"sqlite:///{folder}/madoguchi.db", folder, smtp.url)


@pytest.fixture(scope="module")
def undisturbed(world_at_peace: World) -> Ending:
    """How the story ends then."""
    assert world_at_peace.tell() == 0
    return seen(world_at_peace, ending_of)


@pytest.fixture(scope="module")
def forgotten(world_at_peace: World, undisturbed: Ending) -> Left:
    """What is left of it many years later."""
    assert undisturbed
    assert world_at_peace.forget() == 0
    left = seen(world_at_peace, left_of)
    assert left.gone["request"] == 1
    return left


def seen(world: World, look: Callable[[Session], T]) -> T:
    engine = open_engine(world.database_url, controller="eparkrelax")
    try:
        with reading(engine) as session:
            return look(session)
    finally:
        engine.dispose()


@pytest.mark.parametrize("database_url", _BOTH, indirect=True)
def test_a_story_with_a_death_at_every_place_ends_like_one_without(
    undisturbed: Ending, engine: Engine, smtp: LocalMailServer, tmp_path: Path
) -> None:
    smtp.reset()
    world = World(engine.url.render_as_string(hide_password=False), tmp_path, smtp.url)
    assert set(PLACES) == {point for point in CrashPoint if point.partition(":")[0] not in _OF_OTHER_STORIES}
    moment = BEGINNING
    for place in PLACES:
        # What was done before the last death is not done again, so that the next place is always the first of its name.
        death = f"{place}:{_FILING_TURN}" if moment == BEGINNING else place
        assert (place, world.tell(crash_at=death, moment=moment)) == (place, KILLED_STATUS)
        moment += BETWEEN
    assert world.tell(moment=moment) == 0
    expect_as_if_nothing_had_happened(world, engine, undisturbed)
    expect_mails_at_most_twice(engine, smtp, deaths=sum(place.startswith("sending:") for place in PLACES))


@pytest.mark.parametrize("database_url", _BOTH, indirect=True)
def test_a_purge_that_dies_in_its_batches_goes_on_and_tells_of_each_once(
    forgotten: Left, engine: Engine, smtp: LocalMailServer, tmp_path: Path
) -> None:
    world = World(engine.url.render_as_string(hide_password=False), tmp_path, smtp.url)
    assert world.tell() == 0
    for place in (CrashPoint.PURGE_BEFORE_COMMIT, CrashPoint.PURGE_AFTER_COMMIT):
        for time in (1, 2):
            assert world.forget(crash_at=f"{place}:{time}") == KILLED_STATUS
    assert world.forget() == 0
    with reading(engine) as session:
        assert left_of(session) == forgotten


def single_deaths() -> list[Any]:
    if not PASSINGS:
        return [("sqlite", f"{CrashPoint.FILING_BEFORE_COMMIT}:1")]
    return [
        pytest.param(database, f"{place}:{time}", id=f"{database}-{place}:{time}", marks=marks)
        for place in PLACES
        for time in range(1, PASSINGS + 1)
        for database, marks in (("sqlite", ()), ("postgresql", pytest.mark.postgres))
    ]


@pytest.mark.parametrize(("database_url", "death"), single_deaths(), indirect=["database_url"])
def test_one_death_leaves_one_request_with_one_number(
    undisturbed: Ending, engine: Engine, death: str, smtp: LocalMailServer, tmp_path: Path
) -> None:
    smtp.reset()
    world = World(engine.url.render_as_string(hide_password=False), tmp_path, smtp.url)
    if (status := world.tell(crash_at=death)) != 0 or death.endswith(":1"):
        assert status == KILLED_STATUS
        assert world.tell(moment=BEGINNING + BETWEEN) == 0
    expect_as_if_nothing_had_happened(world, engine, undisturbed)
    expect_mails_at_most_twice(engine, smtp, deaths=1)


def expect_as_if_nothing_had_happened(world: World, engine: Engine, undisturbed: Ending) -> None:
    with reading(engine) as session:
        assert ending_of(session) == undisturbed
        (number,) = session.scalars(select(Request.number))
        assert contradictions(session, now=BEGINNING + len(PLACES) * BETWEEN) == []
    assert is_number(number)
    assert len(list(digest_files(world.digests))) == 1
    vault = Vault.from_settings(web_settings("", **world.keys()))
    assert [held for held in survey(engine, vault) if not held.is_current] == []
    assert set(receipts_read(world.folder)) == {number}


def expect_mails_at_most_twice(engine: Engine, smtp: LocalMailServer, *, deaths: int) -> None:
    """Mails that were taken before that was noted go out once more: as many as were under way."""
    with reading(engine) as session:
        sent = session.scalar(select(func.count()).where(Outbound.channel == "mail", Outbound.state == "sent")) or 0
    assert sent <= len(smtp.mails) <= sent + deaths * AT_ONCE


def left_of(session: Session) -> Left:
    """What is left of everything after a purge, and what the company's trail says went."""
    gone: Counter[str] = Counter()
    for fields in session.scalars(select(StaffEvent.fields).where(StaffEvent.action == StaffAction.DATA_PURGED)):
        gone.update({name: int(count) for name, count in (field.split(":") for field in fields)})
    # How many lines told of it depends on how many batches there were.
    others = [table for table in Base.metadata.sorted_tables if table.name != StaffEvent.__tablename__]
    return Left({table.name: session.scalar(select(func.count()).select_from(table)) or 0 for table in others}, gone)


def ending_of(session: Session) -> Ending:
    requests = select(Request.kind, Request.state)
    inbox = select(Inbound.channel, Inbound.state)
    outbox = select(Outbound.channel, Outbound.kind, Outbound.state)
    return Ending(
        requests=[(row.kind, row.state) for row in session.execute(requests)],
        trail=list(session.scalars(select(AuditEvent.action).order_by(AuditEvent.position))),
        rows={table.__tablename__: session.scalar(select(func.count()).select_from(table)) or 0 for table in _ROWS},
        inbox=Counter((row.channel, row.state) for row in session.execute(inbox)),
        outbox=Counter((row.channel, row.kind, row.state) for row in session.execute(outbox)),
    )


def receipts_read(folder: Path) -> list[str]:
    """The numbers that the member's browser has shown."""
    receipts: list[str] = json.loads((folder / "browser.json").read_text("utf-8"))["receipts"]
    return receipts
