"""Fixtures: a database without tables and a migrated one, on SQLite and on PostgreSQL, empty for every test."""

from __future__ import annotations

import secrets
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, create_engine, make_url, text

from bot.storage.engine import open_engine
from bot.storage.migrate import upgrade
from bot.storage.walls import EVERY
from tests.support.postgres import ORDINARY, as_superuser, run_server_or_skip, server_programs
from tests.support.reused_database import ReusedDatabase

_BOTH = ("sqlite", pytest.param("postgresql", marks=pytest.mark.postgres))
_TEMPLATE = "migrated"

COMPANY = "eparkrelax"
"""Whose rows `engine` works with."""


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """The URL of a running server."""
    missing = "PostgreSQL's server programs (initdb, pg_ctl) are not installed: `make system-deps` does"
    yield from run_server_or_skip(server_programs(), missing=missing)


@pytest.fixture(scope="session")
def postgres_template(postgres_url: str) -> str:
    """The name of a migrated database that new ones are copied from."""
    _administer(postgres_url, f"CREATE DATABASE {_TEMPLATE} OWNER {ORDINARY}")
    upgrade(_url_of(postgres_url, _TEMPLATE))
    return _TEMPLATE


@pytest.fixture(scope="session")
def reused_database(postgres_url: str, postgres_template: str) -> Iterator[ReusedDatabase]:
    """The one migrated database of the server that tests take turns at."""
    database = ReusedDatabase(postgres_url, postgres_template)
    yield database
    database.close()


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated file that new ones are copied from."""
    path = tmp_path_factory.mktemp("template") / "madoguchi.db"
    upgrade(f"sqlite:///{path}")
    return path


@pytest.fixture(params=_BOTH)
def empty_database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a database without tables."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'madoguchi.db'}"
    else:
        with_server = request.getfixturevalue("postgres_url")
        yield from postgres_database(with_server, template="template0")


@pytest.fixture(params=_BOTH)
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a migrated, empty database."""
    if request.param == "sqlite":
        path = tmp_path / "madoguchi.db"
        shutil.copy(request.getfixturevalue("sqlite_template"), path)
        yield f"sqlite:///{path}"
    else:
        reused: ReusedDatabase = request.getfixturevalue("reused_database")
        yield reused.url
        reused.empty()


@pytest.fixture
def engine(request: pytest.FixtureRequest, database_url: str) -> Iterator[Engine]:
    """An engine on a migrated, empty database, with the wall of the company that most tests are about."""
    plays_several = request.node.get_closest_marker("companies") is not None
    opened = open_engine(database_url, controller=EVERY if plays_several else COMPANY)
    yield opened
    opened.dispose()


def postgres_database(server_url: str, *, template: str) -> Iterator[str]:
    """The URL of a database of its own, copied from `template`, dropped when the iterator goes on."""
    name = f"test_{secrets.token_hex(8)}"
    _administer(server_url, f"CREATE DATABASE {name} OWNER {ORDINARY} TEMPLATE {template}")
    yield _url_of(server_url, name)
    _administer(server_url, f"DROP DATABASE {name} WITH (FORCE)")


def _url_of(server_url: str, database: str) -> str:
    return make_url(server_url).set(database=database).render_as_string(hide_password=False)


def _administer(server_url: str, statement: str) -> None:
    engine = create_engine(as_superuser(server_url), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(statement))
    engine.dispose()
