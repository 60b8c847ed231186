"""Every fault that members are led through: how it is put in, what they read, what readyz says, who mends it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, AbstractContextManager, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from enum import Enum
from http import HTTPStatus

import pytest

from tests.support import fault_rasa
from tests.support.fault_door import Door, Mood
from tests.support.fault_world import World

BOTH = ("sqlite", "postgresql")
SERVER = ("postgresql",)

PutIn = Callable[[World], AbstractAsyncContextManager[None]]


class Reads(Enum):
    """What a member reads whose message meets the fault, in the words of docs/faults.md."""

    APOLOGY = "apology"
    """Or the answer, when the fault came too late."""
    EITHER = "apology or busy"
    """By whether the message could be stored; or the answer, as above."""
    NOTHING = "the answer"


@dataclass(frozen=True)
class Fault:
    """One row of the table.

    Attributes:
        name: of the row, as docs/faults.md has it.
        put_in: the fault lasts while this is entered.
        reads: what members read of it, at most.
        red: the checks of readyz that fail meanwhile.
        is_certain: whether they always fail; a full disk of PostgreSQL still takes what fits into pages it has.
        databases: where there is such a thing.
    """

    name: str
    put_in: PutIn
    reads: Reads
    red: frozenset[str] = frozenset()
    is_certain: bool = True
    databases: tuple[str, ...] = BOTH

    def line(self) -> str:
        """The row as it stands in docs/faults.md."""
        where = "both" if self.databases == BOTH else "PostgreSQL"
        checks = " ".join(f"`{check}`" for check in sorted(self.red))
        ready = "ready" if not checks else f"{checks} red" if self.is_certain else f"{checks} red, or ready"
        return f"| {self.name} | {where} | {self.reads.value} | {ready} |"


def _door(of: Callable[[World], Door], mood: Mood) -> PutIn:
    return lambda world: of(world).being(mood)


def _rasa(answer: fault_rasa.Answer) -> PutIn:
    @asynccontextmanager
    async def put_in(world: World) -> AsyncIterator[None]:
        with world.rasa.failing(answer):
            yield

    return put_in


@asynccontextmanager
async def _actions_away(world: World) -> AsyncIterator[None]:
    """Rasa answers what it answers when it cannot reach its action server."""
    async with world.actions_door.being(Mood.SHUT):
        with world.rasa.failing(fault_rasa.empty):
            yield


def _ground(of: Callable[[World], Callable[[], AbstractContextManager[None]] | None]) -> PutIn:
    @asynccontextmanager
    async def put_in(world: World) -> AsyncIterator[None]:
        trouble = of(world)
        if trouble is None:
            pytest.skip("this machine lets nobody mount a small disk")
        # Some of it waits, which must not keep the world waiting.
        fault = trouble()
        await asyncio.to_thread(fault.__enter__)
        try:
            yield
        finally:
            await asyncio.to_thread(fault.__exit__, None, None, None)

    return put_in


def _clock(by: timedelta) -> PutIn:
    @asynccontextmanager
    async def put_in(world: World) -> AsyncIterator[None]:
        with world.clock.wrong(by):
            yield

    return put_in


def _mail(mood: Mood) -> PutIn:
    return _door(lambda world: world.mail_door, mood)


def _rasa_door(mood: Mood) -> PutIn:
    return _door(lambda world: world.rasa_door, mood)


_RASA = frozenset({"model", "tracker"})
_REGISTER = frozenset({"register"})

FAULTS = (
    Fault("Rasa is down", _rasa_door(Mood.SHUT), Reads.APOLOGY, _RASA),
    Fault("Rasa stands still", _rasa_door(Mood.SILENT), Reads.APOLOGY, _RASA),
    Fault("Rasa takes longer than is waited for", _rasa_door(Mood.SLOW), Reads.APOLOGY, _RASA, is_certain=False),
    Fault("Rasa's answer is cut off", _rasa_door(Mood.CUT), Reads.APOLOGY, _RASA),
    Fault("Rasa answers an empty list", _rasa(fault_rasa.empty), Reads.APOLOGY),
    Fault("Rasa answers 500", _rasa(fault_rasa.failure), Reads.APOLOGY),
    Fault("Rasa answers garbage", _rasa(fault_rasa.garbage), Reads.APOLOGY),
    Fault("the action server is down", _actions_away, Reads.APOLOGY, frozenset({"actions"})),
    Fault("the database is locked", _ground(lambda world: world.ground.locked), Reads.EITHER, _REGISTER),
    Fault(
        "the database stands still",
        _ground(lambda world: world.ground.standing),
        Reads.EITHER,
        _REGISTER,
        databases=SERVER,
    ),
    Fault(
        "the database crashes and begins anew",
        _ground(lambda world: world.ground.crashed),
        Reads.EITHER,
        _REGISTER,
        is_certain=False,
        databases=SERVER,
    ),
    Fault("the disk is full", _ground(lambda world: world.ground.full), Reads.EITHER, _REGISTER, is_certain=False),
    Fault("the mail server refuses connections", _mail(Mood.SHUT), Reads.NOTHING),
    Fault("the mail server says nothing", _mail(Mood.SILENT), Reads.NOTHING),
    Fault("the mail server is slow", _mail(Mood.SLOW), Reads.NOTHING),
    Fault("the clock is a day ahead", _clock(timedelta(days=1)), Reads.NOTHING),
    Fault("the clock is a day behind", _clock(-timedelta(days=1)), Reads.NOTHING),
)

MEMBER_STATUSES = {
    Reads.APOLOGY: {HTTPStatus.OK},
    Reads.EITHER: {HTTPStatus.OK, HTTPStatus.SERVICE_UNAVAILABLE},
    Reads.NOTHING: {HTTPStatus.OK},
}
