from __future__ import annotations

from pathlib import Path

import pytest

from bot.evaluation.regression.files import find_set
from bot.staff.roles import Role
from tests.support.console import Desk
from tests.support.regression import POLICY

CASE = {
    "set": "periods",
    "id": "hours",
    "question": "窓口は何時までですか",
    "expect": "answer",
    "sections": "2-5 2-6",
    "include": "午前10時\n午後7時",
    "confirmed": "1",
}


async def test_a_case_gets_into_the_file_of_its_set(desk: Desk, sets: Path) -> None:
    staff = await desk.signed_in(Role.COUNSELLOR)
    to, _ = await staff.post("/tests/cases", CASE)
    assert to == "/tests/sets/periods"
    case = find_set(sets, POLICY, "periods").cases[-1]
    assert (case.id, case.title) == ("hours", "窓口は何時までですか")
    assert case.rows[0].sections == ("2-5", "2-6")
    assert case.rows[0].key_facts == ("午前10時", "午後7時")
    assert case.source.startswith("コンソールから追加")
    assert "窓口は何時までですか" in await staff.get("/tests/sets/periods")


async def test_kinds_that_must_not_come_are_ticked_and_stay_ticked(desk: Desk, sets: Path) -> None:
    staff = await desk.signed_in(Role.COUNSELLOR)
    unwanted = CASE | {"forbid": "receipt"}
    _, page = await staff.post("/tests/cases", unwanted | {"confirmed": ""}, status=400)
    assert 'value="receipt" checked> 受付</label>' in page
    await staff.post("/tests/cases", unwanted)
    assert find_set(sets, POLICY, "periods").cases[-1].rows[0].forbidden == ("receipt",)


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"confirmed": ""}, "チェックを入れて"),
        ({"question": "電話は090-1234-5678です。窓口は"}, "連絡先や番号"),
        ({"question": "［お名前］の情報は"}, "伏せ字"),
        ({"note": "山田太郎さんの件"}, "名前"),
        ({"question": "うつ病のことは書かれますか"}, "体や病気"),
        ({"id": "ID"}, "「ID"),
        ({"id": "fee"}, "すでにあります"),
        ({"expect": "", "sections": "", "include": ""}, "どれかを指定"),
        ({"set": "none"}, "追加先"),
        ({"set": "new", "title": "", "name": "mine"}, "題名"),
        ({"set": "new", "title": "題", "name": "Mine"}, "英小文字"),
    ],
)
async def test_what_may_not_stand_there_is_told_and_nothing_is_written(
    desk: Desk, sets: Path, changes: dict[str, str], told: str
) -> None:
    before = (sets / POLICY / "periods.yml").read_bytes()
    staff = await desk.signed_in(Role.COUNSELLOR)
    _, page = await staff.post("/tests/cases", CASE | changes, status=400)
    assert told in page
    assert (sets / POLICY / "periods.yml").read_bytes() == before
    assert "午前10時" in page or "include" in changes


async def test_a_question_of_another_page_is_filled_in(desk: Desk) -> None:
    staff = await desk.signed_in(Role.COUNSELLOR)
    _, page = await staff.post("/tests/cases/new", {"question": "<b>質問"}, status=200)
    assert "&lt;b&gt;質問" in page
    await staff.get("/tests/cases/new", status=405)
    viewer = await desk.signed_in(Role.VIEWER)
    await viewer.post("/tests/cases", CASE, status=403)


async def test_a_new_set_is_made_for_a_first_case(desk: Desk, sets: Path) -> None:
    staff = await desk.signed_in(Role.COUNSELLOR)
    to, _ = await staff.post("/tests/cases", CASE | {"set": "new", "title": "窓口", "name": "desk"})
    assert to == "/tests/sets/desk"
    assert find_set(sets, POLICY, "desk").title == "窓口"
