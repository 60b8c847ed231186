"""What must be done before the processes start; each step is skipped when its result is current.

A search index that is there is not looked into: the action server checks it whenever it starts, and builds what has
changed. The first one takes a minute, which no process should be waited for.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from sqlalchemy import Engine, text

from bot.channels.mail.sender import require_mail
from bot.clearance.check import require_cleared
from bot.errors import UnavailableError
from bot.launch import model
from bot.register.staff import read_staff
from bot.settings import Settings
from bot.storage import migrate
from bot.storage.engine import open_engine, reading
from bot.storage.own_rows import open_own_engine

Say = Callable[[str], None]

# After the start of a machine its database may take longer than this process.
_DATABASE_SECONDS = 60.0
_PAUSE_SECONDS = 3.0
_STATEMENT_SECONDS = 5.0


def prepare(settings: Settings, *further: Settings, say: Say) -> None:
    """Migrates the database, trains the model and builds the first indexes; in production, if nothing is red.

    Args:
        settings: of the installation, and of its first controller.
        further: of the other controllers.
        say: tells what was done.

    Raises:
        MadoguchiError: a step failed; the message names it.
    """
    _await_database(settings.database_url, say)
    migrate.upgrade(settings.database_url)
    # Before the model is trained: nobody waits for that only to read that something is missing.
    for each in (settings, *further):
        require_cleared(each)
        _require_mail(each)
    begun = time.monotonic()
    if model.ensure_trained():
        say(f"model: trained in {time.monotonic() - begun:.0f} s")
    for each in (settings, *further):
        if not (each.index_dir / each.default_policy).is_dir():
            _build_index(each, say)


def _await_database(url: str, say: Say) -> None:
    """Returns as soon as a database server answers; a file that cannot be used is told of by whoever opens it.

    Raises:
        UnavailableError: it has not answered for a minute.
    """
    engine = open_engine(url, controller=None, answer_within=_STATEMENT_SECONDS)
    if engine.dialect.name == "sqlite":
        return
    deadline = time.monotonic() + _DATABASE_SECONDS
    while fault := _fault(engine):
        if time.monotonic() >= deadline:
            raise UnavailableError(f"{fault} for {_DATABASE_SECONDS:.0f} s (MADOGUCHI_DATABASE_URL)")
        say(f"waiting: {fault}")
        time.sleep(_PAUSE_SECONDS)
    engine.dispose()


def _fault(engine: Engine) -> str:
    try:
        with reading(engine) as session:
            session.execute(text("SELECT 1"))
    except UnavailableError as error:
        return str(error)
    return ""


def _require_mail(settings: Settings) -> None:
    """The jobs would end again and again for want of an address, and with them deletion, alerts and every reminder."""
    if not settings.smtp_url.get_secret_value():
        return
    engine = open_own_engine(settings)
    try:
        require_mail(settings, read_staff(settings, engine))
    finally:
        engine.dispose()


def _build_index(settings: Settings, say: Say) -> None:
    begun = time.monotonic()
    # Search and embedding take seconds to import, and only the first run needs them here.
    from bot.policy.assistant import open_assistant  # noqa: PLC0415 - see above
    from bot.policy.releases.in_force import look_once  # noqa: PLC0415 - see above

    open_assistant(settings, corpus=look_once(settings).corpus)
    say(f"search index of {settings.default_policy}: built in {time.monotonic() - begun:.0f} s")
