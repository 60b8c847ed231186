"""Walls between controllers, the companies whose rows lie in one database.

Whose rows a process works with is fixed where the database is opened (`open_engine(…, controller=…)`), and two walls
follow from it. Here: every statement that a session makes of our classes is narrowed to that company, whatever function
it comes from and whichever id it was given, on SQLite as well. Below it, on PostgreSQL, the database itself keeps to
the same (row-level security, migration 0018), whoever speaks to it and however.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache

from sqlalchemy import event, func, select, text
from sqlalchemy.orm import Mapped, ORMExecuteState, Session, mapped_column, with_loader_criteria
from sqlalchemy.orm.util import LoaderCriteriaOption

from bot.errors import BadInputError, MadoguchiError
from bot.storage.types import CONTROLLER

EVERY = "*"
"""Instead of a company: all of them, for what rightly spans them (backups, keys, migrations). PostgreSQL lets only the
owner of the tables."""

SETTING = "madoguchi.controller"
"""The setting of a connection to PostgreSQL by which its policies tell whose rows are meant."""

OPTION = "madoguchi_controller"
"""The option of an engine that says the same to its sessions."""


_NAME = re.compile(r"[a-z0-9-]{1,64}|\*")
_SEES_ALL = "SELECT NOT row_security_active('audit') OR spans_controllers()"


class RowIsForeignError(MadoguchiError):
    """A row of another company was about to be written: a fault of ours, of which nothing was committed."""


class Owned:
    """What is mapped to a table whose rows belong each to one company."""

    controller: Mapped[str] = mapped_column(CONTROLLER)


class WalledSession(Session):
    """A session that sees and writes the rows of its engine's company alone."""

    spoken_for: str | None = None

    @property
    def only(self) -> str | None:
        """The company; None where there is no wall to keep up."""
        controller = self.spoken_for or self.get_bind().get_execution_options().get(OPTION)
        return None if controller == EVERY else controller


def company_of(session: Session) -> str:
    """The company whose rows a session works with; empty where it has no wall."""
    return session.only or "" if isinstance(session, WalledSession) else ""


class RoleIsBoundError(BadInputError):
    """What spans all companies was asked of a role that sees one at a time."""


def startup(controller: str, given: str = "") -> dict[str, str]:
    """What a connection to PostgreSQL is opened with, beside the options that its address gives.

    Raises:
        ValueError: no company is called that.
    """
    if not _NAME.fullmatch(controller):
        raise ValueError(f"{controller!r} is no company's id")
    return {"options": f"{given} -c {SETTING}={controller}".strip()}


@contextmanager
def speaking_for(session: Session, controller: str) -> Iterator[None]:
    """Sees and writes the rows of another company instead, one at a time, while the block runs.

    It is a door in the wall, and `bot.register.groups` alone goes through it: what one member asks of several companies
    is filed in one transaction.
    """
    if not _NAME.fullmatch(controller) or controller == EVERY:
        raise ValueError(f"{controller!r} is no company's id")
    if not isinstance(session, WalledSession):
        raise TypeError("a session without a wall has no door in it")
    before, session.spoken_for = session.spoken_for, _spoken(session, controller)
    try:
        yield
        session.flush()
    finally:
        session.spoken_for = before
        if session.is_active:
            _tell(session, before or session.get_bind().get_execution_options().get(OPTION) or "")


def _spoken(session: WalledSession, controller: str) -> str:
    # What waits to be written is written as who wrote it.
    session.flush()
    _tell(session, controller)
    return controller


def _tell(session: Session, controller: str) -> None:
    if session.get_bind().dialect.name == "postgresql":
        session.execute(select(func.set_config(SETTING, controller, True)))  # noqa: FBT003 - until the transaction ends


def require_all(session: Session) -> None:
    """Makes sure that a session sees every company's rows.

    Raises:
        RoleIsBoundError: PostgreSQL does not show them to the role that it logs in as.
    """
    if session.get_bind().dialect.name == "postgresql" and not session.scalar(text(_SEES_ALL)):
        raise RoleIsBoundError(
            "this spans all companies, and MADOGUCHI_DATABASE_URL logs in as a role that sees one at a time: "
            "it takes the address of the tables' owner"
        )


@event.listens_for(WalledSession, "do_orm_execute")
def _narrow(state: ORMExecuteState) -> None:
    session = state.session
    if not isinstance(session, WalledSession) or session.only is None:
        return
    # A `select(exists(…))` does not count as a statement of classes, and is narrowed like one.
    if state.is_select or state.is_update or state.is_delete:
        is_file = session.get_bind().dialect.name == "sqlite"
        state.statement = state.statement.options(_of(session.only, is_file=is_file))


@event.listens_for(WalledSession, "before_flush")
def _keep_out(session: WalledSession, _context: object, _instances: object) -> None:
    if session.only is None:
        return
    for row in (*session.new, *session.dirty):
        if isinstance(row, Owned) and row.controller != session.only:
            raise RowIsForeignError(f"a {type(row).__name__} of another company was to be written")


@lru_cache(maxsize=256)
def _of(controller: str, *, is_file: bool) -> LoaderCriteriaOption:
    if is_file:
        # Concatenated, so that SQLite, which knows no statistics, picks the index that it would pick without the wall.
        return with_loader_criteria(
            Owned, lambda owned: owned.controller.concat("") == controller, include_aliases=True
        )
    return with_loader_criteria(Owned, lambda owned: owned.controller == controller, include_aliases=True)
