"""Nothing sealed is overlooked: every column by its name, every value bound to its table, row and column."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Engine, LargeBinary, select, text
from sqlalchemy.exc import DBAPIError

import bot.evaluation.runs.models
import bot.policy.pgvector.models
import bot.policy.releases.models
import bot.register.tables
import bot.staff.models
import bot.storage.models  # noqa: F401 - all are imported for the tables they hang on Base.metadata
from bot.register.check import contradictions
from bot.storage.encryption import SEALED, Vault
from bot.storage.engine import Base, reading
from bot.storage.rotation import rotate, survey
from bot.storage.sealed_columns import SealedColumn, sealed_columns
from tests.support.sealed_everywhere import NOW, fill

_NOT_SEALED = {"packed_files"}
"""Binary columns that hold nothing personal: a policy's files as they were published."""

_OLD, _NEW, _HASH = b"o" * 32, b"n" * 32, b"h" * 32
_BEFORE = Vault(_OLD, _HASH)
_AFTER = Vault(_NEW, _HASH, keys_before=[_OLD])


def opened(engine: Engine, vault: Vault) -> dict[SealedColumn, list[bytes]]:
    """Every sealed value of the database, opened by nothing but the names of table, row and column."""
    found: dict[SealedColumn, list[bytes]] = {}
    with reading(engine) as session:
        for place in sealed_columns(engine):
            rows = session.execute(select(place.id, place.value).where(place.is_there).order_by(place.id))
            found[place] = [
                vault.open_bytes(value, table=place.table, row=row, column=place.name) for row, value in rows
            ]
    return found


def test_every_binary_column_is_sealed_by_its_name_and_found(engine: Engine) -> None:
    binary = {
        (table.name, column.name)
        for table in Base.metadata.tables.values()
        for column in table.columns
        if isinstance(column.type, LargeBinary)
    }
    sealed = {(table, column) for table, column in binary if column.startswith(SEALED)}

    assert {column for _, column in binary - sealed} == _NOT_SEALED
    assert {(place.table, place.name) for place in sealed_columns(engine)} == sealed
    assert {place.key for place in sealed_columns(engine)} == {"id"}


def test_every_value_is_bound_to_its_place_and_a_rotation_reaches_all(engine: Engine) -> None:
    fill(engine, _BEFORE)
    before = opened(engine, _BEFORE)
    list(rotate(engine, _AFTER))

    assert [place for place, values in before.items() if not values] == []
    assert opened(engine, Vault(_NEW, _HASH)) == before
    assert {held.is_current for held in survey(engine, _AFTER)} == {True}
    with reading(engine) as session:
        assert list(contradictions(session, now=NOW)) == []


def test_every_value_goes_under_the_key_of_its_tables_day(engine: Engine, tmp_path: Path) -> None:
    vault = Vault(_OLD, _HASH, period_keys_dir=tmp_path, clock=lambda: NOW)
    fill(engine, vault)

    assert all(opened(engine, vault).values())
    assert all(held.by_period and held.is_current for held in survey(engine, vault))
    assert {path.name.partition(".")[0] for path in tmp_path.glob("*.key")} == {
        place.table for place in sealed_columns(engine)
    }


def test_a_decision_is_not_rewritten_under_the_pretext_of_a_new_key(engine: Engine) -> None:
    fill(engine, _BEFORE)
    query = text("SELECT id, sealed_explanation FROM decision WHERE sealed_explanation IS NOT NULL")
    with engine.connect() as connection:
        row, sealed = connection.execute(query).one()
    place = {"table": "decision", "row": row, "column": "sealed_explanation"}
    plain = _BEFORE.open(sealed, **place)
    resealed = _AFTER.seal(plain, **place)

    assert not _is_taken(engine, "sealed_explanation = NULL", row)
    assert not _is_taken(engine, "sealed_explanation = sealed_detail", row)
    # Another header, but not as long as before; as long as before, but under the same key.
    assert not _is_taken(engine, "sealed_explanation = :value", row, _AFTER.seal(plain + "。", **place))
    assert not _is_taken(engine, "sealed_explanation = :value", row, _BEFORE.seal(plain, **place))
    assert not _is_taken(engine, "sealed_explanation = :value, outcome = 'granted'", row, resealed)
    assert _is_taken(engine, "sealed_explanation = :value", row, resealed)


def _is_taken(engine: Engine, change: str, row: str, value: bytes | None = None) -> bool:
    values = {"row": row} if value is None else {"row": row, "value": value}
    try:
        with engine.begin() as connection:
            connection.execute(text(f"UPDATE decision SET {change} WHERE id = :row"), values)  # noqa: S608 - our own
    except DBAPIError as error:
        return "is not rewritten" not in str(error)
    return True
