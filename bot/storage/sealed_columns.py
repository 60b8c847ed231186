"""Every sealed column of the database, found by its name; and writing its values anew while others use them.

The database itself is asked, not the models: a process that has not imported a room's models must not overlook its
columns, since a key is destroyed when none of them needs it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from sqlalchemy import (
    ColumnElement,
    Connection,
    CursorResult,
    Engine,
    LargeBinary,
    String,
    TableClause,
    bindparam,
    column,
    func,
    inspect,
    select,
    table,
    update,
)
from sqlalchemy.orm import Session

from bot.crash_points import CrashPoint, crash_point
from bot.storage.encryption import SEALED, SealIsBrokenError, Vault
from bot.storage.engine import reading, transaction
from bot.storage.keyring import HEADER_BYTES

MOST_ROWS = 500
MOST_BYTES = 8_000_000
"""How much one transaction writes anew at most: whoever writes meanwhile waits for a few milliseconds."""

_Value = tuple[str, bytes]
_Change = Mapping[str, str | bytes]


@dataclass(frozen=True)
class SealedColumn:
    """A column whose values are sealed for (table, value of `key`, column)."""

    table: str
    key: str
    name: str

    @cached_property
    def source(self) -> TableClause:
        """The table, as far as statements here need it."""
        return table(self.table, column(self.key, String), column(self.name, LargeBinary))

    @property
    def id(self) -> ColumnElement[str]:
        """What names a row."""
        return self.source.c[self.key]

    @property
    def value(self) -> ColumnElement[bytes]:
        """What is sealed."""
        return self.source.c[self.name]

    @property
    def header(self) -> ColumnElement[bytes]:
        """Which key sealed it; of what was sealed before there were headers, nine bytes of chance."""
        return func.substr(self.value, 1, HEADER_BYTES, type_=LargeBinary)

    @property
    def kind(self) -> ColumnElement[bytes]:
        """The header's first byte."""
        return func.substr(self.value, 1, 1, type_=LargeBinary)

    @property
    def is_there(self) -> ColumnElement[bool]:
        """Whether the row holds anything; what was forgotten may be empty instead of null."""
        return func.length(self.value) > 0


@dataclass(frozen=True)
class Batch:
    """What one transaction did."""

    column: SealedColumn
    rewritten: int
    unopened: int


def sealed_columns(engine: Engine | Connection) -> list[SealedColumn]:
    """Every sealed column of every table."""
    found = inspect(engine)
    keys = found.get_multi_pk_constraint()
    columns = found.get_multi_columns()
    return [
        SealedColumn(name, keys[schema, name]["constrained_columns"][0], of_table["name"])
        for (schema, name), described in sorted(columns.items(), key=lambda item: item[0][1])
        for of_table in described
        if of_table["name"].startswith(SEALED) and isinstance(of_table["type"], LargeBinary)
    ]


def rewrite(engine: Engine, place: SealedColumn, wanted: ColumnElement[bool], vault: Vault) -> Iterator[Batch]:
    """Seals the `wanted` values of a column anew, batch by batch in the order of the rows' ids.

    A value that changes meanwhile is left as it is: whoever changed it sealed it with a key of today. On PostgreSQL a
    row that somebody else holds is passed over, since waiting while holding others is how transactions get stuck. Both
    are found by going through again. What cannot be opened is counted and left.
    """
    last = ""
    while values := _next(engine, place, wanted, last):
        last = values[-1][0]
        fresh, unopened = _resealed(values, place, vault)
        yield Batch(place, _swap(engine, place, fresh), unopened)


def _next(engine: Engine, place: SealedColumn, wanted: ColumnElement[bool], last: str) -> Sequence[_Value]:
    with reading(engine) as session:
        sizes = session.execute(
            select(place.id, func.length(place.value))
            .where(place.is_there, wanted, place.id > last)
            .order_by(place.id)
            .limit(MOST_ROWS)
        ).all()
        ids = list(_within(MOST_BYTES, [(str(id_), int(size)) for id_, size in sizes]))
        if not ids:
            return []
        rows = session.execute(select(place.id, place.value).where(place.id.in_(ids)).order_by(place.id))
        # Who was deleted in between is no longer there: where all are, the next look begins behind them.
        return [(str(id_), bytes(value)) for id_, value in rows if value] or _next(engine, place, wanted, ids[-1])


def _within(most: int, sizes: Sequence[tuple[str, int]]) -> Iterator[str]:
    total = 0
    for id_, size in sizes:
        total += size
        if total > most and total > size:
            return
        yield id_


def _resealed(values: Sequence[_Value], place: SealedColumn, vault: Vault) -> tuple[list[_Change], int]:
    fresh: list[_Change] = []
    for id_, sealed in values:
        try:
            after = vault.reseal(sealed, table=place.table, row=id_, column=place.name)
        except SealIsBrokenError:
            continue
        fresh.append({"row": id_, "before": sealed, "after": after})
    return fresh, len(values) - len(fresh)


def _swap(engine: Engine, place: SealedColumn, fresh: Sequence[_Change]) -> int:
    statement = (
        update(place.source)
        .where(place.id == bindparam("row"), place.value == bindparam("before", type_=LargeBinary))
        .values({place.name: bindparam("after", type_=LargeBinary)})
    )
    with transaction(engine) as session:
        free = _lock_free(session, place, [str(change["row"]) for change in fresh])
        changes = [change for change in fresh if change["row"] in free]
        result = session.connection().execute(statement, changes) if changes else None
        crash_point(CrashPoint.ROTATION_BEFORE_COMMIT)
    crash_point(CrashPoint.ROTATION_AFTER_COMMIT)
    return result.rowcount if isinstance(result, CursorResult) else 0


def _lock_free(session: Session, place: SealedColumn, ids: Sequence[str]) -> set[str]:
    # SQLite knows no locks of rows: there a transaction has the whole file, and the clause is left out.
    free = select(place.id).where(place.id.in_(ids)).order_by(place.id)
    return set(session.scalars(free.with_for_update(skip_locked=True, key_share=True)))
