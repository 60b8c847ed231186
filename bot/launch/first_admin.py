"""Whether anybody can open the staff's console yet, and what to do when nobody can."""

from __future__ import annotations

from bot.settings import Settings
from bot.staff.accounts import working_admins
from bot.storage.engine import reading
from bot.storage.own_rows import open_own_engine

_WHOSE = "nobody can log in to the console{of} yet: "
_HOW = ".venv/bin/madoguchi console create-admin --id sato --name 佐藤 --email …"
# An id is given once in an installation: the lines of two companies must both work as they stand.
_HOW_FURTHER = ".venv/bin/madoguchi --for {name} console create-admin --id {name}-admin --name 管理者 --email …"


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
        return _WHOSE.format(of="") + _HOW
    return _WHOSE.format(of=f" of {name}") + _HOW_FURTHER.format(name=name)
