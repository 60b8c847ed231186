"""The look at all chains as a piece of work behind the pages, and what the page says of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from bot.console.frame.background import Report, Task
from bot.console.frame.parts import Console
from bot.register.digests.comparing import BrokenDigest, broken_by_digests, is_late
from bot.register.digests.files import hour_of
from bot.register.digests.folder import last_hour, open_folder
from bot.register.trail import checking
from bot.register.trail.models import AuditCheck
from bot.staff.actor import Actor
from bot.staff.trail import About, StaffAction, note
from bot.storage.engine import reading, transaction
from bot.storage.hash_chain import BrokenTrail, Fault
from bot.storage.own_rows import across


@dataclass(frozen=True)
class Status:
    """What is known of the chains: the look that goes on or failed here, and the latest that was kept.

    `is_running` is how the look stood before the latest was read: one that ends in between is asked after once more.
    `digests` is None where none are made.
    """

    task: Task | None
    is_running: bool
    last: AuditCheck | None
    broken: list[checking.BrokenPlace]
    digests: Digests | None


@dataclass(frozen=True)
class Digests:
    """How the digests kept elsewhere stand: the hour of the last one, and whether the next one should be there."""

    last: datetime | None
    is_late: bool


def begin(console: Console, actor: Actor) -> None:
    """Begins to look at every event of the company; one look at a time."""
    console.background.start(_name(actor), lambda report: _look(console, actor, report))


def status(console: Console, session: Session, actor: Actor) -> Status:
    """How the chains stand."""
    task = console.background.find(_name(actor))
    is_running = task is not None and task.is_running
    last = checking.last_check(session, actor.controller)
    return Status(
        task=task,
        is_running=is_running,
        last=last,
        broken=[] if last is None else checking.read_broken(last.first_broken),
        digests=_digests(console),
    )


def _digests(console: Console) -> Digests | None:
    folder = open_folder(console.settings)
    if folder is None:
        return None
    try:
        last = last_hour(folder.place)
    except OSError:
        last = None
    return Digests(last, is_late(last, console.clock()))


def _look(console: Console, actor: Actor, report: Report) -> None:
    begun = console.clock()
    with reading(console.engine) as session:
        total = checking.expected_events(session, actor.controller)
        report(0, total)
        found = checking.look(
            session, actor.controller, lambda events: report(events, total), _by_digests(console, actor)
        )
    with transaction(console.engine) as session:
        ended = console.clock()
        checking.keep(session, actor.controller, found, by=actor.id, begun=begun, ended=ended)
        note(session, actor, StaffAction.AUDIT_VERIFIED, About("audit"), now=ended)


def _by_digests(console: Console, actor: Actor) -> Iterable[BrokenTrail | BrokenDigest]:
    folder, now = open_folder(console.settings), console.clock()
    if folder is None:
        return
    try:
        # A digest holds the ends of all companies' trails: of a company's rows alone, another's would be missing.
        with reading(across(console.engine)) as whole:
            yield from broken_by_digests(whole, folder.place, folder.keys, now=now, controller=actor.controller)
    except OSError:
        yield BrokenDigest(hour_of(now), Fault.MISSING)


def _name(actor: Actor) -> str:
    return f"audit chains {actor.controller}"
