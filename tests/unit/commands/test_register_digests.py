from __future__ import annotations

import base64
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from bot.register.digests.files import public_key, read_private_key
from bot.register.digests.folder import Folder
from bot.register.digests.making import make_digest
from bot.storage.engine import reading
from tests.support.register_desk import CommandDesk
from tests.support.tampering import unguarded

KEY = base64.b64encode(b"d" * 32).decode()
PUBLIC = public_key(read_private_key(KEY))


@pytest.fixture
def folder(desk: CommandDesk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Folder:
    place = tmp_path / "elsewhere"
    place.mkdir()
    monkeypatch.setenv("MADOGUCHI_DIGESTS_DIR", str(place))
    monkeypatch.setenv("MADOGUCHI_DIGEST_KEY", KEY)
    desk.forget_settings()
    return Folder(place, tmp_path / "here", read_private_key(KEY))


def test_check_compares_the_trails_with_the_digests(desk: CommandDesk, engine: Engine, folder: Folder) -> None:
    number = desk.enter_by_phone()
    desk.run("check-arrival", number, as_="ken")
    assert "digest 2026-11-24T00Z: was not made" in desk.tried("check").stderr
    with reading(engine) as session:
        make_digest(session, folder, now=desk.now)
    assert desk.run("check") == "The register agrees with itself.\n"

    with unguarded(engine) as session:
        session.execute(text("DELETE FROM audit WHERE position = 2"))
        session.execute(text("UPDATE audit_head SET position = 1, hash = (SELECT hash FROM audit)"))
        session.commit()

    result = desk.tried("check")
    assert result.exit_code == 2
    assert result.stderr.splitlines() == [f"request {number}: its trail was cut off before event 2, as a digest knows"]
    for path in folder.place.iterdir():
        path.unlink()
    folder.place.rmdir()
    assert "digests: the folder cannot be read (FileNotFoundError)" in desk.tried("check").stderr


def test_whoever_holds_the_public_key_can_check_the_digests(desk: CommandDesk, engine: Engine, folder: Folder) -> None:
    verify = ("digest-verify", str(folder.place), "--key", PUBLIC)
    assert desk.tried("digest-key", as_="").stdout == f"{PUBLIC}\n"
    assert "no digest" in str(desk.tried(*verify, as_="").exception)
    with reading(engine) as session:
        made = make_digest(session, folder, now=desk.now)
    assert made is not None
    assert "1 digests" in desk.tried(*verify, as_="").stdout
    made.write_bytes(made.read_bytes().replace(b'"events":0', b'"events":1'))
    result = desk.tried(*verify, as_="")
    assert (result.exit_code, result.stderr) == (2, "digest 2026-11-24T01Z: is not what was signed\n")
    assert "No such file" in str(
        desk.tried("digest-verify", str(folder.place / "x"), "--key", PUBLIC, as_="").exception
    )


def test_a_folder_without_a_key_is_refused(desk: CommandDesk, folder: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    assert folder.old_keys == ()
    for key, says in (("", "needs MADOGUCHI_DIGEST_KEY"), ("AAAA", "not base64 of 32 bytes")):
        monkeypatch.setenv("MADOGUCHI_DIGEST_KEY", key)
        desk.forget_settings()
        assert says in desk.refused("check")
