"""Changing the settings' key while serving: how many values are under which key, and sealing the others anew.

Nothing remembers how far a rotation has come: whatever is under another key still has to be done, so that it goes on
from wherever it was killed, and two of them at once only share the work.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from sqlalchemy import ColumnElement, Engine, case, func, null, select

from bot.storage.encryption import SealIsBrokenError, Vault
from bot.storage.engine import reading
from bot.storage.keyring import BY_PERIOD, BY_SETTINGS, name_of
from bot.storage.sealed_columns import Batch, SealedColumn, rewrite, sealed_columns

_MOST_PASSES = 20
_LONGEST_REST = 0.05


@dataclass(frozen=True)
class Held:
    """How many values of a column are under one key.

    Attributes:
        column: where.
        key: the key's id; None for what was sealed before there were headers.
        by_period: whether it is one of a table's day.
        is_known: whether it opens here.
        is_current: whether a rotation leaves it.
        count: how many.
    """

    column: SealedColumn
    key: str | None
    by_period: bool
    is_known: bool
    is_current: bool
    count: int


def survey(engine: Engine, vault: Vault) -> list[Held]:
    """What every sealed column holds, by key."""
    return [held for place in sealed_columns(engine) for held in _held(engine, place, vault)]


def rotate(engine: Engine, vault: Vault) -> Iterator[Batch]:
    """Seals whatever is not under the current key anew, with short rests in between for everybody else.

    The files of period keys come first. It ends when one time through has found nothing to do, or only what others
    held or cannot be opened.
    """
    if vault.period_keys is not None:
        vault.period_keys.rewrap()
    for place in sealed_columns(engine):
        for _ in range(_MOST_PASSES):
            done = 0
            for batch in _pass(engine, place, vault):
                done += batch.rewritten
                yield batch
            if not done:
                break


def is_stale(place: SealedColumn, vault: Vault) -> ColumnElement[bool]:
    """The values of a column that a rotation seals anew."""
    if vault.period_keys is not None:
        return place.kind != BY_PERIOD
    return place.header != vault.keyring.current.header


def _pass(engine: Engine, place: SealedColumn, vault: Vault) -> Iterator[Batch]:
    began = time.monotonic()
    for batch in rewrite(engine, place, is_stale(place, vault), vault):
        yield batch
        time.sleep(min(_LONGEST_REST, time.monotonic() - began))
        began = time.monotonic()


def _held(engine: Engine, place: SealedColumn, vault: Vault) -> Iterable[Held]:
    found: dict[tuple[str | None, bool], Held] = {}
    with reading(engine) as session:
        headers = select(
            case((place.kind.in_([BY_SETTINGS, BY_PERIOD]), place.header), else_=null()).label("header"),
            place.id.label("id"),
        ).where(place.is_there)
        grouped = headers.subquery()
        query = select(grouped.c.header, func.min(grouped.c.id), func.count()).group_by(grouped.c.header)
        for header, example, count in session.execute(query).all():
            # Ids of staff are each company's own, so that an id alone may name two rows.
            is_one = place.header == header if header is not None else place.kind.not_in([BY_SETTINGS, BY_PERIOD])
            sealed = session.scalar(select(place.value).where(place.id == example, is_one)) or b""
            one = _described(place, header, count, vault, opens=_opens(vault, place, example, sealed))
            known = found.get((one.key, one.is_known))
            found[one.key, one.is_known] = one if known is None else replace(known, count=known.count + count)
    return sorted(found.values(), key=lambda held: (not held.is_current, held.key or ""))


def _described(place: SealedColumn, header: bytes | None, count: int, vault: Vault, *, opens: bool) -> Held:
    # Nonces of old values may look like headers; what opens under a header that names no key of ours is such a one.
    if header is None or (opens and vault.key_of(header) is None):
        return Held(place, None, by_period=False, is_known=opens, is_current=False, count=count)
    by_period = header[:1] == BY_PERIOD
    is_known = vault.key_of(header) is not None
    is_current = header == vault.keyring.current.header if vault.period_keys is None else by_period and is_known
    return Held(place, name_of(header), by_period, is_known, is_current, count)


def _opens(vault: Vault, place: SealedColumn, row: str, sealed: bytes) -> bool:
    try:
        vault.open_bytes(sealed, table=place.table, row=row, column=place.name)
    except SealIsBrokenError:
        return False
    return True
