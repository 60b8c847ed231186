"""Makes a backup: a folder that is whole or not there, consistent while everybody goes on working."""

from __future__ import annotations

import secrets
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, make_url, text
from sqlalchemy.orm import Session

from bot.backup.contents import heads_of, needed_keys, revision_of, rows_of
from bot.backup.dumping import copy_sqlite, dump_postgresql, looking_at
from bot.backup.manifest import NAME, BackupIsUnusableError, LastDigest, Manifest, describe
from bot.backup.places import gather_files
from bot.clock import Clock
from bot.register.digests.files import file_hash
from bot.register.digests.folder import digest_files
from bot.settings import Settings
from bot.storage.engine import open_engine
from bot.storage.walls import EVERY, require_all
from bot.storage.whole_files import reach_disk


@dataclass(frozen=True)
class Made:
    """A backup that is there."""

    place: Path
    manifest: Manifest


def make_backup(settings: Settings, into: Path, *, clock: Clock) -> Made:
    """Writes a backup beside the others in `into`; it has its name once everything of it is on the disk.

    Raises:
        BadInputError: there is no database, or the program that dumps it is missing.
        OSError: it cannot be written; nothing is left behind.
    """
    into.mkdir(parents=True, exist_ok=True)
    begun = clock()
    place = into / f"madoguchi-{begun.astimezone(UTC):%Y%m%dT%H%M%SZ}"
    scratch = Path(tempfile.mkdtemp(prefix=".writing-", dir=into))
    try:
        manifest = _fill(settings, scratch, begun, clock)
        (scratch / NAME).write_text(manifest.model_dump_json(indent=1), "utf-8")
        _sync_all(scratch)
        # A folder that holds something is never replaced by a rename.
        scratch.rename(place)
        reach_disk(into)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    return Made(place, manifest)


def _fill(settings: Settings, scratch: Path, begun: datetime, clock: Clock) -> Manifest:
    gather_files(settings, scratch)
    digest = _last_digest(settings.digests_dir)
    database, held = _copy(settings.database_url, scratch)
    return Manifest(
        id=secrets.token_hex(16),
        begun_at=begun,
        ended_at=clock(),
        database=database,
        files=describe(scratch, [path for path in scratch.rglob("*") if path.is_file()]),
        last_digest=digest,
        **held,
    )


def _copy(database_url: str, scratch: Path) -> tuple[str, dict[str, Any]]:
    url = make_url(database_url)
    if url.get_backend_name() == "sqlite":
        name = "register.db"
        copy_sqlite(Path(url.database or ""), scratch / name)
        with looking_at(scratch / name) as session:
            return name, {"backend": "sqlite", **_held(session)}
    name = "register.dump"
    engine = open_engine(database_url, controller=EVERY)
    try:
        with _snapshot(engine) as session:
            require_all(session)
            snapshot = str(session.scalar(text("SELECT pg_export_snapshot()")))
            dump_postgresql(url, scratch / name, snapshot=snapshot)
            return name, {"backend": "postgresql", **_held(session)}
    finally:
        engine.dispose()


def _snapshot(engine: Engine) -> Session:
    # What is counted and what is dumped is one moment: pg_dump reads by the snapshot of this transaction.
    return Session(engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True))


def _held(session: Session) -> dict[str, Any]:
    return {
        "revision": revision_of(session),
        "rows": rows_of(session),
        "heads": heads_of(session),
        "keys": needed_keys(session),
    }


def _last_digest(folder: Path | None) -> LastDigest | None:
    if folder is None:
        return None
    try:
        last = max(digest_files(folder), default=None)
        return None if last is None else LastDigest(name=last.name, sha256=file_hash(last.read_bytes()))
    except OSError as error:
        raise BackupIsUnusableError(f"digests: {folder} cannot be read ({type(error).__name__})") from None


def _sync_all(folder: Path) -> None:
    for path in _every(folder):
        reach_disk(path)


def _every(folder: Path) -> Iterator[Path]:
    yield from folder.rglob("*")
    yield folder
