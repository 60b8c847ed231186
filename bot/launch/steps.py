"""What must be done before the processes start; each step is skipped when its result is current."""

from __future__ import annotations

import time
from collections.abc import Callable

from bot.launch import model
from bot.settings import Settings

Say = Callable[[str], None]


def prepare(settings: Settings, *, say: Say) -> None:
    """Migrates the database, trains the model, builds the search index.

    Raises:
        MadoguchiError: a step failed; the message names it.
    """
    _timed("database", lambda: _migrate(settings), say)
    _timed("model", model.ensure_trained, say)
    _timed("search index", lambda: _index(settings), say)


def _timed(step: str, work: Callable[[], bool], say: Say) -> None:
    begun = time.monotonic()
    changed = work()
    if changed:
        say(f"{step}: made in {time.monotonic() - begun:.1f} s")


def _migrate(settings: Settings) -> bool:
    from bot.storage import migrate  # noqa: PLC0415 - Alembic takes a second to import, most starts do not need it

    return migrate.upgrade(settings.database_url)


def _index(settings: Settings) -> bool:
    from bot.policy import index  # noqa: PLC0415 - as above, for the embedding libraries

    return index.ensure_current(settings)
