"""A controller's engine finds its own rows only: by whatever statement, in every table that names a controller."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import Engine, delete, event, exists, func, select, update
from sqlalchemy import inspect as sa_inspect
from sqlalchemy.orm import Session, aliased

import bot.evaluation.runs.models
import bot.incidents.models
import bot.policy.releases.models
import bot.register.tables
import bot.staff.models
import bot.storage.rate_counts  # noqa: F401 - all are imported for the tables they hang on Base
from bot.register.models import RequestGroup
from bot.settings import Settings
from bot.storage import engine as storage
from bot.storage import outbox
from bot.storage.conversations import Sender, add_member, find_member, start
from bot.storage.encryption import Vault
from bot.storage.engine import Base, reading, transaction
from bot.storage.models import Conversation, Member, Outbound, Restoration
from bot.storage.own_rows import across, open_own_engine
from bot.storage.retiring import RetiredKey
from bot.storage.walls import Owned

NOW = datetime(2026, 11, 23, 1, 30, tzinfo=UTC)
OURS, THEIRS = "ours", "theirs"


@pytest.fixture
def engines(database_url: str, vault: Vault) -> Iterator[tuple[Engine, Engine]]:
    """Of two controllers of one process, each with one member in one conversation, and a notice."""

    def settings(name: str) -> Settings:
        return Settings(_env_file=None, database_url=database_url, default_policy=f"{name}/privacy")

    ours = open_own_engine(settings(OURS))
    theirs = open_own_engine(settings(THEIRS), beside=ours)
    for engine, name in ((ours, OURS), (theirs, THEIRS)):
        with transaction(engine) as session:
            member = add_member(session, Sender(name, "line", "U1"), vault=vault, now=NOW)
            start(session, member, now=NOW)
            _enqueue(session, name)
    yield ours, theirs
    ours.dispose()
    theirs.dispose()


def _enqueue(session: Session, name: str) -> None:
    outbox.enqueue(
        session, controller=name, channel="line", recipient="r", kind="x", body={}, dedupe_key=f"x:{name}", now=NOW
    )


def _their_id(engines: tuple[Engine, Engine]) -> str:
    with reading(engines[1]) as session:
        return session.scalars(select(Member.id)).one()


def test_what_is_asked_for_is_ones_own(engines: tuple[Engine, Engine]) -> None:
    for engine, name in zip(engines, (OURS, THEIRS), strict=True):
        with reading(engine) as session:
            other = aliased(Member)
            in_talks = select(Conversation.member_id)
            assert session.scalars(select(Member.controller)).all() == [name]
            assert [row.controller for row in session.scalars(select(Member))] == [name]
            assert session.scalar(select(func.count()).select_from(Member)) == 1
            assert session.scalars(select(other.controller)).all() == [name]
            assert session.scalars(select(Member.controller).where(Member.id.in_(in_talks))).all() == [name]
            joined = select(Member.controller, Conversation.controller).join(Conversation, Conversation.id != "")
            assert session.execute(joined).all() == [(name, name)]
            assert session.scalars(select(Member.controller).union(select(Conversation.controller))).all() == [name]
            assert [row.controller for row in outbox.due_rows(session, "line", now=NOW)] == [name]


def test_an_id_of_anothers_finds_nothing(engines: tuple[Engine, Engine], vault: Vault) -> None:
    theirs = _their_id(engines)
    with transaction(engines[0]) as session:
        assert session.get(Member, theirs) is None
        assert session.get(Member, theirs, with_for_update=True) is None
        assert not session.scalar(select(exists().where(Member.id == theirs)))
        assert find_member(session, Sender(THEIRS, "line", "U1"), vault=vault) is None


def test_what_is_changed_or_deleted_is_ones_own(engines: tuple[Engine, Engine]) -> None:
    ours, theirs = engines
    with transaction(ours) as session:
        session.execute(update(Member).values(channel="slack"))
        session.execute(update(Member).where(Member.id == _their_id(engines)).values(channel="slack"))
        session.execute(delete(Outbound))
    with reading(theirs) as session:
        assert session.scalars(select(Member.channel)).one() == "line"
        assert session.scalars(select(Outbound.controller)).one() == THEIRS
    with reading(ours) as session:
        assert session.scalars(select(Member.channel)).one() == "slack"
        assert session.scalars(select(Outbound)).all() == []


def test_what_is_done_once_for_all_sees_all(engines: tuple[Engine, Engine]) -> None:
    """On PostgreSQL as much as the connection may see: of all companies only what the owner's functions tell."""
    whole, is_file = across(engines[0]), engines[0].dialect.name == "sqlite"
    with transaction(whole) as session:
        assert set(session.scalars(select(Member.controller))) == ({OURS, THEIRS} if is_file else {OURS})
        session.execute(update(Member).values(channel="slack"))
    with reading(engines[1]) as session:
        assert session.scalars(select(Member.channel)).one() == ("slack" if is_file else "line")
    # The engine it was made of is as it was.
    with reading(engines[0]) as session:
        assert session.scalars(select(Member.controller)).one() == OURS


def test_writers_of_both_take_turns(engines: tuple[Engine, Engine]) -> None:
    """On SQLite the second writer would otherwise wait for a lock of the file, in no order."""
    whole, turnstiles = across(engines[1]), storage._turnstiles
    assert turnstiles[engines[0]] is turnstiles[engines[1]] is turnstiles[whole]


def _models() -> list[type[Any]]:
    return sorted((mapper.class_ for mapper in Base.registry.mappers), key=lambda model: model.__name__)


@pytest.mark.parametrize("model", _models(), ids=lambda model: model.__name__)
def test_every_table_is_narrowed_or_belongs_to_no_company(model: type[Any]) -> None:
    """A table that is added later is narrowed by itself, or somebody has said here that it is nobody's."""
    nobodys = {RetiredKey, Restoration, RequestGroup}
    assert (model not in nobodys) == issubclass(model, Owned) == ("controller" in model.__table__.columns)


def test_a_look_into_any_table_names_the_controller(engines: tuple[Engine, Engine]) -> None:
    asked: list[tuple[str, Any]] = []
    event.listen(engines[0], "before_cursor_execute", lambda *given: asked.append((given[2], given[3])))
    for model in _models():
        if issubclass(model, Owned):
            with reading(engines[0]) as session:
                session.scalars(select(model)).all()
            statement, values = asked[-1]
            assert f"{sa_inspect(model).local_table}.controller" in statement
            assert OURS in (values.values() if isinstance(values, dict) else values)
