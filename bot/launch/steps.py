"""What must be done before the processes start; each step is skipped when its result is current.

A search index that is there is not looked into: the action server checks it whenever it starts, and builds what has
changed. The first one takes a minute, which no process should be waited for.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from bot.launch import model
from bot.settings import Settings
from bot.storage import migrate

Say = Callable[[str], None]


def prepare(settings: Settings, *, say: Say) -> None:
    """Migrates the database, trains the model and builds the first index.

    Raises:
        MadoguchiError: a step failed; the message names it.
    """
    migrate.upgrade(settings.database_url)
    begun = time.monotonic()
    if model.ensure_trained():
        say(f"model: trained in {time.monotonic() - begun:.0f} s")
    if not (settings.index_dir / settings.default_policy).is_dir():
        _build_index(settings, say)


def _build_index(settings: Settings, say: Say) -> None:
    begun = time.monotonic()
    # Search and embedding take seconds to import, and only the first run needs them here.
    from bot.policy.assistant import open_assistant  # noqa: PLC0415 - see above

    open_assistant(settings)
    say(f"search index: built in {time.monotonic() - begun:.0f} s")
