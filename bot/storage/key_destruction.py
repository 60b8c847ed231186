"""The end of period keys: what survives under a retired key is sealed anew, and the key is destroyed.

A key waits for a day after the first deletion it was noted for: a day's conversations run out over a whole day, and
nothing survives at its end. What does survive goes to another key of the same day (`Vault.reseal`). Were it today's,
its own deletion would some day retire today's key, and with it the rows of a day on which nothing was deleted.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from sqlalchemy import Engine, delete, func, select, update
from sqlalchemy.orm import Session

from bot.storage.encryption import Vault
from bot.storage.engine import reading, transaction
from bot.storage.keyring import BY_PERIOD
from bot.storage.period_keys import PeriodKey, PeriodKeys
from bot.storage.retiring import RetiredKey
from bot.storage.sealed_columns import Batch, SealedColumn, rewrite, sealed_columns

WAIT = timedelta(days=1)
"""How long a key is left after something under it was deleted."""


def due(engine: Engine, keys: PeriodKeys, *, now: datetime) -> list[PeriodKey]:
    """The retired keys to be destroyed now; notes since when each is known, and forgets those that are gone."""
    with reading(engine) as session:
        if session.scalar(select(RetiredKey).limit(1)) is None:
            return []
    with transaction(engine) as session:
        session.execute(update(RetiredKey).where(RetiredKey.seen_at.is_(None)).values(seen_at=now))
        headers = set(session.scalars(select(RetiredKey.header).where(RetiredKey.seen_at <= now - WAIT)))
        known = {header: keys.find(bytes.fromhex(header)) for header in headers}
        _forget(session, [header for header, key in known.items() if key is None])
    return [key for key in known.values() if key is not None and key.is_old(keys.today)]


def empty(engine: Engine, vault: Vault, keys: list[PeriodKey]) -> Iterator[Batch]:
    """Seals what survives under these keys anew, batch by batch; what was done stays done whenever it is ended."""
    for place in sealed_columns(engine):
        headers = [key.key.header for key in keys if key.table == place.table]
        if headers:
            yield from rewrite(engine, place, place.header.in_(headers), vault)


def destroy(engine: Engine, keys: PeriodKeys, *doomed: PeriodKey) -> list[PeriodKey]:
    """Destroys keys, each unless something is still sealed with it; gives those that it destroyed.

    Looking and destroying are one transaction. No row can come to need an old key in between: only keys of today seal.
    Should the process die before the commit, the key is gone and its note is forgotten later.
    """
    columns = sealed_columns(engine)
    return [key for key in doomed if _destroy_one(engine, keys, key, columns)]


def unused(engine: Engine, keys: PeriodKeys) -> list[PeriodKey]:
    """The old keys that no value names any more, whether or not somebody has noted them; each column is read once."""
    old = [key for key in keys.look() if key.is_old(keys.today)]
    columns = sealed_columns(engine)
    used: set[bytes] = set()
    for place in columns:
        with reading(engine) as session:
            used.update(_headers(session, place))
    # A table that this database does not have may be another's that shares the folder.
    here = {place.table for place in columns}
    return [key for key in old if key.key.header not in used and key.table in here]


def _destroy_one(engine: Engine, keys: PeriodKeys, doomed: PeriodKey, columns: Sequence[SealedColumn]) -> bool:
    with transaction(engine) as session:
        if not doomed.is_old(keys.today) or _is_needed(session, doomed, columns):
            return False
        _forget(session, [doomed.key.header.hex()])
        keys.destroy(doomed)
    return True


def _is_needed(session: Session, key: PeriodKey, columns: Sequence[SealedColumn]) -> bool:
    own = [place for place in columns if place.table == key.table]
    return not own or any(key.key.header in _headers(session, place) for place in own)


def _headers(session: Session, place: SealedColumn) -> set[bytes]:
    """The period keys that a column's values name, whichever company's: a key is everybody's."""
    if session.get_bind().dialect.name == "postgresql":
        found = session.scalars(select(func.sealed_headers(place.table, place.name, BY_PERIOD)))
    else:
        found = session.scalars(select(place.header).where(place.is_there, place.kind == BY_PERIOD).distinct())
    return {bytes(header) for header in found}


def _forget(session: Session, headers: list[str]) -> None:
    session.execute(delete(RetiredKey).where(RetiredKey.header.in_(headers)))
