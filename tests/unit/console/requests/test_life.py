"""Requests from their entry to their end, by nothing but the screens; on both databases."""

from __future__ import annotations

from typing import Any

import pytest

from bot.register.kinds import Kind
from bot.register.meanwhile import IN_NOBODYS_WAY
from bot.register.models import State
from bot.staff.roles import Role
from tests.support.console import Desk
from tests.support.request_screens import PDF, WORDS, Screen, enter_request, request_of, trail_of

CHANGES = [
    *("request:entered", "details:submitted", "arrival:checked", "request:assigned", "request:prioritised"),
    *("proof:tried", "identity:verified", "review:begun", "message:written", "member:asked", "member:replied"),
    *("decision:proposed", "decision:rejected", "decision:proposed", "request:decided"),
    *("file:stored", "answer:prepared", "answer:released", "answer:posted", "member:notified", "request:closed"),
]


async def test_a_request_by_telephone_goes_through_every_screen_to_its_end(desk: Desk) -> None:
    id_ = await enter_request(desk)
    ken = Screen(await desk.signed_in(Role.COUNSELLOR, "ken"), id_)
    aya = Screen(await desk.signed_in(Role.OFFICER, "aya"), id_)

    # Who and when: a second person compares the arrival, the case is given to somebody.
    assert "本人確認待ち" in await ken.look()
    await ken.do("check-arrival")
    await aya.do("assign", to="staff:ken")
    await ken.do("urgent", on="yes")
    page = await ken.look()
    assert "見本 ken" in page
    assert "花子" not in page
    assert WORDS in page
    assert "見本町1-2-3" not in page

    # Contact details only on demand; facts are compared and recorded by name, the address among them.
    assert "見本町1-2-3" in (await ken.staff.post(f"{ken.path}/contact", status=200))[1]
    await ken.do("proof", sort="collation", agrees="yes", fact=["氏名", "住所"], binds="yes")
    assert (await request_of(desk, id_)).state == State.VERIFIED

    # What is meant.
    await ken.do("begin")
    await ken.do("note", text="窓口だけが読む覚え書き")
    await ken.do("ask", text="いつの予約でしょうか。")
    assert (await request_of(desk, id_)).state == State.SCOPE_PENDING
    await ken.do("reply", text="今年の分だけでよいとのことです。")
    assert "窓口だけが読む覚え書き" in await ken.look()

    # Two people decide. The first proposal is turned down.
    letter = await ken.do(
        "propose", end="preview", status=200, choice="granted:", explanation="お送りします。", detail="2件の記録"
    )
    assert "お送りします。" in letter
    assert "ご請求のとおりにします。" in letter
    assert (await trail_of(desk, id_))[-1] != "decision:proposed"
    await ken.do("propose", choice="granted:", explanation="お送りします。", detail="1件の記録")
    await aya.do("reject", decision=await aya.hidden("reject-decision"))
    await ken.do("propose", choice="granted:", explanation="お送りします。", detail="2件の記録")
    await aya.do("approve", decision=await aya.hidden("approve-decision"))
    assert (await request_of(desk, id_)).state == State.DECIDED

    # Two people let the answer go.
    await ken.do("prepare", delivery="post", file=PDF)
    await ken.do("told", by="post")
    assert "回答の送付がまだ" in await ken.do("close", status=422)
    await aya.do("release", release=await aya.hidden("release-release"))
    await ken.do("posted", release=await ken.hidden("posted-release"), tracking="1234-5678-9012")
    assert "1234-5678-9012" in await aya.look()
    await ken.do("close")

    trail = await trail_of(desk, id_)
    assert [action for action in trail if action not in IN_NOBODYS_WAY] == _in_this_drill(CHANGES)
    page = await aya.look()
    assert "完了しました" in page
    assert "次にできること" in page


def _in_this_drill(changes: list[str]) -> list[str]:
    # Here the member was told before the answer left.
    moved = [action for action in changes if action != "member:notified"]
    moved.insert(moved.index("answer:released"), "member:notified")
    return moved


async def test_a_complaint_is_answered_by_one_person_and_linked(desk: Desk) -> None:
    first = await enter_request(desk)
    id_ = await enter_request(desk, Kind.COMPLAINT, scope=None)
    ken = Screen(await desk.signed_in(Role.COUNSELLOR, "ken"), id_)
    number = (await request_of(desk, first)).number

    assert "本人確認は必要ありません" not in await ken.look()
    await ken.do("link", number=number, sort="complaint_about")
    assert number in await ken.look()
    await ken.do("begin")
    assert "説明" in await ken.do("propose", status=422, choice="answered:", explanation="")
    await ken.do("propose", choice="answered:", explanation="お調べし、担当の者からお詫びしました。")
    assert (await request_of(desk, id_)).state == State.DECIDED
    await ken.do("told", by="phone")
    await ken.do("close")
    assert (await request_of(desk, id_)).state == State.CLOSED


async def test_a_refusal_needs_a_ground_an_explanation_and_a_second_person(desk: Desk) -> None:
    id_ = await enter_request(desk)
    ken = Screen(await desk.signed_in(Role.OFFICER, "ken"), id_)
    aya = Screen(await desk.signed_in(Role.OFFICER, "aya"), id_)
    await ken.verify()
    await ken.do("begin")
    page = await ken.look()
    assert "開示すると、他の法令に違反することになる" in page
    assert "個人情報保護法33条2項3号" in page

    assert "結果を選んでください" in await ken.do("propose", status=422, choice="")
    kept = await ken.do("propose", status=422, choice="denied:", explanation="この請求についての説明")
    assert "根拠" in kept
    assert "この請求についての説明" in kept
    refused = await ken.do("propose", end="preview", status=422, choice="denied:disclosure-breaks-law")
    assert "説明" in refused
    choice = "denied:disclosure-breaks-law"
    await ken.do("propose", choice=choice, explanation="この請求についての説明")
    assert "承認して決定する" not in await ken.look()
    await aya.do("approve", decision=await aya.hidden("approve-decision"))
    assert (await request_of(desk, id_)).state == State.DECIDED
    assert "ご請求には応じられません。" not in await ken.look()


async def test_going_back_from_the_letter_keeps_what_was_written(desk: Desk) -> None:
    id_ = await enter_request(desk)
    ken = Screen(await desk.signed_in(Role.OFFICER, "ken"), id_)
    await ken.verify()
    await ken.do("begin")
    choice = "partial:disclosure-breaks-law"
    page = await ken.do("propose", end="rewrite", status=200, choice=choice, explanation="書きかけの説明")
    assert "書きかけの説明</textarea>" in page
    assert f'value="{choice}" selected' in page


async def test_details_that_came_by_telephone_are_entered_by_staff(desk: Desk) -> None:
    id_ = await enter_request(desk, reachable=False)
    ken = Screen(await desk.signed_in(Role.COUNSELLOR, "ken"), id_)
    assert "連絡先がまだありません" in await ken.look()
    wrong: dict[str, Any] = {
        "role": "self",
        "reply_by": "post",
        "name": "見本 花子",
        "postal_code": "15",
        "address": "東京都",
    }
    page = await ken.do("details", status=422, **wrong)
    assert "郵便番号" in page
    assert 'value="東京都"' in page
    await ken.do("details", **wrong | {"postal_code": "150-0001"})
    assert (await request_of(desk, id_)).state == State.IDENTITY_PENDING


async def test_a_request_is_taken_back_only_with_the_members_word(desk: Desk) -> None:
    id_ = await enter_request(desk)
    ken = Screen(await desk.signed_in(Role.COUNSELLOR, "ken"), id_)
    assert "望んでいることを確かめ" in await ken.do("withdraw", status=422)
    await ken.do("withdraw", confirmed="yes")
    assert (await request_of(desk, id_)).state == State.WITHDRAWN
    # Nothing is left to be done but to write a note or to link it.
    page = await ken.look()
    assert "調査を始める" not in page
    assert "内部メモを書く" in page


async def test_the_time_of_arrival_is_put_right_and_checked_by_another(desk: Desk) -> None:
    id_ = await enter_request(desk, days=3)
    ken = Screen(await desk.signed_in(Role.COUNSELLOR, "ken"), id_)
    mei = Screen(await desk.signed_in(Role.COUNSELLOR, "mei"), id_)
    assert "受付日時は" in await ken.do("correct-arrival", status=422, at="いつか")
    await ken.do("correct-arrival", at="2026-01-05T09:15")
    assert "原本と受付日時が合っている" not in await ken.look()
    await ken.do("check-arrival", status=409)
    await mei.do("check-arrival")
    assert (await request_of(desk, id_)).arrival_checked_by == "staff:mei"
    await ken.do("correct-arrival", status=409, at="2026-01-06T09:15")


async def test_proofs_that_do_not_agree_ask_for_more(desk: Desk) -> None:
    id_ = await enter_request(desk)
    ken = Screen(await desk.signed_in(Role.COUNSELLOR, "ken"), id_)
    assert "照合は2つ以上" in await ken.do("proof", status=422, sort="collation", agrees="yes", fact=["氏名"])
    await ken.do("proof", sort="collation", agrees="no", fact=["氏名"])
    page = await ken.look()
    assert "不一致" in page
    assert "書類で確認します" in page
    await ken.do("proof", sort="document", agrees="yes", binds="yes")
    assert "ご本人のものと確認済み" in await ken.look()


async def test_files_are_kept_and_saved_as_attachments(desk: Desk) -> None:
    id_ = await enter_request(desk)
    ken = Screen(await desk.signed_in(Role.COUNSELLOR, "ken"), id_)
    assert "ファイルを選んでください" in await ken.do("attach", status=422, purpose="evidence")
    assert "この種類のファイル" in await ken.do("attach", status=422, purpose="evidence", file=b"MZ\x00\x00")
    # An answer is no evidence: it goes its own way, by two people.
    await ken.do("attach", status=422, purpose="answer", file=PDF)
    await ken.do("attach", purpose="evidence", file=PDF)
    file_id = (await ken.look()).partition(f"{ken.path}/files/")[2][:32]
    response = await ken.download(file_id)
    assert await response.read() == PDF
    assert response.headers["Content-Disposition"].startswith("attachment;")
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["Content-Type"] == "application/octet-stream"
    assert response.headers["Cache-Control"] == "no-store"
    assert (await trail_of(desk, id_))[-1] == "file:read"
    await ken.download("0" * 32, status=404)
    other = Screen(ken.staff, await enter_request(desk, Kind.ERASURE))
    await other.download(file_id, status=404)


@pytest.mark.parametrize("paper", ["print", "letter", "label"])
async def test_papers_are_recorded(desk: Desk, paper: str) -> None:
    id_ = await enter_request(desk, Kind.INQUIRY, scope=None)
    ken = Screen(await desk.signed_in(Role.COUNSELLOR, "ken"), id_)
    await ken.do("begin")
    await ken.do("propose", choice="answered:", explanation="お答えします。")
    form = {"csrf": await ken.staff.csrf()}
    response = await ken.staff.client.post(f"{ken.path}/{paper}", data=form)
    content = await response.read()
    assert response.status == 200
    if paper == "print":
        assert "見本町1-2-3" in content.decode()
        assert "お答えします。" in content.decode()
    else:
        assert content.startswith(b"%PDF")
    assert "details:revealed" in await trail_of(desk, id_)


async def test_alerts_are_taken_up_on_the_page(desk: Desk) -> None:
    id_ = await enter_request(desk)
    ken = Screen(await desk.signed_in(Role.COUNSELLOR, "ken"), id_)
    assert "新しい受付" in await ken.look()
    await ken.do("acknowledge", alert=await ken.hidden("acknowledge-alert"))
    assert "acknowledge-alert" not in await ken.look()
    await ken.do("acknowledge", status=422, alert="0" * 32)
