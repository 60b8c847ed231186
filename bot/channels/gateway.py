"""The gateway: everything that channels share, put together once and handed to whoever needs it."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import cached_property
from weakref import WeakSet, WeakValueDictionary

from sqlalchemy import Engine

from bot.channels.house import House, open_house
from bot.channels.metrics import Metrics
from bot.channels.rasa_client import RasaClient
from bot.channels.rates.limiter import Limiter, open_storage
from bot.channels.standing import Standing
from bot.clock import Clock, system_clock
from bot.desk import Desk
from bot.policy.releases.following import Following, Where
from bot.settings import Settings
from bot.storage.conversations import Limits
from bot.storage.deletion_list import DeletionList
from bot.storage.encryption import Vault
from bot.storage.engine import close
from bot.storage.leases import of_company
from bot.storage.own_rows import open_own_engine

_RECEIVERS = 4
_STATEMENT_SECONDS = 10.0


class Locks:
    """One lock a conversation within this process; a lock lives as long as somebody holds or awaits it."""

    def __init__(self) -> None:
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    def of(self, conversation_id: str) -> asyncio.Lock:
        """The lock of this conversation; keep the reference while using it."""
        lock = self._locks.get(conversation_id)
        if lock is None:
            lock = self._locks[conversation_id] = asyncio.Lock()
        return lock

    def is_held(self, conversation_id: str) -> bool:
        """Whether somebody in this process is at it, or waits to be."""
        lock = self._locks.get(conversation_id)
        return lock is not None and lock.locked()


class TurnSlots:
    """How many turns each Rasa gets from this process at a time: one that is slow takes no slot of another's."""

    def __init__(self, at_once: int) -> None:
        self._at_once = at_once
        self._slots: dict[str, asyncio.Semaphore] = {}

    def of(self, place: str) -> asyncio.Semaphore:
        """The slots of the Rasa at this address."""
        return self._slots.setdefault(place, asyncio.Semaphore(self._at_once))


class Signal:
    """Says that something came; each of those who listen hears it, also when it was busy at that moment."""

    def __init__(self) -> None:
        self._heard: WeakSet[asyncio.Event] = WeakSet()

    def set(self) -> None:
        """Tells everybody."""
        for event in self._heard:
            event.set()

    def heard(self) -> asyncio.Event:
        """An event of one's own, set whenever something came; it is told as long as somebody keeps it."""
        event = asyncio.Event()
        self._heard.add(event)
        return event


@dataclass(frozen=True, kw_only=True)
class Gateway:
    """What the channels of one controller work with; nothing in it changes but what it names (connections, releases …).

    `houses` follows the release in force: policy and desk are those of one release at any moment. `outbox_filled`
    is set when a row for one of the channels was stored, so that it goes out at once. `turn_slots` bounds how many
    turns Rasa gets from this process at a time: what is more waits here, where a wait costs nothing and no timeout
    runs. `receiving` are the threads that store events, which no turn may occupy: a platform waits for them. What
    protects the process is one for all controllers that it serves: the further ones stand `beside` the first, and
    `served` are the settings of all, for what one member asks of several at once.
    """

    settings: Settings
    engine: Engine
    vault: Vault
    rasa: RasaClient
    clock: Clock
    houses: Following[House] = field(repr=False)
    locks: Locks = field(default_factory=Locks)
    metrics: Metrics = field(default_factory=Metrics)
    outbox_filled: Signal = field(default_factory=Signal)
    turn_slots: TurnSlots
    receiving: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(_RECEIVERS, "receiving"))
    beside: Gateway | None = field(default=None, repr=False)
    served: tuple[Settings, ...] = field(default=(), repr=False)

    @property
    def house(self) -> House:
        """Policy and desk of the release in force; keep it while one thing is made of several of its parts."""
        return self.houses.get()

    @property
    def desk(self) -> Desk:
        """Who to turn to."""
        return self.house.desk

    @property
    def spared(self) -> frozenset[str]:
        """The addresses and names that the policy itself prints, which masking leaves alone."""
        return self.house.spared

    @property
    def contacts(self) -> tuple[str, ...]:
        """The desk's addresses as a member reads them."""
        return self.house.contacts

    @property
    def readers(self) -> str:
        """Who may read a conversation."""
        return self.house.readers

    @property
    def controller(self) -> str:
        """The company whose members write here, as in the path of its policy."""
        return self.settings.controller

    @cached_property
    def limiter(self) -> Limiter:
        """Counts what chats ask for, all controllers of a process in one place; made when it is first asked for.

        Raises:
            BadInputError: the settings name a storage that cannot be used.
        """
        counts = open_storage(self.settings, self.clock) if self.beside is None else self.beside.limiter.storage
        return Limiter(self.settings, counts, metrics=self.metrics, clock=self.clock)

    @cached_property
    def standing(self) -> Standing:
        """The figures of the database, among this process's own."""
        return Standing(self.engine, self.controller, self.clock, self.metrics.registry)

    @property
    def deletions(self) -> DeletionList:
        """Where it is noted what members deleted, for a backup that would bring it back."""
        return DeletionList(self.settings.deletions_dir)

    @property
    def limits(self) -> Limits:
        """When a conversation is over."""
        return Limits(
            idle=timedelta(minutes=self.settings.conversation_idle_minutes),
            turns=self.settings.conversation_max_turns,
        )

    def lease_of(self, name: str) -> str:
        """The name of the lease under which this controller does something alone."""
        return of_company(self.controller, name)

    async def close(self) -> None:
        """Closes the connections."""
        await self.rasa.close()
        self.receiving.shutdown()
        await asyncio.to_thread(close, self.engine)


def open_gateway(
    settings: Settings,
    *,
    clock: Clock = system_clock,
    beside: Gateway | None = None,
    served: Sequence[Settings] = (),
) -> Gateway:
    """Puts the gateway of one controller together; the connections to Rasa open when they are first used.

    Args:
        settings: by which the controller is served.
        clock: tells the time.
        beside: the gateway of another controller in this process; what protects the process is one for both.
        served: the settings of every controller that this process serves.

    Raises:
        BadInputError: a key is missing, or the policy folder is not usable.
    """
    before = None if beside is None else beside.engine
    engine = open_own_engine(settings, answer_within=_STATEMENT_SECONDS, beside=before)
    policy_id = settings.default_policy
    where = Where(settings, lambda: engine, clock)
    houses: Following[House] = Following(where, lambda found, day, _before: open_house(found, policy_id, day))
    houses.get()
    gateway = Gateway(
        settings=settings,
        engine=engine,
        vault=Vault.from_settings(settings) if beside is None else beside.vault,
        # Its own: it tells the actions whose turn it is, so that no caller can forget to.
        rasa=RasaClient(settings),
        clock=clock,
        houses=houses,
        turn_slots=TurnSlots(settings.turns_at_once),
        beside=beside,
        served=tuple(served),
    )
    if beside is None:
        return gateway
    return replace(gateway, locks=beside.locks, turn_slots=beside.turn_slots, receiving=beside.receiving)


def open_gateways(served: Sequence[Settings], *, clock: Clock = system_clock) -> tuple[Gateway, ...]:
    """The gateways of every controller that this process serves, the first one's first.

    Raises:
        BadInputError: as `open_gateway`.
    """
    first = open_gateway(served[0], clock=clock, served=served)
    return first, *(open_gateway(settings, clock=clock, beside=first, served=served) for settings in served[1:])
