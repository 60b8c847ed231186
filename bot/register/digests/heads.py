"""The ends of all chains in one fixed order, and what became of them since they were last written down."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import NamedTuple, Self

from sqlalchemy import ARRAY, Text, func, literal, null, select
from sqlalchemy.orm import Session

from bot.register.models import AuditHead, Request
from bot.staff.models import StaffTrailHead
from bot.storage.raw_rows import raw_rows

CONSOLE = "console:"
"""Before the company, the name of the chain of a company's console; a request's chain has the request's id."""


class KnownHead(NamedTuple):
    """The end of one chain at some moment; `key` is where it stands among all: consoles first, requests by their id."""

    chain: str
    position: int
    hash: str

    @property
    def key(self) -> tuple[bool, str]:
        """What all are ordered by."""
        return not self.chain.startswith(CONSOLE), self.chain

    @property
    def line(self) -> str:
        """As it goes into the hash over all of them."""
        return f"{self.chain} {self.position} {self.hash}\n"

    @classmethod
    def read(cls, line: str) -> Self:
        """What `line` wrote."""
        chain, position, own = line.split()
        return cls(chain, int(position), own)


def others(session: Session, chains: Sequence[str]) -> set[str]:
    """Those of these chains that have a head and are another company's, of which this session sees nothing."""
    if not chains or session.get_bind().dialect.name != "postgresql":
        return set()
    head = func.trail_heads(literal(list(chains), ARRAY(Text))).table_valued("chain", "position", "hash")
    own = session.scalars(select(Request.id).where(Request.id.in_(chains)))
    return set(session.scalars(select(head.c.chain))) - set(own)


@dataclass
class Changes:
    """All heads of one moment, against those of an earlier one.

    Attributes:
        changed: those that were not there or stood elsewhere.
        gone: chains that had a head and have none any more.
        chains: how many there are now.
        events: how many events they have together.
        sha256: the hash over the lines of all of them, in their order.
    """

    changed: list[KnownHead] = field(default_factory=list)
    gone: list[str] = field(default_factory=list)
    chains: int = 0
    events: int = 0
    sha256: str = ""


def heads_now(session: Session) -> Iterator[KnownHead]:
    """Every chain's end, whichever company's; but for tests: those go after a day, and their chains with them."""
    if session.get_bind().dialect.name == "postgresql":
        yield from _heads_of_all(session)
        return
    consoles = select(StaffTrailHead.controller, StaffTrailHead.position, StaffTrailHead.hash)
    heads = (KnownHead(f"{CONSOLE}{company}", position, own) for company, position, own in session.execute(consoles))
    yield from sorted(heads)
    of_requests = (
        select(AuditHead.request_id, AuditHead.position, AuditHead.hash)
        .join(Request, Request.id == AuditHead.request_id)
        .where(Request.is_test.is_(False))
        .order_by(AuditHead.request_id)
    )
    for row in raw_rows(session, of_requests):
        yield KnownHead(*row)


def _heads_of_all(session: Session) -> Iterator[KnownHead]:
    # A function of the owner's: whose rows a process sees are its own company's.
    head = func.trail_heads(null()).table_valued("chain", "position", "hash")
    query = select(head.c.chain, head.c.position, head.c.hash)
    is_console = head.c.chain.startswith(CONSOLE)
    yield from sorted(KnownHead(*row) for row in session.execute(query.where(is_console)))
    for row in raw_rows(session, query.where(~is_console).order_by(head.c.chain)):
        yield KnownHead(*row)


def compare(
    before: Iterable[KnownHead], now: Iterable[KnownHead], keep: Callable[[str], object] = lambda _line: None
) -> Changes:
    """Goes through both at once, each in the fixed order, holding one head of each.

    Args:
        before: the heads that are known.
        now: the heads as they are.
        keep: is given the line of every head of now.
    """
    changes, digest = Changes(), sha256()
    known = iter(before)
    old = next(known, None)
    for head in now:
        while old is not None and old.key < head.key:
            changes.gone.append(old.chain)
            old = next(known, None)
        if old != head:
            changes.changed.append(head)
        if old is not None and old.chain == head.chain:
            old = next(known, None)
        changes.chains += 1
        changes.events += head.position
        digest.update(head.line.encode())
        keep(head.line)
    changes.gone += [one.chain for one in ([] if old is None else [old, *known])]
    changes.sha256 = digest.hexdigest()
    return changes
