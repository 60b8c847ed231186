"""Whether anybody can open the staff's console yet, and what to do when nobody can."""

from __future__ import annotations

from bot.settings import Settings
from bot.staff.accounts import working_admins
from bot.storage.engine import reading
from bot.storage.own_rows import open_own_engine

_WHOSE = "nobody can log in to the console{of} yet: "
_HOW = ".venv/bin/madoguchi {for_}console create-admin --id sato --name 佐藤 --email …"


def advice(settings: Settings) -> str:
    """The line that tells how to make the first administrator; empty once there is one."""
    engine, name = open_own_engine(settings), settings.controller
    try:
        with reading(engine) as session:
            if working_admins(session, name):
                return ""
    finally:
        engine.dispose()
    if settings.is_first:
        return _WHOSE.format(of="") + _HOW.format(for_="")
    return _WHOSE.format(of=f" of {name}") + _HOW.format(for_=f"--for {name} ")
