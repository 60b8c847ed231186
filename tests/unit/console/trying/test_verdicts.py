from __future__ import annotations

import re

from sqlalchemy import text

from bot.staff.roles import Role
from tests.support.console import Desk

GIVEN = {
    "is_right": "0",
    "question": "開示の期間は",
    "reason": "営業日ではないはず",
    "kind": "answer",
    "sections": "2-5",
    "subject": "live",
    "digest": "d" * 64,
}


async def test_a_verdict_is_listed_until_it_is_deleted_and_sealed_meanwhile(desk: Desk) -> None:
    staff = await desk.signed_in(Role.COUNSELLOR, "sato")
    to, _ = await staff.post("/try/verdicts", GIVEN)
    page = await staff.get(to)
    for told in (
        "誤り",
        "開示の期間は",
        "営業日ではないはず",
        "見本 sato",
        "公開中",
        "カードを作る",
        "回帰テストに追加",
    ):
        assert told in page
    kept = await desk.console.read(
        lambda session: bytes(session.scalar(text("SELECT sealed_words FROM trial_verdict")))
    )
    assert "開示".encode() not in kept
    found = re.search(r"/try/verdicts/([0-9a-f]{32})/drop", page)
    assert found
    await staff.post(found[0])
    assert "まだありません" in await staff.get(to)
    await staff.post(found[0], status=400)


async def test_the_list_goes_on_page_by_page(desk: Desk) -> None:
    staff = await desk.signed_in(Role.COUNSELLOR)
    for number in range(31):
        await staff.post("/try/verdicts", GIVEN | {"reason": f"理由{number:02}"})
    page = await staff.get("/try/verdicts")
    following = re.search(r'after=([^"]+)" rel="next"', page)
    assert following
    rest = await staff.get(f"/try/verdicts?after={following[1]}")
    assert "理由00" in rest
    assert "理由30" not in rest
    assert "理由00" not in page
    await staff.get("/try/verdicts?after=x", status=400)


async def test_who_only_looks_gives_none(desk: Desk) -> None:
    viewer = await desk.signed_in(Role.VIEWER)
    await viewer.post("/try/verdicts", GIVEN, status=403)
    assert "まだありません" in await viewer.get("/try/verdicts")
