"""Where a backup is restored to: a database that holds nothing, of either kind."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Engine, inspect, make_url, text

from bot.backup.dumping import restore_postgresql
from bot.errors import BadInputError, UnavailableError
from bot.storage.engine import empty_journal, open_engine
from bot.storage.walls import EVERY
from bot.storage.whole_files import reach_disk

_JOURNALS = ("-wal", "-shm", "-journal")


class DatabaseIsNotEmptyError(BadInputError):
    """Something is there already; nothing was changed."""


class DatabaseIsInUseError(UnavailableError):
    """Somebody else opened the database that is being restored."""


def require_empty(engine: Engine) -> None:
    """Makes sure that a database has no table.

    Raises:
        DatabaseIsNotEmptyError: it has.
    """
    tables = inspect(engine).get_table_names()
    if tables:
        raise DatabaseIsNotEmptyError(
            f"the database holds {len(tables)} tables already: a backup is restored to an empty one, never over another"
        )


@contextmanager
def restored(database_url: str, dump: Path) -> Iterator[tuple[Engine, str]]:
    """An engine on the database as it was, and the URL that it has for now; when the block ends it is in its place.

    A file is made ready under another name, so that whoever dies in between leaves nothing. A server's database is
    filled in one transaction and is in its place from then on.

    Raises:
        DatabaseIsNotEmptyError: there is one already.
    """
    is_file = make_url(database_url).get_backend_name() == "sqlite"
    yield from (_in_a_file if is_file else _on_a_server)(database_url, dump)


def _on_a_server(database_url: str, dump: Path) -> Iterator[tuple[Engine, str]]:
    engine = open_engine(database_url, controller=EVERY)
    try:
        require_empty(engine)
        restore_postgresql(make_url(database_url), dump)
        yield engine, database_url
        with engine.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
            connection.execute(text("ANALYZE"))  # a restored table has no statistics, and lists would be slow
    finally:
        engine.dispose()


def _in_a_file(database_url: str, dump: Path) -> Iterator[tuple[Engine, str]]:
    place = Path(make_url(database_url).database or "")
    if any(path.exists() for path in (place, *_journals(place))):
        raise DatabaseIsNotEmptyError(f"{place} is there already: a backup is never restored over a database")
    place.parent.mkdir(parents=True, exist_ok=True)
    scratch = place.with_name(f".restoring-{place.name}")
    _remove(scratch)
    url = f"sqlite:///{scratch}"
    engine = open_engine(url, controller=EVERY)
    try:
        shutil.copyfile(dump, scratch)
        yield engine, url
        if not empty_journal(engine):
            raise DatabaseIsInUseError(f"{scratch} is in use by somebody else")
        engine.dispose()
        _name_it(scratch, place)
    finally:
        engine.dispose()
        _remove(scratch)


def _name_it(scratch: Path, place: Path) -> None:
    reach_disk(scratch)
    # A link fails where the name was taken meanwhile, which a rename does not.
    place.hardlink_to(scratch)
    reach_disk(place.parent)


def _remove(scratch: Path) -> None:
    for path in (scratch, *_journals(scratch)):
        path.unlink(missing_ok=True)


def _journals(place: Path) -> list[Path]:
    return [place.with_name(place.name + ending) for ending in _JOURNALS]
