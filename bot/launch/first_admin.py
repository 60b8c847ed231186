"""Whether anybody can open the staff's console yet, and what to do when nobody can."""

from __future__ import annotations

from bot.settings import Settings
from bot.staff.accounts import working_admins
from bot.storage.engine import open_engine, reading

_HOW = "nobody can log in to the console yet: .venv/bin/madoguchi console create-admin --id sato --name 佐藤 --email …"


def advice(settings: Settings) -> str:
    """The line that tells how to make the first administrator; empty once there is one."""
    engine = open_engine(settings.database_url, controller=settings.controller)
    try:
        with reading(engine) as session:
            return "" if working_admins(session, settings.controller) else _HOW
    finally:
        engine.dispose()
