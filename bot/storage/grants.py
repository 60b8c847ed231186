"""What the application's own role may do on PostgreSQL: add to the trails, and neither change nor empty them.

Triggers refuse that as well, but whoever owns a table can drop its triggers. The application needs to own nothing: the
owner's role migrates, and the application logs in as another one with these privileges (OWASP ASVS 5.0, 16.4.2).
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import MetaData

from bot.errors import BadInputError

_ROLE = re.compile(r"[a-z_][a-z0-9_]{0,62}")
_ALEMBIC = "alembic_version"
_SCHEMA = "public"
_SPANNING = ("trail_heads(text[])", "sealed_headers(text, text, bytea)")
"""What tells the application of every company's rows: the ends of trails, and keys that are in use (0018)."""


@dataclass(frozen=True)
class Trails:
    """Tables in which the application may not do everything.

    Attributes:
        only_added_to: nothing in them is ever changed or removed.
        only_forward: rows are added, and of those that are there only these columns change.
        function: name and SQL body of what removes trails in the one case in which they go, given an array of ids.
    """

    only_added_to: Collection[str]
    only_forward: Mapping[str, Sequence[str]]
    function: tuple[str, str]


def grants(metadata: MetaData, trails: Trails, role: str) -> Iterator[str]:
    """The statements, one by one, for the owner of the tables to run; they can be run again.

    Args:
        metadata: every table there is.
        trails: which of them are restricted.
        role: the application's role, which exists.

    Raises:
        BadInputError: no role has such a name.
    """
    if not _ROLE.fullmatch(role):
        raise BadInputError(f"{role!r} is no name of a role: small letters, digits and _, not quoted")
    # Whoever may create things in the schema could put their own function in the place of one of ours.
    yield f"REVOKE CREATE ON SCHEMA {_SCHEMA} FROM PUBLIC"
    yield f"REVOKE ALL ON ALL TABLES IN SCHEMA {_SCHEMA} FROM {role}"
    yield f"GRANT USAGE ON SCHEMA {_SCHEMA} TO {role}"
    yield f"GRANT SELECT ON {_SCHEMA}.{_ALEMBIC} TO {role}"
    for name in sorted(metadata.tables):
        yield f"GRANT {_privileges(name, trails)} ON {_SCHEMA}.{name} TO {role}"
    name, body = trails.function
    yield (
        f"CREATE OR REPLACE FUNCTION {_SCHEMA}.{name}(ids text[]) RETURNS void LANGUAGE sql SECURITY DEFINER "
        f"SET search_path = {_SCHEMA}, pg_temp AS $$ {body} $$"
    )
    for signature in (f"{name}(text[])", *_SPANNING):
        yield f"REVOKE ALL ON FUNCTION {_SCHEMA}.{signature} FROM PUBLIC"
        yield f"GRANT EXECUTE ON FUNCTION {_SCHEMA}.{signature} TO {role}"


def _privileges(table: str, trails: Trails) -> str:
    if table in trails.only_added_to:
        return "SELECT, INSERT"
    if columns := trails.only_forward.get(table):
        return f"SELECT, INSERT, UPDATE ({', '.join(columns)})"
    return "SELECT, INSERT, UPDATE, DELETE"
