"""Restores a backup to an empty database, so that nothing it brings back is given out, or kept, a second time.

On SQLite a restore that dies leaves nothing behind. On PostgreSQL one that dies after the dump came in leaves a
database that no restore accepts any more; whoever began it empties it and begins again. Only a restore that said that
it is done is one.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from alembic.script import ScriptDirectory
from sqlalchemy import Engine, make_url

from bot.backup.contents import differences
from bot.backup.manifest import BackupIsUnusableError, Manifest, broken_files, read_manifest
from bot.backup.needed_keys import require_keys, what_does_not_open
from bot.backup.places import put_back
from bot.backup.targets import restored
from bot.clock import Clock
from bot.errors import BadInputError
from bot.register.numbers import end_of_series
from bot.settings import Settings
from bot.storage.encryption import Vault
from bot.storage.engine import reading, transaction
from bot.storage.migrate import upgrade
from bot.storage.restorations import note_restoration

_MIGRATIONS = Path(__file__).parents[2] / "migrations"

ForgetAgain = Callable[[Engine, datetime], str]
"""Deletes what was deleted since a moment; says in a sentence what that was."""


class BackupDiffersError(BackupIsUnusableError):
    """What came out of the backup is not what it says of itself."""


@dataclass(frozen=True)
class Restored:
    """What was done.

    Attributes:
        manifest: of the backup.
        at: the moment of the restoration.
        forgotten: what was forgotten again.
        notes: a sentence for each thing that is left to a person.
    """

    manifest: Manifest
    at: datetime
    forgotten: str
    notes: list[str] = field(default_factory=list)


def restore_backup(
    settings: Settings,
    folder: Path,
    *,
    clock: Clock,
    forget_again: ForgetAgain,
    sleep: Callable[[float], None] = time.sleep,
) -> Restored:
    """Restores a backup to the database of the settings, and brings it to the schema of this release.

    Args:
        settings: of the installation that is to go on.
        folder: the backup.
        clock: the time.
        forget_again: what is done before the database is in its place.
        sleep: waits until numbers of a further restoration would differ from those of this one.

    Raises:
        BadInputError: the backup is not whole, of another kind of database or of a newer release, its keys are not
            set, or the database is not empty; nothing was changed.
        UnavailableError: the database failed meanwhile.
    """
    manifest, vault = read_manifest(folder), Vault.from_settings(settings)
    _require_usable(settings, folder, manifest, now=clock())
    require_keys(vault, manifest)
    with restored(settings.database_url, folder / manifest.database) as (engine, url):
        with reading(engine) as session:
            different = list(differences(session, manifest))
        if different:
            raise BackupDiffersError("; ".join(different))
        upgrade(url)
        at = clock()
        with transaction(engine) as session:
            note_restoration(session, backup=manifest.id, made_at=manifest.begun_at, now=at)
        forgotten = forget_again(engine, manifest.begun_at)
        sleep(max(0.0, (end_of_series(at) - clock()).total_seconds()))
    notes = [*what_does_not_open(vault, manifest), *put_back(settings, folder, manifest)]
    return Restored(manifest, at, forgotten, notes)


def _require_usable(settings: Settings, folder: Path, manifest: Manifest, *, now: datetime) -> None:
    if make_url(settings.database_url).get_backend_name() != manifest.backend:
        raise BackupIsUnusableError(f"this is a backup of {manifest.backend}, which MADOGUCHI_DATABASE_URL is not")
    # Numbers of the restored database are told from those given out before by the moment.
    if manifest.begun_at > now:
        raise BadInputError("this machine's clock is behind the backup: set it right first")
    known = {script.revision for script in ScriptDirectory(str(_MIGRATIONS)).walk_revisions()}
    if manifest.revision not in known:
        raise BackupIsUnusableError(f"its schema {manifest.revision} is of a newer release than this one")
    # Rows and trails are compared once they are in the database.
    wrong = list(broken_files(folder, manifest))
    if wrong:
        raise BackupIsUnusableError("; ".join(wrong))
