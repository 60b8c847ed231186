"""`madoguchi storage …`: what the database itself is told."""

from __future__ import annotations

from typing import Annotated

import typer
from sqlalchemy import Connection, make_url, text
from sqlalchemy.exc import DBAPIError

import bot.evaluation.runs.models
import bot.incidents.models
import bot.policy.pgvector.models
import bot.register.tables
import bot.storage.models
import bot.storage.rate_counts
import bot.storage.retiring  # noqa: F401 - all are imported for the tables they hang on Base.metadata
from bot import settings
from bot.errors import BadInputError
from bot.policy.releases.models import Release, ReleaseEvent
from bot.register.models import AuditEvent, AuditHead
from bot.register.trail.models import AuditCheck
from bot.register.trail.of_tests import REMOVE_ON_POSTGRESQL
from bot.staff.models import StaffEvent, StaffTrailHead
from bot.storage.engine import Base, open_engine
from bot.storage.grants import Trails, grants
from bot.storage.walls import EVERY

TRAILS = Trails(
    only_added_to=[one.__tablename__ for one in (AuditEvent, AuditCheck, StaffEvent, Release, ReleaseEvent)],
    only_forward={one.__tablename__: ("position", "hash") for one in (AuditHead, StaffTrailHead)},
    function=REMOVE_ON_POSTGRESQL,
)

_MAY_EVERYTHING = text(
    "SELECT rolsuper OR pg_has_role(rolname, (SELECT tableowner FROM pg_tables WHERE schemaname = 'public' "
    "AND tablename = 'audit'), 'MEMBER') FROM pg_roles WHERE rolname = :role"
)

app = typer.Typer(help="The database itself.", no_args_is_help=True)


@app.callback()
def main() -> None:
    """Keeps `storage` a group."""


@app.command("grants")
def grants_(
    role: Annotated[str, typer.Option(help="The role that the application logs in as; it exists and owns nothing.")],
    *,
    apply: Annotated[bool, typer.Option("--apply", help="Run the statements instead of printing them.")] = False,
) -> None:
    """The privileges of the application's role on PostgreSQL, as statements: it can only add to the trails.

    They are for the owner of the tables. Run them again after every update: new tables need theirs.
    """
    statements = list(grants(Base.metadata, TRAILS, role))
    if not apply:
        typer.echo("".join(f"{statement};\n" for statement in statements), nl=False)
        return
    configured = settings.load()
    if make_url(configured.database_url).get_backend_name() != "postgresql":
        raise BadInputError("SQLite has no roles; who may write its file may write all of it")
    engine = open_engine(configured.database_url, controller=EVERY)
    try:
        with engine.begin() as connection:
            _require_bound(connection, role)
            for statement in statements:
                connection.exec_driver_sql(statement)
    except DBAPIError as error:
        raise BadInputError(f"the database refuses this, nothing was changed ({type(error.orig).__name__})") from error
    finally:
        engine.dispose()
    typer.echo(f"{role}: {len(statements)} statements applied")


def _require_bound(connection: Connection, role: str) -> None:
    may_everything = connection.scalar(_MAY_EVERYTHING, {"role": role})
    if may_everything is None:
        raise BadInputError(f"there is no role {role}: CREATE ROLE {role} LOGIN makes it")
    if may_everything:
        raise BadInputError(f"{role} owns the tables or is a superuser, whom no privilege binds")
