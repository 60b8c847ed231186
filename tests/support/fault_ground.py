"""Databases that a test may do anything to: lock them, stop them, crash them, fill their disk."""

from __future__ import annotations

import errno
import os
import shutil
import signal
import sqlite3
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from dataclasses import dataclass
from io import FileIO
from pathlib import Path

import psutil
from sqlalchemy import create_engine, make_url, text

from bot.storage.migrate import upgrade
from tests.support.postgres import ORDINARY, as_superuser, run_server

_DISK = "64m"
_SERVER_SECONDS = 30.0

Trouble = Callable[[], AbstractContextManager[None]]


@dataclass(frozen=True)
class Ground:
    """One migrated database with the troubles it can be in; None where this one, or this machine, has no such thing.

    Attributes:
        url: where it is.
        locked: somebody else writes, and does not come to an end.
        full: its disk takes nothing more.
        standing: its server stands still and says nothing.
        crashed: its server dies and begins anew by itself.
    """

    url: str
    locked: Trouble
    full: Trouble | None = None
    standing: Trouble | None = None
    crashed: Trouble | None = None


@contextmanager
def sqlite_ground(template: Path) -> Iterator[Ground]:
    """A copy of the template on a small disk of its own."""
    with _small_disk() as disk:
        folder = disk or Path(tempfile.mkdtemp(prefix="faults-"))
        file = folder / "madoguchi.db"
        shutil.copy(template, file)
        yield Ground(
            f"sqlite:///{file}",
            locked=lambda: _locked_file(file),
            full=None if disk is None else lambda: _full_file(disk, file),
        )
        if disk is None:
            shutil.rmtree(folder)


@contextmanager
def postgres_ground(programs: Path) -> Iterator[Ground]:
    """A server of its own, with a database whose tables lie on a small disk."""
    with _small_disk() as disk, run_server(programs, durable=True) as server:
        folder = Path(str(make_url(server).query["host"]))
        url = make_url(server).set(database="faults").render_as_string(hide_password=False)
        _create(server, folder, disk)
        upgrade(url)
        yield Ground(
            url,
            locked=lambda: _locked_tables(url),
            full=None if disk is None else lambda: _full(disk),
            standing=lambda: standing(folder),
            crashed=lambda: _crashed(folder, url),
        )


@contextmanager
def _small_disk() -> Iterator[Path | None]:
    """A file system in memory, where this process may mount one."""
    place = Path(tempfile.mkdtemp(prefix="disk-"))
    place.chmod(0o755)
    mount = ["mount", "-t", "tmpfs", "-o", f"size={_DISK},mode=0777", "tmpfs", str(place)]
    is_mounted = os.geteuid() == 0 and subprocess.run(mount, capture_output=True, check=False).returncode == 0
    try:
        yield place if is_mounted else None
    finally:
        if is_mounted:
            subprocess.run(["umount", "-l", str(place)], check=False)
        place.rmdir()


@contextmanager
def _full(disk: Path) -> Iterator[None]:
    filler = disk / "filler"
    try:
        _fill(filler)
        yield
    finally:
        filler.unlink(missing_ok=True)


@contextmanager
def _full_file(disk: Path, file: Path) -> Iterator[None]:
    """A journal that was cut off has no room of its own any more, which it would write to before it needs the disk."""
    with closing(sqlite3.connect(file, timeout=30)) as other:
        other.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    with _full(disk):
        yield


def _fill(filler: Path) -> None:
    with filler.open("ab", buffering=0) as file:
        for size in (1 << 20, 1 << 12):
            while _takes(file, size):
                pass


def _takes(file: FileIO, size: int) -> bool:
    try:
        return file.write(b"\0" * size) > 0
    except OSError as error:
        if error.errno != errno.ENOSPC:
            raise
        return False


@contextmanager
def _locked_file(file: Path) -> Iterator[None]:
    with closing(sqlite3.connect(file, isolation_level=None, timeout=30, check_same_thread=False)) as other:
        other.execute("BEGIN IMMEDIATE")
        try:
            yield
        finally:
            other.execute("ROLLBACK")


@contextmanager
def _locked_tables(url: str) -> Iterator[None]:
    engine = create_engine(url)
    try:
        with engine.begin() as connection:
            connection.execute(text("LOCK TABLE inbox, draft, request, lease IN ACCESS EXCLUSIVE MODE"))
            yield
            connection.rollback()
    finally:
        engine.dispose()


@contextmanager
def standing(folder: Path) -> Iterator[None]:
    """The server of this folder stands still while the block runs."""
    server = _server(folder)
    stopped = [server, *server.children(recursive=True)]
    for process in stopped:
        process.suspend()
    try:
        yield
    finally:
        for process in stopped:
            process.resume()


@contextmanager
def _crashed(folder: Path, url: str) -> Iterator[None]:
    """`kill -9` of one of its processes: the server ends all others, and recovers as after a crash."""
    victim = next(child for child in _server(folder).children() if "walwriter" in " ".join(child.cmdline()))
    victim.send_signal(signal.SIGKILL)
    yield
    engine = create_engine(url)
    deadline = time.monotonic() + _SERVER_SECONDS
    while time.monotonic() < deadline:
        try:
            with engine.connect():
                break
        except Exception:  # noqa: BLE001 - whatever it says while it recovers
            time.sleep(0.05)
    engine.dispose()


def _server(folder: Path) -> psutil.Process:
    return psutil.Process(int((folder / "data" / "postmaster.pid").read_text("utf-8").split("\n")[0]))


def _create(server: str, folder: Path, disk: Path | None) -> None:
    where = ""
    if disk is not None:
        owner = (folder / "data").stat()
        os.chown(disk, owner.st_uid, owner.st_gid)
        where = "TABLESPACE small"
    engine = create_engine(as_superuser(server), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        if disk is not None:
            connection.execute(text(f"CREATE TABLESPACE small LOCATION '{disk}'"))
        connection.execute(text(f"CREATE DATABASE faults OWNER {ORDINARY} TEMPLATE template0 {where}"))
    engine.dispose()
