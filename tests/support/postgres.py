"""A real PostgreSQL server of the tests' own: in a temporary folder, reached by a Unix socket, gone afterwards."""

from __future__ import annotations

import os
import pwd
import shlex
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import create_engine, make_url, text

_SUPERUSER = "madoguchi"
ORDINARY = "ordinary"
"""The role that owns the tests' databases, as the migrating one does in a deployment."""
_SECONDS = 60
# What is written here is thrown away at the end, so that nothing has to survive a crash of the machine.
_FORGETFUL = "-c fsync=off -c full_page_writes=off -c synchronous_commit=off"


def server_programs() -> Path | None:
    """The folder of initdb and pg_ctl, the newest version first, or None where no server is installed."""
    on_path = shutil.which("initdb")
    folders = [Path(on_path).resolve().parent] if on_path else []
    folders += [Path(line) for line in _bindir_of_pg_config()]
    for pattern in ("lib/postgresql/*/bin", "pgsql-*/bin", "local/pgsql/bin", "libexec/postgresql*"):
        folders += sorted(Path("/usr").glob(pattern), reverse=True)
    return next((folder for folder in folders if _holds_a_server(folder)), None)


@contextmanager
def run_server(programs: Path, *, durable: bool = False) -> Iterator[str]:
    """A running server; gives the SQLAlchemy URL of its database `postgres`, as its owner reaches it.

    The owner may make databases and is no superuser: for a superuser there are no walls between companies.

    Args:
        programs: where initdb and pg_ctl are.
        durable: whether a commit waits for the disk, as it does in production.
    """
    folder = Path(tempfile.mkdtemp(prefix="pg-"))
    identity = _identity(folder)
    data = folder / "data"
    init = (
        programs / "initdb",
        "-D",
        data,
        "-U",
        _SUPERUSER,
        "--auth=trust",
        "--encoding=UTF8",
        "--locale=C",
        "--no-sync",
    )
    options = f"-c listen_addresses='' -c unix_socket_directories='{folder}' {'' if durable else _FORGETFUL}"
    control = (programs / "pg_ctl", "-D", data, "-w", "-t", str(_SECONDS))
    try:
        _run(init, identity)
        _run((*control, "-l", folder / "log", "-o", options, "start"), identity)
        try:
            url = f"postgresql+psycopg://{ORDINARY}@/postgres?host={folder}"
            _make_owner(as_superuser(url))
            yield url
        finally:
            _run((*control, "-m", "immediate", "stop"), identity)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def run_server_or_skip(programs: Path | None, *, missing: str) -> Iterator[str]:
    """A running server for a fixture; without one its tests are skipped, and fail where CI promised to have it."""
    if programs is None:
        if os.environ.get("CI") == "true":
            pytest.fail(missing)
        pytest.skip(missing)
    with run_server(programs) as url:
        yield url


def as_superuser(url: str) -> str:
    """The same database as the server's superuser reaches it, whom no privilege and no policy binds."""
    return make_url(url).set(username=_SUPERUSER).render_as_string(hide_password=False)


@contextmanager
def stopped(programs: Path, url: str) -> Iterator[None]:
    """The server of this URL is down until the block ends; then it is started again as it was."""
    folder = Path(str(make_url(url).query["host"]))
    identity, control = _identity(folder), (programs / "pg_ctl", "-D", folder / "data", "-w", "-t", str(_SECONDS))
    options = shlex.join(shlex.split((folder / "data" / "postmaster.opts").read_text("utf-8"))[1:])
    # Not at once: a server that is forgetful would lose what it has just committed.
    _run((*control, "-m", "fast", "stop"), identity)
    try:
        yield
    finally:
        _run((*control, "-l", folder / "log", "-o", options, "start"), identity)


def _make_owner(url: str) -> None:
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"CREATE ROLE {ORDINARY} LOGIN CREATEDB"))
        connection.execute(text(f"ALTER DATABASE postgres OWNER TO {ORDINARY}"))
    engine.dispose()


def _bindir_of_pg_config() -> list[str]:
    if shutil.which("pg_config") is None:
        return []
    answer = subprocess.run(["pg_config", "--bindir"], capture_output=True, text=True, check=False)
    return answer.stdout.split("\n")[:1]


def _holds_a_server(folder: Path) -> bool:
    return all((folder / program).exists() for program in ("initdb", "pg_ctl", "postgres"))


def _identity(folder: Path) -> dict[str, object]:
    """How to run the server: as we are, or, since it refuses root, as somebody who may do less."""
    if os.geteuid() != 0:
        return {}
    known = {entry.pw_name: entry for entry in pwd.getpwall()}
    somebody = known.get("postgres") or known["nobody"]
    os.chown(folder, somebody.pw_uid, somebody.pw_gid)
    return {"user": somebody.pw_uid, "group": somebody.pw_gid, "extra_groups": []}


def _run(command: Sequence[str | Path], identity: dict[str, object]) -> None:
    # The server inherits these streams and keeps them open; a pipe would make this call wait for its end.
    done = subprocess.run(  # type: ignore[call-overload]  # the identity's keywords are known only at run time
        command,
        cwd="/",
        env={"PATH": os.environ.get("PATH", ""), "LC_ALL": "C", "TZ": "UTC"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        timeout=_SECONDS,
        check=False,
        **identity,
    )
    if done.returncode != 0:
        raise RuntimeError(f"{Path(command[0]).name} failed with status {done.returncode}")
