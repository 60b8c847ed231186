"""What Alembic runs: connects to the configured database and compares it with the tables of every room."""

from __future__ import annotations

from typing import Any, Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext
from sqlalchemy import Connection

import bot.evaluation.runs.models
import bot.incidents.models
import bot.policy.pgvector.models
import bot.policy.releases.models
import bot.register.tables
import bot.staff.models
import bot.storage.models
import bot.storage.rate_counts
import bot.storage.retiring  # noqa: F401 - all are imported for the tables they hang on Base.metadata
from bot import settings
from bot.storage.engine import Base, open_engine
from bot.storage.types import UtcDateTime
from bot.storage.walls import EVERY

# A migration that waits for a lock longer than this stands in the way of every request behind it: better to fail.
_LOCK_TIMEOUT = "4s"


def _render(kind: str, thing: Any, _context: AutogenContext) -> str | Literal[False]:  # noqa: ANN401 - Alembic's
    # A migration must not change its meaning when our code changes, so that it names no type of ours.
    return "sa.DateTime(timezone=True)" if kind == "type" and isinstance(thing, UtcDateTime) else False


def _migrate(connection: Connection) -> None:
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(f"SET lock_timeout = '{_LOCK_TIMEOUT}'")
        connection.commit()
    else:
        # A table is rebuilt by dropping it, which would count as deleting what others refer to. The pragma is without
        # effect in a transaction, so that the driver's own connection is told before one begins.
        connection.connection.execute("PRAGMA foreign_keys=OFF")
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        render_as_batch=connection.dialect.name == "sqlite",
        render_item=_render,
        transaction_per_migration=True,
    )
    with context.begin_transaction():
        context.run_migrations()


def _connect_and_migrate() -> None:
    engine = open_engine(context.config.attributes.get("url") or settings.load().database_url, controller=EVERY)
    try:
        with engine.connect() as connection:
            _migrate(connection)
    finally:
        engine.dispose()


_connect_and_migrate()
