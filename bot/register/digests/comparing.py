"""Holds what digests know against the chains as they are, and the digests against each other."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.register.digests.files import Digest, DigestIsForgedError, file_hash, hour_in, hour_of, read_digest
from bot.register.digests.folder import digest_files
from bot.register.digests.heads import CONSOLE, KnownHead, others
from bot.register.models import AuditEvent, Request
from bot.staff.models import StaffEvent
from bot.storage.hash_chain import Broken, BrokenTrail, Fault

_AT_A_TIME = 500
_HOUR = timedelta(hours=1)
# The digest of an hour is written within a minute of its beginning.
_LATE_AFTER = timedelta(hours=1, minutes=10)
# A gap is news for a while; later it stays to be seen by `madoguchi register digest-verify`.
_GAPS_ARE_TOLD = timedelta(days=31)


@dataclass(frozen=True)
class BrokenDigest:
    """One digest that is not what was written, or one hour, or more, without any.

    Attributes:
        hour: which one; of several hours without a digest the first.
        fault: CHANGED (not what was signed), UNLINKED (does not follow the one before, of which some are gone),
            MISSING (no digest was made).
        hours: how many are missing.
    """

    hour: datetime
    fault: Fault
    hours: int = 0


def read_all(place: Path, keys: Sequence[str]) -> Iterator[Digest | BrokenDigest]:
    """Every digest of a folder that can be trusted by itself, and whatever is wrong, by the hours.

    Raises:
        OSError: the folder cannot be read.
    """
    before: str | None = None
    last: datetime | None = None
    for path in digest_files(place):
        hour, content = hour_in(path.name), path.read_bytes()
        if hour is None:
            continue
        if last is not None and hour - last > _HOUR:
            yield BrokenDigest(last + _HOUR, Fault.MISSING, round((hour - last) / _HOUR) - 1)
        last = hour
        try:
            digest = read_digest(content, keys)
        except DigestIsForgedError:
            yield BrokenDigest(hour, Fault.CHANGED)
        else:
            if digest.hour != hour:
                yield BrokenDigest(hour, Fault.CHANGED)
            if digest.previous != before:
                yield BrokenDigest(hour, Fault.UNLINKED)
            yield digest
        before = file_hash(content)


def broken_by_digests(
    session: Session, place: Path, keys: Sequence[str], *, now: datetime, controller: str | None = None
) -> Iterator[BrokenDigest | BrokenTrail]:
    """Every chain that does not hold what a digest knows of it, and every fault of the digests themselves.

    A chain that only grew holds each of its former ends. One that was cut and given a new end, rewritten from some
    event on, or removed together with its head and its request does not, however well it agrees with itself.

    Args:
        session: one that only reads.
        place: the folder of the digests.
        keys: the public keys that are accepted.
        now: the present moment, by which the last digest may be late.
        controller: whose chains; those of all companies when None.

    Raises:
        OSError: the folder cannot be read.
    """
    last: datetime | None = None
    for found in read_all(place, keys):
        last = found.hour
        if isinstance(found, Digest):
            for start in range(0, len(found.changed), _AT_A_TIME):
                yield from _against_chains(session, found.changed[start : start + _AT_A_TIME], controller)
        elif found.fault is not Fault.MISSING or now - found.hour < _GAPS_ARE_TOLD:
            yield found
    if is_late(last, now):
        since = hour_of(now - _LATE_AFTER)
        hours = 0 if last is None else round((since - last) / _HOUR)
        yield BrokenDigest(since if last is None else last + _HOUR, Fault.MISSING, hours)


def is_late(last: datetime | None, now: datetime) -> bool:
    """Whether the digest after that of this hour should have been there by now."""
    return last is None or last < hour_of(now - _LATE_AFTER)


def _against_chains(session: Session, heads: Sequence[KnownHead], controller: str | None) -> Iterator[BrokenTrail]:
    consoles = [head for head in heads if head.chain.startswith(CONSOLE)]
    for head in consoles:
        company = head.chain.removeprefix(CONSOLE)
        if controller in (None, company):
            place = StaffEvent.controller == company, StaffEvent.position == head.position
            own = session.scalar(select(StaffEvent.hash).where(*place))
            yield from _compared(head, own, head.chain)
    of_requests = [head for head in heads if not head.chain.startswith(CONSOLE)]
    if not of_requests:
        return
    # More than is asked for: a list of pairs is what neither database uses the index for.
    query = select(AuditEvent.request_id, AuditEvent.position, AuditEvent.hash).where(
        AuditEvent.request_id.in_({head.chain for head in of_requests}),
        AuditEvent.position.in_({head.position for head in of_requests}),
    )
    found = {(chain, position): own for chain, position, own in session.execute(query)}
    wrong = [head for head in of_requests if found.get((head.chain, head.position)) != head.hash]
    names = _names(session, [head.chain for head in wrong])
    foreign = others(session, [head.chain for head in wrong if head.chain not in names])
    for head in wrong:
        if head.chain in foreign:
            continue
        number, company = names.get(head.chain, (head.chain, ""))
        # Whose request is gone belongs to nobody any more, and is everybody's.
        if controller is None or company in ("", controller):
            yield from _compared(head, found.get((head.chain, head.position)), number)


def _compared(head: KnownHead, own: str | None, name: str) -> Iterator[BrokenTrail]:
    if own is None:
        yield BrokenTrail(name, Broken(head.position, Fault.CUT))
    elif own != head.hash:
        yield BrokenTrail(name, Broken(head.position, Fault.REPLACED))


def _names(session: Session, ids: Sequence[str]) -> dict[str, tuple[str, str]]:
    query = select(Request.id, Request.number, Request.controller).where(Request.id.in_(ids))
    return {id_: (number, controller) for id_, number, controller in session.execute(query)} if ids else {}
