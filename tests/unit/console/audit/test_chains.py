from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import select, text

from bot.register.digests.folder import Folder
from bot.register.digests.making import make_digest
from bot.register.trail.models import AuditCheck
from bot.staff.roles import Role
from bot.staff.trail import StaffAction
from tests.support.console import Desk, Staff
from tests.support.tampering import unguarded
from tests.support.view_logged import assert_view_logged
from tests.unit.console.audit.test_list import file_one


async def verified(desk: Desk, staff: Staff) -> str:
    """Presses the button, waits for the end, gives the page."""
    where, _ = await staff.post("/audit/verify")
    task = desk.console.background.find(f"audit chains {desk.console.controller}")
    assert task is not None
    assert await asyncio.to_thread(task.ended.wait, 60)
    assert task.fault == ""
    return await staff.get(where)


async def test_before_the_first_look_the_page_says_so(desk: Desk) -> None:
    officer = await desk.signed_in(Role.OFFICER)
    assert "まだ確認していません" in await officer.get("/audit")


async def test_whole_chains_are_told_with_the_moment_and_the_look_is_noted_and_kept(desk: Desk) -> None:
    officer = await desk.signed_in(Role.OFFICER, "sato")
    await desk.console.write(lambda session: file_one(session, desk.console.controller, events=3))

    with assert_view_logged(desk.console.engine, StaffAction.AUDIT_VERIFIED, actor=officer.actor):
        page = await verified(desk, officer)

    assert "異常なし" in page
    assert "最後の確認：" in page
    (kept,) = await desk.console.read(lambda session: list(session.scalars(select(AuditCheck))))
    assert (kept.by, kept.broken, kept.first_broken) == (officer.actor, 0, [])
    assert kept.events >= 4


async def test_what_is_broken_is_named(desk: Desk) -> None:
    officer = await desk.signed_in(Role.OFFICER)
    for _ in range(2):
        await officer.get("/audit")
    filed = await desk.console.write(lambda session: file_one(session, desk.console.controller, events=3))
    with unguarded(desk.console.engine) as session:
        session.execute(text("UPDATE audit SET actor = 'x' WHERE position = 2"))
        session.execute(text("DELETE FROM staff_event WHERE position = 1"))
        session.commit()

    page = await verified(desk, officer)

    assert "2か所に異常" in page
    assert f"請求 {filed.number}の2番目：書き換えられています" in page
    assert "コンソールの記録の1番目：記録がなくなっています" in page


async def test_the_piece_alone_holds_no_page(desk: Desk) -> None:
    officer = await desk.signed_in(Role.OFFICER)
    piece = await officer.get("/audit/status")
    assert "記録のつながり" in piece
    assert "<html" not in piece


async def test_what_digests_know_and_whether_they_are_there_is_told(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    officer = await desk.signed_in(Role.OFFICER)
    assert "控えを外に保管する設定がありません" in await officer.get("/audit")
    folder = Folder(tmp_path / "elsewhere", tmp_path / "here", Ed25519PrivateKey.from_private_bytes(b"d" * 32))
    monkeypatch.setattr("bot.console.audit.checking.open_folder", lambda _settings: folder)
    assert "確認が必要です" in await officer.get("/audit")
    folder.place.mkdir()
    filed = await desk.console.write(lambda session: file_one(session, desk.console.controller, events=1))
    await desk.console.read(lambda session: make_digest(session, folder, now=desk.console.clock()))
    page = await verified(desk, officer)
    assert "外に保管した控え：最新は" in page
    assert "最後の確認では記録と一致しています" in page

    with unguarded(desk.console.engine) as session:
        session.execute(text("DELETE FROM audit WHERE position = 2"))
        session.execute(text("UPDATE audit_head SET position = 1, hash = (SELECT hash FROM audit)"))
        session.commit()
    (digest,) = folder.place.iterdir()
    digest.rename(digest.with_name("heads-20261101T00Z.json"))

    page = await verified(desk, officer)
    assert f"請求 {filed.number}の2番目：ここから後の記録がなくなっています" in page
    assert "外に保管した控え（2026年11月01日09時）：書き換えられています" in page
    assert "遅れています" in page
