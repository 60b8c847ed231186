"""Is a backup whole: its files by their hashes, its database by its own rules, its trails by their chains."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import make_url

from bot.backup.contents import differences
from bot.backup.dumping import is_readable_dump, is_sound, looking_at, restore_postgresql
from bot.backup.manifest import Manifest, broken_files, read_manifest
from bot.backup.targets import require_empty
from bot.errors import BadInputError
from bot.storage.engine import open_engine, reading
from bot.storage.walls import EVERY


def faults(folder: Path, *, scratch_url: str | None = None) -> Iterator[str]:
    """One sentence for each thing that is wrong.

    A dump of PostgreSQL cannot be looked into where it lies: its rows and trails are compared in `scratch_url`, an
    empty database that it is restored to; without one only its hash and its table of contents are.

    Raises:
        BadInputError: there is no backup, or the scratch database is not an empty one of PostgreSQL.
    """
    manifest = read_manifest(folder)
    broken = list(broken_files(folder, manifest))
    if broken:
        yield from broken
        return
    database = folder / manifest.database
    if manifest.backend == "sqlite":
        yield from _of_file(database, manifest)
    elif scratch_url is None:
        if not is_readable_dump(database):
            yield f"{manifest.database} is no dump that pg_restore reads"
    else:
        yield from _of_dump(database, manifest, scratch_url)


def _of_file(database: Path, manifest: Manifest) -> Iterator[str]:
    if not is_sound(database):
        yield f"{manifest.database} is damaged (PRAGMA integrity_check)"
        return
    with looking_at(database) as session:
        yield from differences(session, manifest)


def _of_dump(database: Path, manifest: Manifest, scratch_url: str) -> Iterator[str]:
    url = make_url(scratch_url)
    if url.get_backend_name() != "postgresql":
        raise BadInputError("a dump of PostgreSQL is restored to PostgreSQL")
    engine = open_engine(scratch_url, controller=EVERY)
    try:
        require_empty(engine)
        restore_postgresql(url, database)
        with reading(engine) as session:
            yield from differences(session, manifest)
    finally:
        engine.dispose()
