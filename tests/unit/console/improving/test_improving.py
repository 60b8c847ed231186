from __future__ import annotations

import asyncio
import re
from typing import Any

import pytest

from bot.policy.releases.editing import draft_of
from bot.policy.releases.entry_files import find, places
from bot.policy.releases.in_force import find_in_force
from bot.staff.models import StaffEvent
from bot.staff.roles import Role
from tests.support.console import Desk, Staff
from tests.support.releases import CARD, QUOTE
from tests.support.small_policy import ID

QUESTIONS = "預けていますか\nよその会社に渡しますか\n下請けはありますか"
WHY = "誤った案内を止めるため、先に公開します。"
NEW = {
    "topic": "保存期間",
    "questions": "いつまで残りますか\n何年残りますか\n保存の期間を教えて",
    "text": "受注から7年です。",
    "easy": "7年（ねん）です。",
}


async def seen(staff: Staff, path: str) -> dict[str, str]:
    """The hidden fields by which a form knows what it was opened on."""
    text = await staff.get(path)
    return dict(re.findall(r'<input type="hidden" name="(key|seen)" value="([^"]*)">', text))


def card(**changes: Any) -> dict[str, Any]:  # noqa: ANN401 - what a form sends
    return {
        "topic": CARD["topic"],
        "questions": QUESTIONS,
        "text": CARD["text"],
        "easy": CARD["easy"],
        "keep": [QUOTE],
    } | changes


def boxes(page: str, text: str) -> str:
    """The value of the box beside a sentence of the policy."""
    found = re.search(rf'name="(?:pick|near)" value="(\d+-\d+)"[^>]*> {re.escape(text)}', page)
    assert found, page[:3000]
    return found[1]


async def files(desk: Desk, name: str) -> str:
    settings = desk.console.settings
    return (await desk.console.read(lambda session: draft_of(session, settings, ID))).text(name)


async def version(staff: Staff) -> str:
    found = re.search(r'name="version" value="(\d+)"', await staff.get("/improving"))
    assert found
    return found[1]


async def events(desk: Desk) -> list[tuple[str, str]]:
    from sqlalchemy import select  # noqa: PLC0415 - beside its one use

    query = select(StaffEvent.action, StaffEvent.actor).order_by(StaffEvent.position)
    rows = await desk.console.read(lambda session: session.execute(query).all())
    return [(row.action, row.actor) for row in rows if row.action.startswith(("candidate", "release"))]


async def test_before_anything_is_changed_every_page_shows_what_is_in_force(desk: Desk, sato: Staff) -> None:
    assert "公開番号 0" in await sato.get("/improving")
    assert "委託" in await sato.get("/improving/cards")
    for sort in ("gaps", "words"):
        assert "まだありません" in await sato.get(f"/improving/{sort}")
    assert "標準の文" in await sato.get("/improving/phrases")
    assert "まだ公開していません" in await sato.get("/improving/history")
    for path in ("/improving/nothing", "/improving/cards/none", "/improving/phrases/new", "/improving/phrases/other"):
        await sato.get(path, status=404)
    assert "はじめからの内容" in await (await desk.signed_in(Role.VIEWER, "view")).get("/improving")


async def test_from_a_wrong_answer_to_a_live_fix_by_two_people(desk: Desk, sato: Staff, suzuki: Staff) -> None:
    prefilled = (
        await sato.post("/improving/cards/new", {"question": "いつまで残りますか", "quote": QUOTE}, status=200)
    )[1]
    assert "いつまで残りますか" in prefilled
    assert f'value="{QUOTE}" checked' in prefilled
    pick = boxes(prefilled, "受注から7年")
    where, _ = await sato.post("/improving/cards/save", NEW | {"borrowed": "1", "confirmed": "1", "pick": pick})
    assert where == "/improving/cards#saved"

    candidate = await suzuki.get("/improving")
    assert "保存期間" in candidate
    assert "見本 sato" in candidate
    page = await suzuki.get("/improving/publish")
    assert "合格なしで公開する理由" in page
    decision = {"version": await version(suzuki), "run": "", "note": "", "reason": ""}
    assert "合格していません" in (await suzuki.post("/improving/publish", decision, status=400))[1]
    await suzuki.post("/improving/publish", decision | {"reason": WHY})

    console = desk.console
    found = find_in_force(console.engine, console.settings, ID)
    cards = (found.corpus / ID / "answers.yml").read_text(encoding="utf-8")
    entry = next(place.row for place in places(cards) if place.row["topic"] == "保存期間")
    assert (entry["quotes"], entry["approved_by"], entry["author"]) == (["受注から7年"], "見本 suzuki", "見本 sato")
    history = await suzuki.get("/improving/history")
    assert "見本 sato" in history
    assert "見本 suzuki" in history
    assert WHY in history
    assert await events(desk) == [("candidate:changed", sato.actor), ("release:published", suzuki.actor)]

    await suzuki.post("/improving/restore", {"number": "0", "seen": "1"})
    assert find_in_force(console.engine, console.settings, ID).number == 0
    await suzuki.post("/improving/restore", {"number": "0", "seen": "1"}, status=400)


async def test_whoever_edited_does_not_publish(suzuki: Staff) -> None:
    opened = await seen(suzuki, "/improving/cards/outsourcing")
    await suzuki.post("/improving/cards/save", opened | card(text="変えた。"))
    assert "編集した人は公開できません" in await suzuki.get("/improving/publish")
    decision = {"version": await version(suzuki), "run": "", "note": "", "reason": WHY}
    _, text = await suzuki.post("/improving/publish", decision, status=400)
    assert "編集した人は公開できません" in text
    assert WHY in text or "編集した人" in text


async def test_of_two_who_publish_at_once_one_is_told(desk: Desk, sato: Staff, suzuki: Staff) -> None:
    opened = await seen(sato, "/improving/cards/outsourcing")
    await sato.post("/improving/cards/save", opened | card(text="変えた。"))
    third = await desk.signed_in(Role.OFFICER, "tanaka")
    decision = {"version": await version(sato), "run": "", "note": "", "reason": WHY}
    forms = [decision | {"csrf": await staff.csrf()} for staff in (suzuki, third)]
    answers = await asyncio.gather(
        *(
            staff.client.post(
                "/improving/publish", data=form, headers={"Sec-Fetch-Site": "same-origin"}, allow_redirects=False
            )
            for staff, form in zip((suzuki, third), forms, strict=True)
        )
    )
    assert sorted(answer.status for answer in answers) == [303, 400]
    told = next(answer for answer in answers if answer.status == 400)
    assert "公開候補はありません" in await told.text()


async def test_of_two_on_one_card_the_second_sees_both_and_loses_nothing(
    desk: Desk, sato: Staff, suzuki: Staff
) -> None:
    path = "/improving/cards/outsourcing"
    first, second = await seen(sato, path), await seen(suzuki, path)
    await sato.post("/improving/cards/save", first | card(text="先に書いた文。"))
    _, told = await suzuki.post("/improving/cards/save", second | card(text="後で書いた文。"), status=409)
    assert "先に書いた文。" in told
    assert "後で書いた文。" in told
    assert "先に書いた文。" in await files(desk, "answers.yml")

    again = dict(re.findall(r'<input type="hidden" name="(key|seen)" value="([^"]*)">', told))
    await suzuki.post("/improving/cards/save", again | card(text="後で書いた文。"))
    assert "後で書いた文。" in await files(desk, "answers.yml")


async def test_a_card_that_somebody_removed_becomes_a_new_one(desk: Desk, sato: Staff, suzuki: Staff) -> None:
    opened = await seen(sato, "/improving/cards/outsourcing")
    await suzuki.post("/improving/cards/remove", opened)
    _, told = await sato.post("/improving/cards/save", opened | card(text="残したい文。"), status=409)
    assert "削除されました" in told
    again = dict(re.findall(r'<input type="hidden" name="(key|seen)" value="([^"]*)">', told))
    assert again == {"key": "", "seen": ""}
    await sato.post("/improving/cards/save", again | card(text="残したい文。"))
    assert "残したい文。" in await files(desk, "answers.yml")


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"topic": ""}, "題名を入力"),
        ({"questions": "一つ\n二つ"}, "3つ以上"),
        ({"keep": ["方針にない文"]}, "今の方針にありません"),
        ({"keep": [], "pick": "1-2"}, "方針にありません"),
        ({"keep": []}, "1つ以上選んで"),
        ({"questions": QUESTIONS + "\n［お名前］の記録は"}, "伏せ字"),
        ({"questions": QUESTIONS + "\n山田太郎と申しますが教えて"}, "お名前"),
    ],
)
async def test_what_cannot_be_saved_is_told_in_japanese_and_kept_in_the_form(
    sato: Staff, changes: dict[str, Any], says: str
) -> None:
    opened = await seen(sato, "/improving/cards/outsourcing")
    _, text = await sato.post("/improving/cards/save", opened | card(easy="残る文。") | changes, status=400)
    assert says in text
    assert "残る文。" in text


async def test_a_question_of_another_entry_is_told_by_its_name(sato: Staff) -> None:
    _, text = await sato.post(
        "/improving/cards/save",
        card(topic="二つめ", questions="委託していますか\n外注していますか\nほかの会社に頼みますか"),
        status=400,
    )
    assert "カード outsourcing にもあります" in text


async def test_what_goes_back_to_a_member_is_confirmed_and_holds_no_health_words(sato: Staff) -> None:
    borrowed = card(topic="二つめ", borrowed="1")
    _, text = await sato.post("/improving/cards/save", borrowed, status=400)
    assert "チェックを入れて" in text
    assert 'name="borrowed"' in text
    _, text = await sato.post(
        "/improving/cards/save",
        borrowed | {"confirmed": "1", "questions": QUESTIONS + "\nうつ病の記録は残りますか"},
        status=400,
    )
    assert "体や病気" in text
    await sato.post("/improving/cards/save", borrowed | {"confirmed": "1"})


async def test_gaps_words_and_phrases_are_added_changed_and_removed(desk: Desk, sato: Staff) -> None:
    blank = await sato.get("/improving/gaps/new")
    gap = {
        "label": "手数料",
        "questions": "いくらですか\n有料ですか\n手数料は",
        "nearest": "",
        "near": "",
        "desk": "shop",
    }
    await sato.post("/improving/gaps/save", gap | {"near": boxes(blank, "当店は、次の目的で利用します。")})
    (place,) = places(await files(desk, "gaps.yml"))
    assert (place.row["nearest"], place.row["desk"]) == ("当店は、次の目的で利用します。", "shop")
    opened = await seen(sato, f"/improving/gaps/{place.row['id']}")
    kept = gap | {"label": "料金", "nearest": place.row["nearest"], "near": "keep"}
    await sato.post("/improving/gaps/save", opened | kept)
    opened = await seen(sato, f"/improving/gaps/{place.row['id']}")
    await sato.post("/improving/gaps/remove", opened)
    assert places(await files(desk, "gaps.yml")) == ()

    words = {"policy": "委託", "members": "外注\n丸投げ"}
    await sato.post("/improving/words/save", words)
    (place,) = places(await files(desk, "words.yml"))
    assert place.row == {"policy": ["委託"], "members": ["外注", "丸投げ"]}
    opened = await seen(sato, f"/improving/words/{place.seen}")
    assert opened == {"key": place.seen, "seen": place.seen}
    await sato.post("/improving/words/save", opened | words | {"members": "外注"})
    _, text = await sato.post("/improving/words/save", {"policy": "ない言葉", "members": "外注"}, status=400)
    assert "方針に出てこない言葉" in text

    opened = await seen(sato, "/improving/phrases/answer")
    assert opened == {"key": "answer", "seen": ""}
    await sato.post("/improving/phrases/save", opened | {"text": "方針をご覧ください。"})
    opened = await seen(sato, "/improving/phrases/answer")
    await sato.post("/improving/phrases/save", opened | {"text": "方針の記載です。"})
    found = find(await files(desk, "phrases.yml"), "answer")
    assert found is not None
    assert found.row["text"] == "方針の記載です。"
    _, text = await sato.post("/improving/phrases/save", opened | {"text": "300円です。"}, status=400)
    assert "数字" in text
    await sato.post("/improving/phrases/remove", await seen(sato, "/improving/phrases/answer"))
    assert "言い換え" in await sato.get("/improving")


async def test_two_people_on_two_entries_are_both_saved(desk: Desk, sato: Staff, suzuki: Staff) -> None:
    opened = await seen(sato, "/improving/cards/outsourcing")
    phrase = await seen(suzuki, "/improving/phrases/answer")
    await asyncio.gather(
        sato.post("/improving/cards/save", opened | card(text="先に書いた文。")),
        suzuki.post("/improving/phrases/save", phrase | {"text": "後で書いた文。"}),
    )
    assert "先に書いた文。" in await files(desk, "answers.yml")
    assert "後で書いた文。" in await files(desk, "phrases.yml")


async def test_a_candidate_is_discarded_as_it_was_seen(desk: Desk, sato: Staff) -> None:
    opened = await seen(sato, "/improving/cards/outsourcing")
    await sato.post("/improving/cards/save", opened | card(text="一つめ。"))
    await sato.post("/improving/discard", {"version": "9"}, status=400)
    await sato.post("/improving/discard", {"version": "nine"}, status=400)
    await sato.post("/improving/discard", {"version": await version(sato)})
    assert "一つめ。" not in await files(desk, "answers.yml")
    assert "公開候補を破棄" in await sato.get("/improving/history")


async def test_a_candidate_made_from_an_older_release_is_looked_at_anew(desk: Desk, sato: Staff, suzuki: Staff) -> None:
    async def change(text: str) -> None:
        opened = await seen(sato, "/improving/cards/outsourcing")
        await sato.post("/improving/cards/save", opened | card(text=text))

    await change("一つめ。")
    await suzuki.post("/improving/publish", {"version": await version(suzuki), "reason": WHY})
    await change("二つめ。")
    await suzuki.post("/improving/restore", {"number": "0", "seen": "1"})
    assert "公開中の内容が変わりました" in await sato.get("/improving")
    assert "公開候補の画面" in await suzuki.get("/improving/publish")
    await sato.post("/improving/rebase", {"version": await version(sato)})
    await suzuki.post("/improving/publish", {"version": await version(suzuki), "reason": WHY})
    assert find_in_force(desk.console.engine, desk.console.settings, ID).number == 2
