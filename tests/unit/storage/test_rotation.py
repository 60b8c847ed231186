"""Changing the settings' key while everybody goes on: nothing is ever unreadable, and what was killed goes on.

`make prove-secrets` has 100,000 rows and 20 kills on each database.
"""

from __future__ import annotations

import os
import random
import secrets
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, func, insert, select, update

from bot.staff import second_factor
from bot.staff.accounts import NewAccount, invite
from bot.staff.roles import Role
from bot.storage import sealed_columns
from bot.storage.encryption import Vault
from bot.storage.engine import open_engine, reading, transaction
from bot.storage.keyring import Key, name_of
from bot.storage.models import Member
from bot.storage.rotation import rotate, survey
from tests.support.databases import postgres_database

_ROWS = int(os.environ.get("MADOGUCHI_PROOF_ROWS", "600"))
_KILLS = int(os.environ.get("MADOGUCHI_PROOF_KILLS", "1"))
_BATCH = min(sealed_columns.MOST_ROWS, max(_ROWS // 40, 20))
_READ_EACH = 0.001
_OLD, _NEW, _HASH = b"o" * 32, b"n" * 32, b"h" * 32
_BEFORE = Vault(_OLD, _HASH)
_AFTER = Vault(_NEW, _HASH, keys_before=[_OLD])
_NOW = datetime(2026, 11, 26, 3, 0, tzinfo=UTC)

# What `madoguchi keys rotate` runs, with a line for each batch.
_ROTATION = f"""
import sys
from bot.staff import second_factor
from bot.staff.accounts import NewAccount, invite
from bot.staff.roles import Role
from bot.storage import sealed_columns
from bot.storage.encryption import Vault
from bot.storage.engine import open_engine
from bot.storage.rotation import rotate
sealed_columns.MOST_ROWS = {_BATCH}
vault = Vault({_NEW!r}, {_HASH!r}, keys_before=[{_OLD!r}])
for batch in rotate(open_engine(sys.argv[1], controller="*", patience=60), vault):
    print(batch.rewritten, flush=True)
"""

pytestmark = [pytest.mark.companies, pytest.mark.timeout(600 + _ROWS // 50)]


@pytest.fixture
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sealed_columns, "MOST_ROWS", _BATCH)


def place(row: str) -> dict[str, str]:
    return {"table": "member", "row": row, "column": "sealed_user"}


def fill(engine: Engine, count: int, vault: Vault = _BEFORE) -> list[str]:
    ids = sorted(secrets.token_hex(16) for _ in range(count))
    rows = [
        {
            "id": id_,
            "controller": "c",
            "channel": "web",
            "user_hash": secrets.token_hex(32),
            "sealed_user": vault.seal(f"user {id_}", **place(id_)),
            "created_at": _NOW,
        }
        for id_ in ids
    ]
    with transaction(engine) as session:
        session.execute(insert(Member), rows)
    return ids


def test_ids_that_two_companies_have_alike_are_told_apart(engine: Engine, database_url: str) -> None:
    """Of staff: an id alone names two rows, one of which is under a key that is gone."""
    gone = Vault(b"g" * 32, _HASH)
    for controller, vault in (("a", gone), ("b", _BEFORE), ("c", _AFTER)):
        company = open_engine(database_url, controller=controller)
        with transaction(company) as session:
            somebody = NewAccount("ken", "見本 健", "ken@example.jp", Role.OFFICER)
            second_factor.seal(invite(session, somebody, controller=controller, by="test", now=_NOW), "JBSWY3DP", vault)
        company.dispose()

    def kept() -> dict[str, tuple[int, bool, bool]]:
        found = [held for held in survey(engine, _AFTER) if held.column.table == "staff_account"]
        return {str(held.key): (held.count, held.is_known, held.is_current) for held in found}

    old, new, lost = (name_of(Key(key).header) for key in (_OLD, _NEW, b"g" * 32))
    assert kept() == {old: (1, True, False), new: (1, True, True), lost: (1, False, False)}
    list(rotate(engine, _AFTER))
    assert kept() == {new: (2, True, True), lost: (1, False, False)}


def under(engine: Engine, key: bytes) -> int:
    header = func.substr(Member.sealed_user, 1, 9, type_=Member.sealed_user.type)
    with reading(engine) as session:
        return session.scalar(select(func.count()).where(header == Key(key).header)) or 0


class Reader:
    """Reads row after row by chance, as the console and the channels do, and notes what could not be read."""

    def __init__(self, engine: Engine, ids: list[str]) -> None:
        self.reads = 0
        self.failures: list[str] = []
        self._engine, self._ids, self._over = engine, ids, threading.Event()
        self._thread = threading.Thread(target=self._run)

    @contextmanager
    def running(self) -> Iterator[None]:
        self._thread.start()
        try:
            yield
        finally:
            self._over.set()
            self._thread.join()
        assert self.reads
        assert self.failures == []

    def _run(self) -> None:
        chance = random.Random(1)  # noqa: S311 - nothing secret hangs on it
        while not self._over.wait(_READ_EACH):
            self._read(chance.choice(self._ids))

    def _read(self, id_: str) -> None:
        self.reads += 1
        try:
            with reading(self._engine) as session:
                sealed = session.scalar(select(Member.sealed_user).where(Member.id == id_)) or b""
            if _AFTER.open(sealed, **place(id_)) not in {f"user {id_}", "changed"}:
                self.failures.append(f"{id_}: another text")
        except Exception as error:  # noqa: BLE001 - whatever it is, somebody could not read
            self.failures.append(f"{id_}: {error!r}")


@pytest.mark.usefixtures("small_batches")
def test_everybody_reads_and_writes_while_two_rotations_are_at_it(engine: Engine) -> None:
    ids = fill(engine, _ROWS)
    reader = Reader(engine, ids)
    # One process has the new settings already, another seals with the key of before until it is started anew.
    written = {ids[-1]: _AFTER, ids[-2]: _BEFORE}

    def write() -> None:
        for id_, vault in written.items():
            with transaction(engine) as session:
                values = {"sealed_user": vault.seal("changed", **place(id_))}
                session.execute(update(Member).where(Member.id == id_).values(values))

    threads = [threading.Thread(target=lambda: list(rotate(engine, _AFTER))) for _ in range(2)]
    with reader.running():
        for thread in (*threads, writer := threading.Thread(target=write)):
            thread.start()
        for thread in (*threads, writer):
            thread.join()
        list(rotate(engine, _AFTER))
    print(f"{engine.dialect.name}: {_ROWS} rows, {reader.reads} reads, 0 failed")  # noqa: T201 - the figures

    assert under(engine, _NEW) == _ROWS
    with reading(engine) as session:
        texts = {row.id: _AFTER.open(row.sealed_user, **place(row.id)) for row in session.scalars(select(Member))}
    assert texts == {id_: f"user {id_}" for id_ in ids} | dict.fromkeys(written, "changed")


def test_a_rotation_killed_at_any_moment_goes_on(engine: Engine, database_url: str) -> None:
    ids = fill(engine, _ROWS)
    reader, done = Reader(engine, ids), [0]
    chance = random.Random(_ROWS)  # noqa: S311 - as above
    with reader.running():
        for _ in range(_KILLS):
            _rotate_and_kill(database_url, after=chance.randint(1, max(_ROWS // _BATCH // (2 * _KILLS), 1)))
            done.append(under(engine, _NEW))
        finished = sum(batch.rewritten for batch in rotate(engine, _AFTER))
    print(f"{engine.dialect.name}: done at each kill {done[1:]}, {reader.reads} reads, 0 failed")  # noqa: T201

    assert done == sorted(done)
    assert 0 < done[-1] < _ROWS
    assert finished == _ROWS - done[-1]
    assert under(engine, _NEW) == _ROWS


def _rotate_and_kill(url: str, *, after: int) -> None:
    with subprocess.Popen([sys.executable, "-c", _ROTATION, url], stdout=subprocess.PIPE) as rotation:
        assert rotation.stdout is not None
        for _ in range(after):
            assert rotation.stdout.readline()
        rotation.kill()


def test_only_what_is_under_another_key_is_written(engine: Engine) -> None:
    fill(engine, 3, _AFTER)
    (old,) = fill(engine, 1)
    with reading(engine) as session:
        before = dict(session.execute(select(Member.id, Member.sealed_user)).all())
    batches = list(rotate(engine, _AFTER))
    with reading(engine) as session:
        after = dict(session.execute(select(Member.id, Member.sealed_user)).all())

    assert sum(batch.rewritten for batch in batches) == 1
    assert {id_ for id_ in after if after[id_] != before[id_]} == {old}
    assert list(rotate(engine, _AFTER)) == []


def test_what_is_there_is_told_by_key_and_what_no_key_opens_is_left(engine: Engine) -> None:
    (broken,) = fill(engine, 1, Vault(b"u" * 32, _HASH))
    fill(engine, 2)
    (headless, chance) = fill(engine, 2, _AFTER)
    with transaction(engine) as session:
        for id_, nonce in ((headless, b"\x00" * 12), (chance, b"\x01" * 12)):
            sealed = nonce + Key(_OLD)._cipher.encrypt(nonce, b"old", "\x00".join(place(id_).values()).encode())
            session.execute(update(Member).where(Member.id == id_).values(sealed_user=sealed))
    told = {(held.key, held.is_known, held.is_current): held.count for held in survey(engine, _AFTER)}
    rewritten = sum(batch.rewritten for batch in rotate(engine, _AFTER))
    after = {(held.key, held.is_known, held.is_current): held.count for held in survey(engine, _AFTER)}

    unknown = (Key(b"u" * 32).name, False, False)
    assert told == {unknown: 1, (Key(_OLD).name, True, False): 2, (None, True, False): 2}
    assert rewritten == 4
    assert after == {unknown: 1, (Key(_NEW).name, True, True): 4}
    with reading(engine) as session:
        row = session.get_one(Member, broken)
    assert Vault(b"u" * 32, _HASH).open(row.sealed_user, **place(broken)) == f"user {broken}"


def test_values_move_under_the_keys_of_days_and_stay_there(engine: Engine, tmp_path: Path) -> None:
    ids = fill(engine, 3)
    later = [_NOW]
    vault = Vault(_NEW, _HASH, keys_before=[_OLD], period_keys_dir=tmp_path, clock=lambda: later[0])
    first = sum(batch.rewritten for batch in rotate(engine, vault))
    later[0] += timedelta(days=3)

    assert (first, list(rotate(engine, vault))) == (3, [])
    assert [(held.by_period, held.is_current, held.count) for held in survey(engine, vault)] == [(True, True, 3)]
    with reading(engine) as session:
        assert {vault.open(row.sealed_user, **place(row.id)) for row in session.scalars(select(Member))} == {
            f"user {id_}" for id_ in ids
        }


@pytest.fixture
def on_postgresql(postgres_url: str, postgres_template: str) -> Iterator[Engine]:
    for url in postgres_database(postgres_url, template=postgres_template):
        opened = open_engine(url, controller="*")
        yield opened
        opened.dispose()


@pytest.mark.postgres
def test_a_row_that_somebody_holds_is_passed_over_and_found_again(on_postgresql: Engine) -> None:
    engine = on_postgresql
    ids = fill(engine, 3)
    rotation = rotate(engine, _AFTER)
    with transaction(engine) as session:
        session.execute(select(Member).where(Member.id == ids[0]).with_for_update())
        first = next(rotation)

    assert first.rewritten == 2
    assert sum(batch.rewritten for batch in rotation) == 1
