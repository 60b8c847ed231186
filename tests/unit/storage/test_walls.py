"""No company sees or touches what is another's: whichever function is asked, and whatever PostgreSQL is told."""

from __future__ import annotations

import os
import random
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import Connection, Engine, Executable, Table, create_engine, delete, insert, select, text, update
from sqlalchemy.exc import DBAPIError

from bot.commands.storage import TRAILS
from bot.register.models import Request
from bot.storage.engine import Base, open_engine, reading, transaction
from bot.storage.grants import grants
from bot.storage.models import Conversation
from bot.storage.walls import EVERY, RoleIsBoundError, RowIsForeignError, require_all, startup
from tests.support.company_reads import can_be_called, found, opens_by_name, outcome
from tests.support.company_rows import fill, key_of, owned_tables, row_of
from tests.support.databases import postgres_database
from tests.support.postgres import ORDINARY, as_superuser

_READS = int(os.environ.get("MADOGUCHI_PROOF_WALLS", "400"))
_ROWS = 4
_COMPANIES = ("acme", "globex", "initech")
_NOBODY = "nobody"
_ROLE = "walled"

# They take what others have read, beside the name of what they change: whoever calls them has been at the wall already.
_TAKE_MORE = {
    "bot.console.trying.talks.note_talk",
    "bot.evaluation.runs.reading.standing",
    "bot.evaluation.runs.store.add_result",
    "bot.evaluation.runs.store.finish",
    "bot.policy.releases.editing.save",
    "bot.policy.releases.in_force.place",
    "bot.policy.releases.publishing.publish",
    "bot.register.thread.handing_in.hand_in",
    "bot.staff.invitations.accept",
    "bot.staff.people.change_person",
    "bot.storage.feedback.record",
}

pytestmark = pytest.mark.timeout(600 + _READS // 5)


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def url(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A database that several companies share, as a role reaches it that may do what the application may."""
    if request.param == "sqlite":
        place: Path = tmp_path_factory.mktemp("walls") / "madoguchi.db"
        shutil.copy(request.getfixturevalue("sqlite_template"), place)
        fill_all(f"sqlite:///{place}")
        yield f"sqlite:///{place}"
        return
    server, template = request.getfixturevalue("postgres_url"), request.getfixturevalue("postgres_template")
    for owners in postgres_database(server, template=template):
        fill_all(as_superuser(owners))
        admin = open_engine(as_superuser(owners), controller=EVERY)
        with admin.begin() as connection:
            connection.execute(text(f"CREATE ROLE {_ROLE} LOGIN"))
            for statement in grants(Base.metadata, TRAILS, _ROLE):
                connection.exec_driver_sql(statement)
        yield owners.replace(f"{ORDINARY}@", f"{_ROLE}@")
        with admin.begin() as connection:
            connection.execute(text(f"DROP OWNED BY {_ROLE}"))
            connection.execute(text(f"DROP ROLE {_ROLE}"))
        admin.dispose()


def fill_all(url: str) -> None:
    engine = open_engine(url, controller=EVERY)
    fill(engine, dict.fromkeys(_COMPANIES, _ROWS))
    engine.dispose()


@pytest.fixture
def engines(url: str) -> Iterator[dict[str, Engine]]:
    opened = {company: open_engine(url, controller=company) for company in _COMPANIES}
    yield opened
    for engine in opened.values():
        engine.dispose()


# Its keys are ours and say whose they are; that one of them is taken is all that a refusal could tell.
_TELL_OF_A_KEY = {"bot.storage.leases.acquire"}


def differences(engines: dict[str, Engine], reads: int) -> list[str]:
    """Where a company is told something else of another one's object than of one that was never there."""
    chance, told = random.Random(23), []  # noqa: S311 - no secret
    functions = {
        name: function for name, function in found().items() if can_be_called(function) and name not in _TELL_OF_A_KEY
    }
    names = sorted(functions)
    for _ in range(reads):
        name, number = chance.choice(names), chance.randrange(_ROWS)
        asks, owner = chance.sample(_COMPANIES, 2)
        ours = outcome(engines[asks], functions[name], asks, owner, number)
        if ours != outcome(engines[asks], functions[name], asks, _NOBODY, number):
            told.append(f"{name} told {asks} of {owner}: {ours}")
    return told


def test_every_function_that_opens_objects_by_a_name_is_asked() -> None:
    by_name = {name: function for name, function in found().items() if opens_by_name(function)}
    asked = {name for name, function in by_name.items() if can_be_called(function)}

    assert set(by_name) - asked == _TAKE_MORE
    assert len(asked) > 150


def test_of_another_company_s_object_one_is_told_what_one_is_told_of_nothing(engines: dict[str, Engine]) -> None:
    assert differences(engines, _READS) == []


def test_the_proof_finds_what_no_wall_keeps(url: str) -> None:
    if url.startswith("postgresql"):
        url = as_superuser(url)
    without = {company: open_engine(url, controller=EVERY) for company in _COMPANIES}

    assert len(differences(without, 200)) > 20

    for engine in without.values():
        engine.dispose()


def test_a_session_neither_finds_nor_changes_another_company_s_rows(engines: dict[str, Engine]) -> None:
    foreign = key_of("globex", "request", 0)
    with transaction(engines["acme"]) as session:
        assert session.get(Request, foreign) is None
        assert len(session.scalars(select(Request.id)).all()) == _ROWS
        changed = session.execute(update(Conversation).values(turns=9))
        assert changed.rowcount == _ROWS  # type: ignore[attr-defined]  # an update has one
        session.rollback()


def test_a_session_writes_no_row_of_another_company(engines: dict[str, Engine]) -> None:
    row = row_of("globex", Base.metadata.tables["conversation"], 0) | {"id": "x" * 32}

    with pytest.raises(RowIsForeignError), transaction(engines["acme"]) as session:
        session.add(Conversation(**row))


@pytest.mark.postgres
def test_what_postgresql_shows_of_any_table_is_the_company_s_own(server: str) -> None:
    seen = {table.name: controllers(server, "acme", table) for table in owned_tables()}

    assert seen == {table.name: {"acme"} for table in owned_tables()}


@pytest.mark.postgres
@pytest.mark.parametrize("controller", [None, "", "nobody", EVERY], ids=str)
def test_who_names_no_company_or_all_of_them_sees_nothing(server: str, controller: str | None) -> None:
    seen = {table.name: controllers(server, controller, table) for table in owned_tables()}

    assert seen == {table.name: set() for table in owned_tables()}


@pytest.mark.postgres
def test_nobody_touches_another_company_s_row(server: str) -> None:
    with speaking(server, "acme") as connection:
        for table in owned_tables():
            is_foreign = table.c.controller != "acme"
            for statement in (
                update(table).where(is_foreign).values(controller=table.c.controller),
                update(table).values(controller="globex"),
                delete(table).where(is_foreign),
            ):
                assert _touched(connection, statement) == 0, f"{table.name}: {statement}"
            row = row_of("globex", table, _ROWS + 1)
            assert _touched(connection, insert(table).values(**row)) == 0, table.name


@pytest.mark.postgres
def test_what_was_asked_of_several_companies_is_seen_by_these_and_nobody_else(server: str) -> None:
    for company, count in {"acme": _ROWS, "sister": len(_COMPANIES) * _ROWS, "ac": 0, "": 0, EVERY: 0}.items():
        with speaking(server, company) as connection:
            assert connection.scalar(text("SELECT count(*) FROM request_group")) == count, company


@pytest.mark.postgres
def test_nothing_of_it_holds_where_the_wall_is_taken_down(server: str) -> None:
    owner = open_engine(as_superuser(server), controller=EVERY)
    for table in owned_tables():
        with owner.begin() as connection:
            connection.execute(text(f"ALTER TABLE {table.name} DISABLE ROW LEVEL SECURITY"))
        assert controllers(server, "acme", table) == set(_COMPANIES)
        with owner.begin() as connection:
            connection.execute(text(f"ALTER TABLE {table.name} ENABLE ROW LEVEL SECURITY"))
    owner.dispose()


@pytest.mark.postgres
def test_the_application_s_role_spans_nothing_and_the_owner_does(server: str) -> None:
    bound = open_engine(server, controller=EVERY)
    with pytest.raises(RoleIsBoundError, match="owner"), reading(bound) as session:
        require_all(session)
    bound.dispose()
    owner = open_engine(server.replace(f"{_ROLE}@", f"{ORDINARY}@"), controller=EVERY)
    with reading(owner) as session:
        require_all(session)
        assert set(session.scalars(text("SELECT DISTINCT controller FROM request"))) == set(_COMPANIES)
    owner.dispose()


@pytest.mark.parametrize("name", ["a b", "a -c x=y", "", "Ａ", "a;b"])
def test_what_is_no_company_s_id_opens_no_connection(name: str) -> None:
    with pytest.raises(ValueError, match="no company"):
        startup(name)


@pytest.fixture
def server(url: str) -> str:
    if not url.startswith("postgresql"):
        pytest.skip("SQLite has no policies: whoever reads its file past our sessions reads all of it")
    return url


@contextmanager
def speaking(url: str, controller: str | None) -> Iterator[Connection]:
    """A connection past every session of ours; nothing of what it does stays."""
    options = {} if controller is None else {"options": f"-c madoguchi.controller={controller}"}
    engine = create_engine(url, connect_args=options)
    with engine.connect() as connection:
        yield connection
        connection.rollback()
    engine.dispose()


def controllers(url: str, controller: str | None, table: Table) -> set[str]:
    with speaking(url, controller) as connection:
        return set(connection.scalars(text(f"SELECT controller FROM {table.name}")))  # noqa: S608 - names of our own tables


def _touched(connection: Connection, statement: Executable) -> int:
    try:
        with connection.begin_nested() as part:
            count = connection.execute(statement).rowcount
            part.rollback()
    except DBAPIError:
        return 0
    return count
