"""How processes open the database: each controller has an engine of its own, through which only its rows are found.

What keeps them apart is `bot.storage.walls`. The few that have to see all companies at once say so: `across` for what a
process does once an installation and shows to nobody.
"""

from __future__ import annotations

from sqlalchemy import Engine

from bot.settings import Settings
from bot.storage.engine import open_engine, take_turns_together
from bot.storage.walls import EVERY, OPTION


def open_own_engine(settings: Settings, *, answer_within: float | None = None, beside: Engine | None = None) -> Engine:
    """Opens the database for the controller of these settings; every process opens it here.

    Args:
        settings: by which one controller is served.
        answer_within: as `open_engine` takes it.
        beside: an engine of this process to the same database; the writers of both take turns.
    """
    engine = open_engine(settings.database_url, controller=settings.controller, answer_within=answer_within)
    if beside is not None:
        take_turns_together(engine, beside)
    return engine


def across(engine: Engine) -> Engine:
    """The same connections, whose sessions are narrowed to nobody's rows.

    PostgreSQL still shows those of the engine's own company alone: what is wanted of all companies there comes from
    functions of the owner's (`trail_heads`, `sealed_headers`).
    """
    whole = engine.execution_options(**{OPTION: EVERY})
    take_turns_together(whole, engine)
    return whole
