"""Many rows with as little made of each as can be, so that a million of them are read in seconds."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import ColumnElement, Select, String, func, type_coerce
from sqlalchemy.orm import Session

_AT_A_TIME = 2000
_AS_SPELLED = 'YYYY-MM-DD"T"HH24:MI:SS.US"+00:00"'


def raw_rows(session: Session, query: Select[*tuple[Any, ...]]) -> Iterator[tuple[Any, ...]]:
    """The rows of a query, a few thousand at a time, in the transaction of the session.

    A query for many asks for texts and numbers alone: moments by `spelled_moment`, JSON by a cast, since making more
    of them costs several times what reading them does.
    """
    connection = session.connection()
    if connection.dialect.name == "sqlite":
        # The driver reads row by row as it is asked to, and its own tuples are had for two thirds of the time.
        cursor = connection.execute(query).cursor
        while rows := cursor.fetchmany(_AT_A_TIME) if cursor is not None else ():
            yield from rows
        return
    result = connection.execute(query, execution_options={"yield_per": _AT_A_TIME})
    try:
        for part in result.partitions():
            yield from part
    finally:
        result.close()


def spelled_moment(session: Session, column: ColumnElement[Any]) -> ColumnElement[str]:
    """A moment as `bot.storage.hash_chain.spelled` writes it, worked out by the database."""
    if session.get_bind().dialect.name == "sqlite":
        # As it lies there: any other spelling of the same moment was not written by us.
        return func.replace(type_coerce(column, String), " ", "T", type_=String).concat("+00:00")
    return func.to_char(func.timezone("UTC", column), _AS_SPELLED, type_=String)
