"""What every command of the register stands on: the database, the keys, who acts, and what is told after the commit."""

from __future__ import annotations

import getpass
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from pathlib import Path
from typing import Annotated

import typer
from sqlalchemy import inspect, make_url
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.orm import Session

from bot import desk as desks
from bot import settings
from bot.clock import TOKYO, in_tokyo, system_clock
from bot.commands.chosen import chosen
from bot.errors import BadInputError, UnavailableError
from bot.policy.documents import policy_folder
from bot.policy.releases.in_force import look_once
from bot.register.errors import RequestIsUnknownError
from bot.register.requests import RequestView, by_number
from bot.register.staff import Permission, Staff, load_staff
from bot.storage.encryption import Vault
from bot.storage.engine import open_engine, reading, transaction
from bot.storage.whole_files import write_whole

STANDARD_INPUT = Path("-")
LARGEST_TEXT = 100_000

Number = Annotated[str, typer.Argument(help="Receipt number, however it is spelt.", show_default=False)]
As = Annotated[
    str,
    typer.Option(
        "--as",
        metavar="STAFF_ID",
        help="Who acts: the id of an account, or of the staff file; the login name when left out.",
    ),
]
TextFile = Annotated[
    Path,
    typer.Option(
        "--text",
        metavar="FILE",
        help="File with the words in UTF-8, - for standard input. Words are never an argument: shells keep those.",
    ),
]

_PERSON = re.compile(r"[\w.-]{1,40}", re.ASCII)


@dataclass(frozen=True)
class Acting:
    """One command at work: its transaction, who acts, and the lines that it tells once all is committed."""

    session: Session
    settings: settings.Settings
    actor: str
    now: datetime
    lines: list[str] = field(default_factory=list)

    @property
    def controller(self) -> str:
        """The company whose register it is."""
        return self.settings.controller

    @cached_property
    def vault(self) -> Vault:
        """Opened only by commands that seal or read."""
        return Vault.from_settings(self.settings)

    @cached_property
    def staff(self) -> Staff:
        """Who works at the desk: those with accounts, or those of the staff file."""
        return load_staff(self.settings, self.session)

    @cached_property
    def desk(self) -> desks.Desk:
        """The desk file, whose calendar counts working days."""
        return desks.load_desk(policy_folder(look_once(self.settings).corpus, self.settings.default_policy))

    def is_working_day(self, day: date) -> bool:
        """Whether the desk is open on a Japanese day."""
        return desks.is_working_day(self.desk, day)

    def request(self, number: str) -> RequestView:
        """The request of a receipt number.

        Raises:
            RequestIsUnknownError: this company has none of this number.
        """
        view = by_number(self.session, number)
        if view is None or view.controller != self.controller:
            raise RequestIsUnknownError(f"the register holds no request of the number {number!r}")
        return view

    def require(self, duty: Permission) -> None:
        """Stops whoever may not do this; without a list of staff two different people are all that is asked for.

        Raises:
            BadInputError: the list does not give this person the duty.
        """
        if self.staff.is_named and not self.staff.may(self.actor, duty):
            raise BadInputError(
                f"{self.actor} may not do this: neither an account's role nor `may: [{duty}]` of the staff file says so"
            )

    def say(self, line: str) -> None:
        """Notes a line that is shown after the commit, and not at all without one."""
        self.lines.append(line)

    def say_standing(self, number: str) -> None:
        """The line with which most steps end: where the request stands now."""
        view = self.request(number)
        self.say(f"{view.number}: {view.state}")


@contextmanager
def acting(as_: str = "") -> Iterator[Acting]:
    """One transaction of one person; its lines are shown when it has been committed.

    Args:
        as_: who acts; the login name when empty.

    Raises:
        BadInputError: there is no register, or nobody of this name.
        UnavailableError: the database does not answer.
    """
    configured = chosen()
    with database_session(configured) as session:
        actor = person_of(as_ or getpass.getuser(), load_staff(configured, session))
        act = Acting(session=session, settings=configured, actor=actor, now=system_clock())
        yield act
    for line in act.lines:
        typer.echo(line)


def read_text(path: Path) -> str:
    """The words in a file or on standard input.

    Raises:
        BadInputError: it cannot be read, is no UTF-8, or far too long.
    """
    content = read_bytes(path)
    if len(content) > LARGEST_TEXT:
        raise BadInputError(f"{path}: more than {LARGEST_TEXT} bytes of text")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadInputError(f"{path}: byte {error.start} is no UTF-8") from None


def read_bytes(path: Path) -> bytes:
    """The content of a file, or of standard input.

    Raises:
        BadInputError: it cannot be read.
    """
    if path == STANDARD_INPUT:
        return sys.stdin.buffer.read()
    try:
        return path.read_bytes()
    except OSError as error:
        raise BadInputError(f"{path}: {error.strerror or type(error).__name__}") from None


def read_moment(text: str) -> datetime:
    """A moment as staff write it: `2026-11-20 09:15` on Japanese clocks, a day alone as its beginning, or ISO 8601.

    Raises:
        BadInputError: it is none.
    """
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        raise BadInputError(f"{text!r} is no moment: write 2026-11-20 or 2026-11-20 09:15 (Japanese time)") from None
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=TOKYO)


def write_file(path: Path, content: bytes) -> None:
    """Writes a file whole, readable by its owner alone.

    Raises:
        BadInputError: it cannot be written.
    """
    try:
        write_whole(path, content)
    except OSError as error:
        raise BadInputError(f"{path}: {error.strerror or type(error).__name__}") from None


def shown(moment: datetime) -> str:
    """A moment as the commands show it."""
    return f"{in_tokyo(moment):%Y-%m-%d %H:%M:%S} JST"


def person_of(as_: str, staff: Staff) -> str:
    """A member of staff as audit rows name them.

    Raises:
        BadInputError: it is no id, or not one of the list, if there is one.
    """
    if not _PERSON.fullmatch(as_):
        raise BadInputError(f"{as_!r} is no id of a member of staff")
    if staff.is_named and staff.member(as_) is None:
        why = "has no account that works on requests and is not in the staff file"
        raise BadInputError(f"{as_} {why}; --as names who acts")
    return f"staff:{as_}"


@contextmanager
def database_session(
    configured: settings.Settings, *, controller: str | None = None, only_reading: bool = False
) -> Iterator[Session]:
    """One transaction on the database of the settings, which commits when the block ends.

    Args:
        configured: the settings.
        controller: whose rows, where that is not the company of the settings.
        only_reading: for what looks at a great deal and writes nothing, so that nobody waits for it.

    Raises:
        BadInputError: there is no such database, no register in it, or it refuses what was done.
        UnavailableError: it does not answer.
    """
    url = make_url(configured.database_url)
    if url.get_backend_name() == "sqlite" and not Path(url.database or "").exists():
        raise BadInputError(f"there is no database {url.database}: `make run` creates it")
    engine = open_engine(configured.database_url, controller=controller or configured.controller)
    try:
        if not inspect(engine).has_table("request"):
            raise BadInputError("the database has no register: `make run` migrates it")
        with reading(engine) if only_reading else transaction(engine) as session:
            yield session
    except OperationalError as error:
        # The driver's own text may name host and user of the database; the kind of failure is enough here.
        raise UnavailableError(f"the database does not answer ({type(error.orig).__name__})") from error
    except DBAPIError as error:
        # The steps check before they write; what the database still refuses it refuses as a whole.
        raise BadInputError(f"the database refuses this, nothing was changed ({type(error.orig).__name__})") from error
    finally:
        engine.dispose()
