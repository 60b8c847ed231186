"""Removing rows, and sealed values from rows: the period keys of what goes are retired in the same transaction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, TextClause, delete, func, select, update
from sqlalchemy.orm import InstrumentedAttribute, Session

from bot.storage.encryption import SEALED
from bot.storage.engine import Base
from bot.storage.keyring import HEADER_BYTES
from bot.storage.retiring import retire

Condition = ColumnElement[bool] | InstrumentedAttribute[bool] | TextClause
Column = InstrumentedAttribute[Any]


@dataclass(frozen=True)
class Rows:
    """The rows of a table, with a key of one column, for which all conditions hold; at most so many of them."""

    model: type[Base]
    conditions: Sequence[Condition]
    most: int | None = None


def rows(model: type[Base], *conditions: Condition, most: int | None = None) -> Rows:
    """Names rows that are to be forgotten."""
    return Rows(model, conditions, most)


def remove(session: Session, chosen: Rows) -> int:
    """Deletes rows; gives how many they were."""
    keys = _forget(session, chosen, sealed_columns(chosen.model))
    if keys:
        gone = delete(chosen.model).where(_key(chosen.model).in_(keys))
        session.execute(gone.execution_options(synchronize_session=False))
    return len(keys)


def empty(session: Session, chosen: Rows, *, columns: Sequence[str] = (), as_empty: bool = False, **others: Any) -> int:  # noqa: ANN401 - column values
    """Takes what is sealed out of rows, which stay.

    Args:
        session: the open transaction.
        chosen: the rows.
        columns: which sealed columns; all of the table when none is named.
        as_empty: whether an empty value takes the place of what stood there, as a rule of the database may want it,
            instead of none.
        others: what is written into other columns.

    Returns:
        How many rows there were.
    """
    sealed = [column for column in sealed_columns(chosen.model) if not columns or column.key in columns]
    keys = _forget(session, chosen, sealed)
    if keys:
        # The first nothing of a value is an empty one, and of no value none.
        emptied = {column.key: func.substr(column, 1, 0) if as_empty else None for column in sealed}
        changed = update(chosen.model).where(_key(chosen.model).in_(keys)).values(**emptied, **others)
        session.execute(changed.execution_options(synchronize_session=False))
    return len(keys)


def sealed_columns(model: type[Base]) -> list[Column]:
    """The columns of a table whose values are sealed."""
    return [getattr(model, column.key) for column in model.__table__.columns if column.key.startswith(SEALED)]


def _forget(session: Session, chosen: Rows, sealed: Sequence[Column]) -> list[Any]:
    # The header of a sealed value names its key; of a file of megabytes nothing more is read to be deleted.
    heads = [func.substr(column, 1, HEADER_BYTES) for column in sealed]
    query = select(_key(chosen.model), *heads).where(*chosen.conditions).limit(chosen.most)
    found = session.execute(query.with_for_update()).all()
    retire(session, [bytes(head) for row in found for head in row[1:] if head])
    return [row[0] for row in found]


def _key(model: type[Base]) -> Column:
    (name,) = [column.key for column in model.__table__.columns if column.primary_key]
    key: Column = getattr(model, name)
    return key
