"""The Japanese day of a stored moment, worked out by the database, so that counts by day need no rows."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import Date
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement


class tokyo_day(FunctionElement[date]):  # noqa: N801 - it is called like every function of SQL
    """`tokyo_day(column)`: the day of a `UtcDateTime` on the Japanese calendar, on SQLite and on PostgreSQL."""

    type = Date()
    inherit_cache = True


@compiles(tokyo_day, "sqlite")
def _on_sqlite(element: tokyo_day, compiler: SQLCompiler, **options: Any) -> str:  # noqa: ANN401 - SQLAlchemy's own
    # Moments are stored as UTC without a zone; Japan has had no summer time since 1951.
    return f"date({compiler.process(element.clauses, **options)}, '+9 hours')"


@compiles(tokyo_day, "postgresql")
def _on_postgresql(element: tokyo_day, compiler: SQLCompiler, **options: Any) -> str:  # noqa: ANN401 - as above
    return f"CAST(timezone('Asia/Tokyo', {compiler.process(element.clauses, **options)}) AS DATE)"
