"""A database with pgvector is backed up, and restored by a role that may make no extension to a server without it."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import create_engine, make_url, text

from bot.backup.dumping import dump_postgresql, restore_postgresql
from bot.policy.pgvector.engine import PgvectorEngine
from bot.storage.engine import open_engine
from bot.storage.walls import EVERY
from tests.support.pgvector import make_database, url_of, vector_programs
from tests.support.postgres import as_superuser
from tests.support.vector_cases import GramEmbedder, companies

pytestmark = pytest.mark.postgres


def test_vectors_come_back_and_the_extension_stays_the_servers_matter(
    vector_server: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The programs have to be as new as the server.
    monkeypatch.setenv("PATH", str(vector_programs()), prepend=":")
    make_database(vector_server, "dumped")
    engine = PgvectorEngine(url_of(vector_server, "dumped"), answer_within=60.0)
    engine.open(companies(1, 12)[0], GramEmbedder())
    engine.close()
    administer(vector_server, "CREATE ROLE plain LOGIN", "CREATE DATABASE restored OWNER plain")

    source = open_engine(url_of(vector_server, "dumped"), controller=EVERY)
    with source.begin() as connection:
        snapshot = connection.scalar(text("SELECT pg_export_snapshot()"))
        dump_postgresql(make_url(url_of(vector_server, "dumped")), tmp_path / "dump", snapshot=snapshot)
        rows = connection.scalar(text("SELECT count(*) FROM vector_row"))
    source.dispose()
    place = make_url(url_of(vector_server, "restored")).set(username="plain")
    restore_postgresql(place, tmp_path / "dump")

    restored = open_engine(place.render_as_string(hide_password=False), controller=EVERY)
    with restored.connect() as connection:
        assert rows
        assert connection.scalar(text("SELECT count(*) FROM vector_row")) == rows
        assert connection.scalar(text("SELECT count(*) FROM pg_extension WHERE extname = 'vector'")) == 0
    restored.dispose()


def administer(server: str, *statements: str) -> None:
    engine = create_engine(as_superuser(server), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        for statement in statements:
            connection.execute(text(statement))
    engine.dispose()
