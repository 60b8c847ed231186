"""Trails from before there were chains get the hashes that they would have got."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlalchemy import bindparam, text

from bot.register.drafts import open_draft
from bot.register.filing import file_draft
from bot.register.kinds import Kind
from bot.register.trail.links import broken_trails
from bot.storage.encryption import Vault
from bot.storage.engine import open_engine, reading, transaction
from bot.storage.hash_chain import Counted
from bot.storage.migrate import downgrade, upgrade
from bot.storage.types import UtcDateTime
from bot.storage.walls import EVERY

NOW = datetime(2026, 11, 23, 1, 30, 0, 123456, tzinfo=UTC)
VAULT = Vault(b"e" * 32, b"h" * 32)
# More than a migration takes at a time, so that one trail lies in two of its batches.
MORE = 5003


def fill(url: str) -> None:
    engine = open_engine(url, controller=EVERY)
    with transaction(engine) as session:
        for _ in range(3):
            draft = open_draft(
                session,
                controller="eparkrelax",
                conversation_id="c" * 32,
                channel="web",
                kinds=[Kind.DISCLOSURE, Kind.ERASURE],
                scope="会員情報",
                words="見せてから消してください",
                vault=VAULT,
                now=NOW,
            )
            file_draft(session, draft, now=NOW, vault=VAULT)
    engine.dispose()


def add_events(url: str) -> None:
    engine = open_engine(url, controller=EVERY)
    statement = text(
        "INSERT INTO audit (id, controller, request_id, position, at, actor, action, fields) "
        "VALUES (:id, 'eparkrelax', (SELECT min(id) FROM request), :position, :at, 'staff:青木', 'file:read', :fields)"
    ).bindparams(bindparam("at", type_=UtcDateTime))
    with engine.begin() as connection:
        connection.execute(
            statement,
            [
                {
                    "id": f"{number:032x}",
                    "position": number,
                    "at": NOW + timedelta(microseconds=number),
                    "fields": '["氏名", "a"]',
                }
                for number in range(2, MORE)
            ],
        )
    engine.dispose()


def hashes(url: str) -> list[tuple[str, str, str]]:
    engine = open_engine(url, controller=EVERY)
    with engine.connect() as connection:
        found = connection.execute(text("SELECT id, prev_hash, hash FROM audit ORDER BY id")).all()
    engine.dispose()
    return [(row.id, row.prev_hash, row.hash) for row in found]


def test_the_way_down_and_up_gives_the_same_hashes(empty_database_url: str) -> None:
    upgrade(empty_database_url)
    fill(empty_database_url)
    before = hashes(empty_database_url)

    downgrade(empty_database_url, "0008")
    upgrade(empty_database_url)

    assert hashes(empty_database_url) == before


def test_what_is_there_already_becomes_whole_chains(empty_database_url: str) -> None:
    upgrade(empty_database_url)
    fill(empty_database_url)
    downgrade(empty_database_url, "0008")
    add_events(empty_database_url)

    upgrade(empty_database_url)

    engine = open_engine(empty_database_url, controller=EVERY)
    counted = Counted()
    with reading(engine) as session:
        assert list(broken_trails(session, counted=counted)) == []
    engine.dispose()
    assert counted.events == MORE + 4
