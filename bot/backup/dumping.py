"""A database into a file and back: SQLite by its online backup, PostgreSQL by its own pg_dump and pg_restore."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path

from sqlalchemy import URL, create_engine, text
from sqlalchemy.orm import Session

from bot.errors import BadInputError, UnavailableError
from bot.storage.walls import EVERY, startup

_SAID_AT_MOST = 300
_EXTENSION = " EXTENSION "


class ToolIsMissingError(BadInputError):
    """PostgreSQL's own programs are not on this machine."""


class ToolFailedError(UnavailableError):
    """pg_dump or pg_restore ended with an error."""


def copy_sqlite(source: Path, place: Path) -> None:
    """Copies a database as it is at one moment, while everybody goes on reading and writing.

    All pages go in one step, in which the source is read as of its beginning: with steps in between, every commit of
    another process would make the copy begin anew. What it costs is that the journal is not shortened meanwhile.

    Raises:
        BadInputError: there is no such database.
    """
    if not source.is_file():
        raise BadInputError(f"{source}: there is no database to back up")
    with closing(sqlite3.connect(source)) as read, closing(sqlite3.connect(place)) as written:
        read.backup(written, pages=-1)
        # One file without a journal beside it is what can be hashed, moved and put somewhere else.
        written.execute("PRAGMA journal_mode=DELETE")


@contextmanager
def looking_at(place: Path) -> Iterator[Session]:
    """A session that reads a copied SQLite database and leaves its file as it is."""
    engine = create_engine(f"sqlite:///file:{place.absolute()}?mode=ro&uri=true", hide_parameters=True)
    try:
        with Session(engine) as session:
            yield session
    finally:
        engine.dispose()


def is_sound(place: Path) -> bool:
    """Whether SQLite finds nothing wrong with its own file."""
    with looking_at(place) as session:
        return session.scalars(text("PRAGMA integrity_check")).all() == ["ok"]


def dump_postgresql(url: URL, place: Path, *, snapshot: str) -> None:
    """Writes what an exported snapshot shows; writers go on meanwhile.

    Raises:
        ToolIsMissingError: pg_dump is not there.
        ToolFailedError: it failed.
    """
    options = ("--format=custom", "--no-owner", "--no-privileges", "--enable-row-security")
    _run("pg_dump", url, *options, f"--snapshot={snapshot}", f"--file={place}")


def restore_postgresql(url: URL, dump: Path) -> None:
    """Puts a dump into an empty database, all of it or nothing.

    Raises:
        ToolIsMissingError: pg_restore is not there.
        ToolFailedError: it failed, and the database is as it was.
    """
    options = ("--no-owner", "--no-privileges", "--single-transaction", "--exit-on-error")
    with tempfile.NamedTemporaryFile("w", encoding="utf-8") as contents:
        contents.write("\n".join(line for line in _contents(dump) if _EXTENSION not in line))
        contents.flush()
        _run("pg_restore", url, *options, f"--use-list={contents.name}", str(dump))


def _contents(dump: Path) -> list[str]:
    """What is in a dump, an entry a line.

    An extension is the server's and a superuser's matter, and no table of ours needs one to be there.
    """
    done = subprocess.run([_tool("pg_restore"), "--list", dump], capture_output=True, check=False, encoding="utf-8")
    if done.returncode:
        raise ToolFailedError(f"pg_restore cannot read {dump.name}")
    return done.stdout.splitlines()


def is_readable_dump(dump: Path) -> bool:
    """Whether pg_restore reads its table of contents.

    Raises:
        ToolIsMissingError: pg_restore is not there.
    """
    done = subprocess.run([_tool("pg_restore"), "--list", dump], capture_output=True, check=False)
    return done.returncode == 0


def _run(program: str, url: URL, *options: str) -> None:
    command = [_tool(program), f"--dbname={_address(url)}", *options]
    surroundings = {**os.environ, "PGOPTIONS": startup(EVERY)["options"], **_secret(url)}
    done = subprocess.run(command, env=surroundings, capture_output=True, check=False)
    if done.returncode:
        # What the programs say names tables and constraints; a value could only stand in the detail below it.
        said = done.stderr.decode(errors="replace").strip().partition("\n")[0][:_SAID_AT_MOST]
        raise ToolFailedError(f"{program} ended with status {done.returncode}: {said}")


def _tool(program: str) -> str:
    found = shutil.which(program)
    if found is None:
        raise ToolIsMissingError(
            f"{program} is not on this machine: install PostgreSQL's client programs of the server's version or newer "
            "(Debian: apt-get install postgresql-client)"
        )
    return found


def _address(url: URL) -> str:
    # Whoever lists processes reads their arguments: the password goes by the environment.
    return url.set(drivername="postgresql", password=None).render_as_string()


def _secret(url: URL) -> Mapping[str, str]:
    return {"PGPASSWORD": str(url.password)} if url.password is not None else {}
