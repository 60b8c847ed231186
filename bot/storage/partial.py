"""Indexes over some rows of a table only."""

from __future__ import annotations

from typing import Any

from sqlalchemy import text


def only_where(condition: str) -> dict[str, Any]:
    """The arguments of an index that holds some rows only; a query has to say the condition in these very words."""
    return {"sqlite_where": text(condition), "postgresql_where": text(condition)}
