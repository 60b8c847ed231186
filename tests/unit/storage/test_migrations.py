from __future__ import annotations

from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import inspect, text
from sqlalchemy.exc import DBAPIError

import bot.evaluation.runs.models
import bot.incidents.models
import bot.policy.pgvector.models
import bot.policy.releases.models
import bot.register.tables
import bot.staff.models
import bot.storage.models
import bot.storage.rate_counts
import bot.storage.retiring  # noqa: F401 - all are imported for the tables they hang on Base.metadata
from bot.storage.engine import Base, open_engine
from bot.storage.migrate import downgrade, upgrade
from bot.storage.walls import EVERY, Owned

_SCRIPTS = ScriptDirectory(str(Path(__file__).parents[3] / "migrations"))
_OF_POSTGRESQL = {"0018"}
"""Migrations that change nothing of an SQLite file."""

_REVISIONS = [script.revision for script in reversed(list(_SCRIPTS.walk_revisions()))]


def _tables(url: str) -> set[str]:
    engine = open_engine(url, controller=EVERY)
    try:
        return set(inspect(engine).get_table_names()) - {"alembic_version"}
    finally:
        engine.dispose()


def _policies(url: str) -> set[tuple[str, str | None]]:
    if not url.startswith("postgresql"):
        return set()
    engine = open_engine(url, controller=EVERY)
    walled = (
        "SELECT relname, polname FROM pg_policy JOIN pg_class ON pg_class.oid = polrelid "
        "WHERE relrowsecurity AND relforcerowsecurity"
    )
    try:
        with engine.connect() as connection:
            return {(table, policy) for table, policy in connection.execute(text(walled))}
    finally:
        engine.dispose()


def _columns_and_indexes(url: str) -> set[tuple[str, str | None]]:
    engine = open_engine(url, controller=EVERY)
    try:
        found = inspect(engine)
        tables = set(found.get_table_names()) - {"alembic_version"}
        columns = {(table, column["name"]) for table in tables for column in found.get_columns(table)}
        return (
            columns
            | _policies(url)
            | {(table, index["name"]) for table in tables for index in found.get_indexes(table)}
        )
    finally:
        engine.dispose()


def _keys(url: str) -> set[tuple[str, ...]]:
    """What is single in each table: the columns of primary keys and unique constraints."""
    engine = open_engine(url, controller=EVERY)
    try:
        found = inspect(engine)
        return {
            (table, *key)
            for table in found.get_table_names()
            for key in (
                found.get_pk_constraint(table)["constrained_columns"],
                *(unique["column_names"] for unique in found.get_unique_constraints(table)),
            )
        }
    finally:
        engine.dispose()


def _checks(url: str) -> dict[tuple[str, str | None], str]:
    engine = open_engine(url, controller=EVERY)
    try:
        found = inspect(engine)
        return {
            (table, check["name"]): " ".join(check["sqltext"].split())
            for table in found.get_table_names()
            for check in found.get_check_constraints(table)
        }
    finally:
        engine.dispose()


def test_schema_equals_models(empty_database_url: str) -> None:
    upgrade(empty_database_url)
    engine = open_engine(empty_database_url, controller=EVERY)
    with engine.connect() as connection:
        differences = compare_metadata(MigrationContext.configure(connection), Base.metadata)
    engine.dispose()

    assert differences == []


def test_checks_equal_models(sqlite_template: Path, tmp_path: Path) -> None:
    # Alembic compares no checks; a word that the models allow and the schema does not would fail when it is written.
    # The databases spell a check differently, so that one of them has to do; migrations write it for both alike.
    made = f"sqlite:///{tmp_path / 'models.db'}"
    engine = open_engine(made)
    Base.metadata.create_all(engine)
    engine.dispose()

    assert _checks(made) == _checks(f"sqlite:///{sqlite_template}")


def test_every_table_names_its_controller() -> None:
    without = [name for name, table in Base.metadata.tables.items() if "controller" not in table.columns]

    # The key of a table's day is nobody's in particular, a database is restored whole, whoever's is in it, and what was
    # asked of several companies at once is all of theirs: it names them.
    assert sorted(without) == ["request_group", "restoration", "retired_key"]


def test_what_belongs_to_a_company_has_a_wall_in_the_classes_and_on_postgresql(empty_database_url: str) -> None:
    upgrade(empty_database_url)
    owned = {name for name, table in Base.metadata.tables.items() if "controller" in table.columns}
    walled = {mapper.local_table for mapper in Base.registry.mappers if issubclass(mapper.class_, Owned)}

    assert {str(table) for table in walled} == owned
    if empty_database_url.startswith("postgresql"):
        assert _policies(empty_database_url) == {(name, "own_rows") for name in (*owned, "request_group")}


def test_up_again_changes_nothing(empty_database_url: str) -> None:
    upgrade(empty_database_url)
    upgrade(empty_database_url)

    assert _tables(empty_database_url) == set(Base.metadata.tables)


@pytest.mark.parametrize("revision", _REVISIONS)
def test_each_migration_goes_up_down_and_up(empty_database_url: str, revision: str) -> None:
    upgrade(empty_database_url, revision)
    there, keys = _columns_and_indexes(empty_database_url), _keys(empty_database_url)
    downgrade(empty_database_url, "-1")
    before, keys_before = _columns_and_indexes(empty_database_url), _keys(empty_database_url)
    upgrade(empty_database_url, revision)

    assert before <= there
    assert (before, keys_before) != (there, keys) or (
        revision in _OF_POSTGRESQL and empty_database_url.startswith("sqlite")
    )
    assert (_columns_and_indexes(empty_database_url), _keys(empty_database_url)) == (there, keys)


def test_what_was_filed_before_the_flag_is_unflagged_and_its_arrival_stays_fixed(empty_database_url: str) -> None:
    upgrade(empty_database_url, "0002")
    engine = open_engine(empty_database_url, controller=EVERY)
    with engine.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO draft (id, controller, conversation_id, channel, kinds, is_test, created_at) "
                "VALUES ('d', 'c', 'v', 'web', '[\"inquiry\"]', false, '2026-11-23 01:30:00+00')"
            )
        )
        connection.execute(
            text(
                "INSERT INTO request (id, controller, number, draft_id, kind, state, conversation_id, channel, is_test,"
                " received_at) VALUES ('r', 'c', 'K1', 'd', 'inquiry', 'received', 'v', 'web', false,"
                " '2026-11-23 01:30:00+00')"
            )
        )
    upgrade(empty_database_url)
    with engine.connect() as connection:
        flags = [
            connection.scalar(text("SELECT without_delay FROM draft")),
            connection.scalar(text("SELECT without_delay FROM request")),
        ]
    with pytest.raises(DBAPIError, match="never change"), engine.begin() as connection:
        connection.execute(text("UPDATE request SET number = 'K2'"))
    engine.dispose()

    assert [bool(flag) for flag in flags] == [False, False]


def test_all_the_way_down_leaves_no_table(empty_database_url: str) -> None:
    upgrade(empty_database_url)
    downgrade(empty_database_url, "base")

    assert _tables(empty_database_url) == set()
