"""What must be done before the processes start; each step is skipped when its result is current.

The search index is not among them: the action server checks it whenever it starts, and builds it when it must.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from bot.launch import model
from bot.settings import Settings
from bot.storage import migrate

Say = Callable[[str], None]


def prepare(settings: Settings, *, say: Say) -> None:
    """Migrates the database and trains the model.

    Raises:
        MadoguchiError: a step failed; the message names it.
    """
    migrate.upgrade(settings.database_url)
    begun = time.monotonic()
    if model.ensure_trained():
        say(f"model: trained in {time.monotonic() - begun:.0f} s")
