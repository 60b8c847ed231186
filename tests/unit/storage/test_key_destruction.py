"""Period keys end with what they sealed: nothing that somebody needs goes, nothing that nobody needs stays.

On PostgreSQL the bytes of deleted rows stay in heap and log. The last test copies a server's files, finds them there,
and tries every key that is left on them.
"""

from __future__ import annotations

import secrets
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import cast

import pytest
from sqlalchemy import Engine, create_engine, delete, func, make_url, select, text

from bot.channels.gateway import Gateway
from bot.channels.key_keeping import KeyKeeping
from bot.storage import conversations, key_destruction
from bot.storage.conversations import Sender
from bot.storage.encryption import KeyIsUnknownError, SealIsBrokenError, Vault
from bot.storage.engine import open_engine, reading, transaction
from bot.storage.models import Member
from bot.storage.period_keys import PeriodKey, PeriodKeys
from bot.storage.retiring import RetiredKey, retire
from bot.storage.sealed_columns import sealed_columns
from tests.support.databases import postgres_database
from tests.support.postgres import as_superuser

pytestmark = pytest.mark.companies

_KEY, _HASH = b"n" * 32, b"h" * 32
_DAY = timedelta(days=1)


@dataclass
class Place:
    """A database and its folder of keys, on a day that moves by hand."""

    engine: Engine
    folder: Path
    now: datetime = field(default_factory=lambda: datetime(2026, 11, 26, 3, 0, tzinfo=UTC))

    def __post_init__(self) -> None:
        self.vault = Vault(_KEY, _HASH, period_keys_dir=self.folder, clock=lambda: self.now)
        assert self.vault.period_keys is not None
        self.keys: PeriodKeys = self.vault.period_keys
        self.settings = None

    def clock(self) -> datetime:
        return self.now

    def add(self, user: str) -> Member:
        with transaction(self.engine) as session:
            return conversations.add_member(session, Sender("c", "web", user), vault=self.vault, now=self.now)

    def delete(self, member: Member) -> None:
        with transaction(self.engine) as session:
            row = session.get_one(Member, member.id)
            retire(session, [row.sealed_user, None, b""])
            session.delete(row)

    def users(self) -> set[str]:
        with reading(self.engine) as session:
            ids = session.scalars(select(Member.id)).all()
            return {conversations.user_key(session, id_, vault=self.vault) for id_ in ids}

    def names(self) -> list[str]:
        return sorted(path.name for path in self.folder.glob("*.key"))

    def due(self) -> list[PeriodKey]:
        return key_destruction.due(self.engine, self.keys, now=self.now)

    async def sweep(self) -> None:
        await KeyKeeping(cast("Gateway", self)).sweep()


@pytest.fixture
def here(engine: Engine, tmp_path: Path) -> Place:
    folder = tmp_path / "keys"
    folder.mkdir()
    return Place(engine, folder)


async def test_what_survives_is_sealed_anew_and_the_key_goes(here: Place) -> None:
    gone = here.add("gone")
    here.add("stays")
    here.delete(gone)
    here.now += _DAY
    await here.sweep()
    assert here.names() == ["member.2026-11-26.2026-11-26.key"]
    here.now += _DAY
    await here.sweep()

    assert here.names() == ["member.2026-11-26.2026-11-28.key"]
    assert here.users() == {"stays"}
    with pytest.raises(KeyIsUnknownError):
        here.vault.open(gone.sealed_user, table="member", row=gone.id, column="sealed_user")
    with reading(here.engine) as session:
        assert session.scalar(select(func.count(RetiredKey.id))) == 0


async def test_a_key_that_nothing_needs_goes_though_nobody_noted_it(here: Place) -> None:
    here.add("gone")
    with transaction(here.engine) as session:
        session.execute(delete(Member))
    here.now += _DAY
    await here.sweep()
    assert len(here.names()) == 1
    here.now += _DAY
    await here.sweep()

    assert here.names() == []


async def test_a_key_that_a_row_needs_stays(here: Place) -> None:
    here.add("stays")
    here.now += 40 * _DAY
    await here.sweep()
    (needed,) = here.keys.look()

    assert not key_destruction.destroy(here.engine, here.keys, needed)
    assert here.users() == {"stays"}


async def test_the_keys_of_tables_that_this_database_does_not_have_stay(here: Place) -> None:
    here.keys.of_today("elsewhere")
    here.now += 40 * _DAY
    await here.sweep()

    assert here.names() == ["elsewhere.2026-11-26.2026-11-26.key"]


def test_notes_of_keys_that_are_gone_are_forgotten(here: Place) -> None:
    with transaction(here.engine) as session:
        session.add(RetiredKey(id="x", header=(b"\x02" + bytes(8)).hex()))
    assert here.due() == []
    here.now += _DAY
    assert here.due() == []

    with reading(here.engine) as session:
        assert session.scalar(select(func.count(RetiredKey.id))) == 0


def test_a_deletion_that_is_taken_back_notes_nothing(here: Place) -> None:
    member = here.add("stays")
    with transaction(here.engine) as session:
        retire(session, [member.sealed_user])
        session.rollback()

    with reading(here.engine) as session:
        assert session.scalar(select(func.count(RetiredKey.id))) == 0


def test_what_the_settings_key_sealed_notes_nothing(engine: Engine) -> None:
    sealed = Vault(_KEY, _HASH).seal("x", table="member", row="r", column="sealed_user")
    with transaction(engine) as session:
        retire(session, [sealed, None, b""])
        assert session.scalar(select(func.count(RetiredKey.id))) == 0


@pytest.fixture
def own_server_database(postgres_url: str, postgres_template: str) -> Iterator[str]:
    yield from postgres_database(postgres_url, template=postgres_template)


@pytest.mark.postgres
async def test_copied_files_of_the_server_tell_nothing_of_what_was_deleted(
    own_server_database: str, tmp_path: Path
) -> None:
    folder = tmp_path / "keys"
    folder.mkdir()
    here = Place(open_engine(own_server_database, controller="*"), folder)
    canary = f"canary-{secrets.token_hex(12)}"
    gone = [here.add(f"{canary}-{number}") for number in range(20)]
    here.add("stays")
    shutil.copytree(folder, tmp_path / "keys-before")
    for member in gone:
        here.delete(member)
    here.now += _DAY
    here.due()
    here.now += _DAY
    await here.sweep()
    files = _files_of_server(here, tmp_path / "copy")
    found = [member for member in gone for content in files if member.sealed_user in content]

    assert found, "the bytes stay: what follows is tried on them"
    assert not any(canary.encode() in content for content in files)
    with_keys_of_before = Vault(_KEY, _HASH, period_keys_dir=tmp_path / "keys-before")
    assert all(_opened(with_keys_of_before, member) == member_user for member, member_user in _users(gone, canary))
    shutil.copytree(folder, tmp_path / "keys-left")
    left = Vault(_KEY, _HASH, period_keys_dir=tmp_path / "keys-left")
    assert {_opened(left, member) for member in found} == {None}
    assert _decryptable(files, left, gone) == set()
    assert here.users() == {"stays"}
    here.engine.dispose()


def _users(members: list[Member], canary: str) -> list[tuple[Member, str]]:
    return [(member, f"{canary}-{number}") for number, member in enumerate(members)]


def _opened(vault: Vault, member: Member) -> str | None:
    try:
        return vault.open(member.sealed_user, table="member", row=member.id, column="sealed_user")
    except SealIsBrokenError:
        return None


def _files_of_server(here: Place, copy: Path) -> list[bytes]:
    server = create_engine(as_superuser(here.engine.url.render_as_string(hide_password=False)))
    with server.connect() as connection:
        connection.execute(text("CHECKPOINT"))
    server.dispose()
    data = Path(str(make_url(here.engine.url).query["host"])) / "data"
    shutil.copytree(data, copy, ignore=shutil.ignore_patterns("postmaster.*"))
    return [path.read_bytes() for path in copy.rglob("*") if path.is_file()]


def _decryptable(files: list[bytes], vault: Vault, gone: list[Member]) -> set[str]:
    """What opens, of everything in the files that begins like something sealed for one of these rows."""
    assert vault.period_keys is not None
    headers = [key.key.header for key in vault.period_keys.look()]
    headers += [key.header for key in vault.keyring]
    length = len(gone[0].sealed_user)
    opened = set()
    for content in files:
        for header in headers:
            at = content.find(header)
            while at >= 0:
                for member in gone:
                    member.sealed_user = content[at : at + length]
                    if (plain := _opened(vault, member)) is not None:
                        opened.add(plain)
                at = content.find(header, at + 1)
    return opened


def test_every_table_with_sealed_columns_has_one_text_for_a_key(engine: Engine) -> None:
    assert {place.key for place in sealed_columns(engine)} == {"id"}
