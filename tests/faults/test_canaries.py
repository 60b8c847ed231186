"""Whatever fails, nobody's data are in what processes say, count and answer, nor in clear in any file of the database.

`make prove-canaries` sends 1,000 canaries; tests/product has those that go through the real Rasa and its tracker.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import URL, Engine, create_engine, func, make_url, select, text

from bot.register.contacts import reveal
from bot.register.models import Contact, Request
from bot.storage.encryption import Vault
from bot.storage.engine import reading, transaction
from bot.storage.models import Inbound, Outbound
from tests.support import life_story
from tests.support.canaries import Canary, canary, leaked
from tests.support.canary_drill import Drill
from tests.support.postgres import as_superuser, server_programs
from tests.support.web_member import TickingClock, web_settings

CANARIES = int(os.environ.get("MADOGUCHI_PROOF_CANARIES", "3"))

pytestmark = pytest.mark.timeout(600 + 10 * CANARIES)


def test_canaries_are_nowhere_in_clear(engine: Engine, tmp_path: Path) -> None:
    canaries = [canary() for _ in range(CANARIES)]
    life_story.preload()
    drill = Drill(engine.url.render_as_string(hide_password=False), tmp_path)
    drill.send(canaries)
    expect_the_drill_took_place(engine, drill, canaries)

    looked_at = {"streams": drill.streams.read_bytes(), "errors": drill.errors.read_bytes(), "outbox": outbox(engine)}
    for path in (*files(engine, tmp_path), *tmp_path.glob("tracker-*.json")):
        looked_at[path.name] = path.read_bytes()
    assert leaked(canaries, looked_at) == set()
    # The search finds what stands there.
    assert leaked(canaries, {"their own": canaries[0].name.encode("utf-16-le")}) == {("their own", canaries[0].name)}
    assert any(b"eparkrelax" in content for name, content in looked_at.items() if name not in ("streams", "errors"))


def expect_the_drill_took_place(engine: Engine, drill: Drill, canaries: list[Canary]) -> None:
    """Everything failed that had to, and what was given on pages is there for those whom it is for."""
    said = drill.streams.read_text("utf-8")
    for event in ("turn_failed", "turn_answered", "notice_not_sent", "notice_undeliverable", "line_body_invalid"):
        assert event in said, event
    answered = {line[:4] for line in drill.errors.read_bytes().splitlines()}
    failed = b"503 " if engine.dialect.name == "sqlite" else b"500 "
    assert {b"401 ", b"403 ", b"404 ", b"409 ", b"413 ", failed} <= answered, answered
    with reading(engine) as session:
        assert session.scalar(select(func.count()).select_from(Contact)) == 2 * len(canaries)
        assert (session.scalar(select(func.count()).select_from(Inbound)) or 0) > 3 * len(canaries)
        drafts = session.scalars(select(Contact.draft_id)).all()
        requests = session.scalars(select(Request.id).where(Request.draft_id.in_(drafts))).all()
    vault, now = Vault.from_settings(web_settings("")), TickingClock()()
    with transaction(engine) as session:
        names = [reveal(session, one, vault=vault, actor="staff:x", now=now).name for one in requests]
    assert {name.reveal() for name in names if name is not None} == {one.name for one in canaries}


def outbox(engine: Engine) -> bytes:
    with reading(engine) as session:
        return repr(session.execute(select(Outbound.body, Outbound.recipient)).all()).encode()


def files(engine: Engine, folder: Path) -> Iterator[Path]:
    """The files of the database with their journals, as a thief would copy them, and a dump."""
    if engine.dialect.name == "sqlite":
        yield from folder.glob("madoguchi.db*")
        return
    socket = Path(str(engine.url.query["host"]))
    server = make_url(as_superuser(engine.url.render_as_string(hide_password=False)))
    thief = create_engine(server, isolation_level="AUTOCOMMIT")
    with thief.connect() as connection:
        connection.execute(text("CHECKPOINT"))
        oid = connection.scalar(text("SELECT oid FROM pg_database WHERE datname = current_database()"))
    thief.dispose()
    data = socket / "data"
    yield from (path for path in (data / "base" / str(oid)).iterdir() if path.is_file())
    yield from (path for path in (data / "pg_wal").iterdir() if path.is_file())
    yield dump(server, socket, folder)


def dump(server: URL, socket: Path, folder: Path) -> Path:
    programs = server_programs()
    assert programs is not None
    place = folder / "dump.sql"
    command = [str(programs / "pg_dump"), "-h", str(socket), "-U", str(server.username), "-f", str(place)]
    subprocess.run([*command, str(server.database)], check=True, timeout=300)
    return place
