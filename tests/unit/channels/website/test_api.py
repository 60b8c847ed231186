from __future__ import annotations

import asyncio
import shutil
import uuid
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.channels import dispatcher
from bot.channels.turn_leases import turn_lease
from bot.message import Choice, Message, Receipt, RequestRef, fixed
from bot.storage import leases
from bot.storage.engine import transaction
from tests.support.fake_rasa import Turn, after, plain, raw, said
from tests.support.web_member import Desk, running_desk


@pytest.fixture
def database(sqlite_template: Path, tmp_path: Path) -> Path:
    path = tmp_path / "web.db"
    shutil.copy(sqlite_template, path)
    return path


@pytest.fixture
async def desk(database: Path) -> AsyncIterator[Desk]:
    async with running_desk(database) as running:
        yield running


def step(payload: str = '/choose{"step":"kind"}') -> Turn:
    return said(
        Message(
            kind="request",
            parts=(fixed("どのご請求ですか。まだ受け付けていません。"),),
            choices=(Choice(title="開示", payload=payload),),
            request=RequestRef(kinds=(), step="kind"),
            context={"topic": "t"},
            trace={"score": 0.5},
        )
    )


async def test_a_conversation_begins_with_a_notice_in_three_lines_under_the_caution(desk: Desk) -> None:
    member = await desk.member()
    assert member.notice["kind"] == "notice"
    assert member.notice["parts"][0]["text"] == desk.gateway.settings.caution
    assert len(member.notice["parts"]) == 1 + 3
    assert "30日" in member.notice["text"]
    assert await member.history() == [member.notice]


async def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(desk: Desk) -> None:
    response = await desk.client.post("/api/conversations")
    assert response.status == 201
    cookie = response.cookies["chat"]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"
    assert not cookie["secure"]


async def test_behind_https_the_cookie_belongs_to_this_host_alone(database: Path) -> None:
    async with running_desk(database, public_url="https://chat.example.jp") as desk:
        response = await desk.client.post("/api/conversations")
        cookie = response.cookies["__Host-chat"]
        assert cookie["secure"]
        assert cookie["path"] == "/"
        assert not cookie["domain"]


async def test_an_answer_comes_once_and_is_the_same_again(desk: Desk) -> None:
    member = await desk.member()
    key = str(uuid.uuid4())
    first = await member.send(key=key, text="こんにちは")
    assert first[0]["text"] == "はい。"
    assert await member.send(key=key, text="こんにちは") == first
    assert desk.rasa.texts == ["こんにちは"]
    shown = await member.history()
    assert [line["kind"] for line in shown] == ["notice", "member", "smalltalk"]
    assert shown[1]["text"] == "こんにちは"
    assert all(line["at"].endswith("+09:00") for line in shown)


async def test_the_same_id_with_another_text_is_a_conflict(desk: Desk) -> None:
    member = await desk.member()
    key = str(uuid.uuid4())
    await member.send(key=key, text="こんにちは")
    response = await member.post(key=key, text="さようなら")
    assert response.status == 409
    assert response.content_type == "application/problem+json"
    problem = await response.json()
    assert problem["status"] == 409
    assert problem["reference"]
    assert desk.rasa.texts == ["こんにちは"]


async def test_two_members_may_use_the_same_id(desk: Desk) -> None:
    key = str(uuid.uuid4())
    one, other = await desk.member(), await desk.member()
    await one.send(key=key, text="ひとつめ")
    await other.send(key=key, text="ふたつめ")
    assert desk.rasa.texts == ["ひとつめ", "ふたつめ"]


async def test_the_same_id_at_the_same_time_waits_and_runs_once(desk: Desk) -> None:
    member = await desk.member()
    gate = asyncio.Event()
    desk.rasa.turns = [after(gate, plain("一度だけ"))]
    key = str(uuid.uuid4())
    sending = [asyncio.create_task(member.send(key=key, text="こんにちは")) for _ in range(5)]
    while not desk.rasa.heard:  # noqa: ASYNC110 - the fake sets no event
        await asyncio.sleep(0.01)
    gate.set()
    answers = await asyncio.gather(*sending)
    assert all(answer == answers[0] for answer in answers)
    assert len(desk.rasa.heard) == 1


async def test_turns_of_one_conversation_never_overlap(desk: Desk) -> None:
    member = await desk.member()
    await asyncio.gather(*(member.send(text=f"質問{number}") for number in range(8)))
    assert len(desk.rasa.heard) == 8
    assert desk.rasa.overlaps == 0


@pytest.mark.parametrize(
    ("typed", "heard"),
    [
        ("/restart", "／restart"),
        ("\u3000/restart", "／restart"),
        (" \t/restart", "／restart"),
        ("\x1c/restart", "／restart"),
        ("／restart", "／restart"),
        ('/open_request{"kind":"erasure"}', '／open_request{"kind":"erasure"}'),
        ("\x00/restart", "／restart"),
    ],
)
async def test_typed_text_is_never_a_command(desk: Desk, typed: str, heard: str) -> None:
    member = await desk.member()
    await member.send(text=typed)
    assert desk.rasa.texts == [heard]


async def test_a_choice_is_opaque_and_reaches_rasa_as_its_payload(desk: Desk) -> None:
    member = await desk.member()
    desk.rasa.turns = [step()]
    [message] = await member.send(text="開示してほしい")
    assert message["choices"][0].keys() == {"id", "title"}
    assert "context" not in message
    assert "trace" not in message
    await member.send(choice=message["choices"][0]["id"])
    assert desk.rasa.texts[-1] == '/choose{"step":"kind"}'
    assert (await member.history())[-2]["text"] == "開示"


async def test_a_choice_of_another_conversation_is_refused(desk: Desk) -> None:
    one, other = await desk.member(), await desk.member()
    desk.rasa.turns = [step()]
    [message] = await one.send(text="開示してほしい")
    for foreign in (message["choices"][0]["id"], '/choose{"step":"kind"}', "0" * 32):
        response = await other.post(choice=foreign)
        assert response.status == 422
    assert len(desk.rasa.heard) == 1


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ("{", 400),
        ("[]", 400),
        ("[" * 60_000, 400),
        ('{"id": "1", "text": "a"}', 400),
        ('{"id": "6f1e2c1e-8f37-4b53-9d4c-3f9a1b1f6a01"}', 400),
        ('{"id": "6f1e2c1e-8f37-4b53-9d4c-3f9a1b1f6a01", "text": "a", "choice": "b"}', 400),
        ('{"id": "6f1e2c1e-8f37-4b53-9d4c-3f9a1b1f6a01", "text": 1}', 400),
        ('{"id": "6f1e2c1e-8f37-4b53-9d4c-3f9a1b1f6a01", "text": " \\u0000 "}', 422),
        ('{"id": "6f1e2c1e-8f37-4b53-9d4c-3f9a1b1f6a01", "text": "' + "長" * 1001 + '"}', 422),
        ('{"id": "6f1e2c1e-8f37-4b53-9d4c-3f9a1b1f6a01", "text": "' + "長" * 30_000 + '"}', 413),
        ('{"id": "6f1e2c1e-8f37-4b53-9d4c-3f9a1b1f6a01", "text": "\\ud800 half"}', 200),
        ('{"id": "6f1e2c1e-8f37-4b53-9d4c-3f9a1b1f6a01", "text": "' + "長" * 1000 + '"}', 200),
    ],
)
async def test_bodies_of_any_kind_get_a_clear_status(desk: Desk, body: str, status: int) -> None:
    member = await desk.member()
    headers = {"Content-Type": "application/json"}
    response = await desk.client.post("/api/messages", data=body.encode(), headers=headers, cookies=member.cookie)
    assert response.status == status, await response.text()
    if status >= 400:
        assert (await response.json())["reference"]


async def test_without_a_session_nothing_is_told(desk: Desk) -> None:
    cookies = {"chat": "guessed"}
    assert (await desk.client.get("/api/messages")).status == 401
    assert (await desk.client.get("/api/messages", cookies=cookies)).status == 401
    assert (await desk.client.delete("/api/conversations/current", cookies=cookies)).status == 401
    body = {"id": str(uuid.uuid4()), "text": "a"}
    assert (await desk.client.post("/api/messages", json=body, cookies=cookies)).status == 401


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Origin": "https://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Sec-Fetch-Site": "same-origin"}, 201),
        ({"Origin": "http://127.0.0.1:8080"}, 201),
        ({"Content-Type": "text/plain"}, 415),
    ],
)
async def test_another_sites_page_cannot_change_anything(desk: Desk, headers: dict[str, str], status: int) -> None:
    response = await desk.client.post(
        "/api/conversations", data=b"{}", headers={"Content-Type": "application/json"} | headers
    )
    assert response.status == status


async def test_unknown_calls_are_problems_too(desk: Desk) -> None:
    response = await desk.client.get("/api/nothing")
    assert response.status == 404
    assert response.content_type == "application/problem+json"


@pytest.mark.parametrize(
    "failure",
    [
        raw([]),
        raw({"error": "x"}, status=500),
        raw([{"recipient_id": "x", "text": "bare"}]),
        raw([{"custom": {"kind": "answer", "parts": []}}]),
        raw({}),
        said(Message(kind="error", parts=(fixed("処理できませんでした。"),))),
        said(
            Message(
                kind="receipt",
                parts=(fixed("受け付けました。"),),
                receipt=Receipt(
                    number="K261124-AAAA-BBBBC", received_at="2026-11-24T12:00:00+09:00", kind="disclosure"
                ),
            )
        ),
        said(Message(kind="request", parts=(fixed("どれですか。"),), choices=(Choice(title="開示"),))),
    ],
)
async def test_a_failed_turn_is_told_honestly_and_answered_later(desk: Desk, failure: Turn) -> None:
    member = await desk.member()
    desk.rasa.turns = [failure]
    key = str(uuid.uuid4())
    [apology] = await member.send(key=key, text="開示の手数料は")
    assert apology["kind"] == "error"
    assert "support@mitsuraku.jp" in apology["text"]
    assert "K261124" not in str(await member.history())
    [answer] = await member.send(key=key, text="開示の手数料は")
    assert answer["text"] == "はい。"
    assert await member.send(key=key, text="開示の手数料は") == [answer]
    assert [line["kind"] for line in await member.history()] == ["notice", "member", "error", "smalltalk"]


async def test_a_slow_rasa_is_told_honestly(database: Path) -> None:
    async with running_desk(database, rasa_timeout=0.2) as desk:
        member = await desk.member()
        never = asyncio.Event()
        desk.rasa.turns = [after(never, plain())]
        [apology] = await member.send(text="開示の手数料は")
        assert apology["kind"] == "error"
        never.set()


async def test_a_dead_rasa_is_told_honestly_and_retried_without_the_member(desk: Desk) -> None:
    member = await desk.member()
    desk.rasa.turns = [raw([])]
    await member.send(text="開示の手数料は")
    desk.clock.pass_time(seconds=60)
    await dispatcher.answer_overdue(desk.gateway)
    assert [line["kind"] for line in await member.history()] == ["notice", "member", "error", "smalltalk"]


async def test_while_rasa_is_away_later_turns_stay_behind_earlier_ones(desk: Desk) -> None:
    member = await desk.member()
    port = desk.rasa_server.port
    await desk.rasa_server.close()
    for text in ("ひとつめ", "ふたつめ"):
        [apology] = await member.send(text=text)
        assert apology["kind"] == "error"
    revived = type(desk.rasa_server)(desk.rasa.app(), port=port)
    await revived.start_server()
    desk.clock.pass_time(seconds=60)
    await dispatcher.answer_overdue(desk.gateway)
    await revived.close()
    assert desk.rasa.texts == ["ひとつめ", "ふたつめ"]


async def test_after_the_retry_time_the_turn_is_given_up_openly(desk: Desk) -> None:
    member = await desk.member()
    desk.rasa.otherwise = raw([])
    key = str(uuid.uuid4())
    await member.send(key=key, text="開示の手数料は")
    desk.clock.pass_time(minutes=11)
    [last] = await member.send(key=key, text="開示の手数料は")
    assert last["kind"] == "error"
    assert "時間内に" in last["text"]
    before = len(desk.rasa.heard)
    assert await member.send(key=key, text="開示の手数料は") == [last]
    assert len(desk.rasa.heard) == before


async def test_a_turn_whose_process_died_is_done_again(desk: Desk) -> None:
    member = await desk.member()
    name = turn_lease(member.conversation)
    with transaction(desk.gateway.engine) as session:
        assert leases.acquire(session, name, controller="eparkrelax", holder="dead", now=desk.clock(), seconds=30)
    sending = asyncio.create_task(member.send(text="こんにちは"))
    await asyncio.sleep(0.2)
    assert not desk.rasa.heard
    desk.clock.pass_time(seconds=31)
    [answer] = await sending
    assert answer["text"] == "はい。"


async def test_a_new_conversation_begins_after_idleness_and_after_many_turns(database: Path) -> None:
    async with running_desk(database, conversation_max_turns=2) as desk:
        member = await desk.member()
        for text in ("一", "二", "三"):
            await member.send(text=text)
        desk.clock.pass_time(minutes=61)
        await member.send(text="四")
        senders = [body["sender"] for body in desk.rasa.heard]
        assert senders[0] == senders[1] == member.conversation
        assert len(set(senders)) == 3
        texts = [line["text"] for line in await member.history() if line["kind"] == "member"]
        assert texts == ["一", "二", "三", "四"]


async def test_contact_data_is_taken_out_before_anything_is_kept(
    desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    member = await desk.member()
    desk.rasa.turns = [raw([])]
    key = str(uuid.uuid4())
    text = "canary.7261@example.jp と 090-1234-5678 に連絡して。support@mitsuraku.jpにも聞いた"
    await member.send(key=key, text=text)
    messages = await member.send(key=key, text=text)
    assert "メールアドレス、電話番号" in messages[-1]["text"]
    assert desk.rasa.texts[-1] == "［メールアドレス］ と ［電話番号］ に連絡して。support@mitsuraku.jpにも聞いた"
    await desk.gateway.close()
    for file in desk.database.parent.iterdir():
        content = file.read_bytes()
        assert b"canary.7261" not in content
        assert b"1234-5678" not in content
        assert "聞いた".encode() not in content
    assert "canary" not in "".join(capsys.readouterr())


async def test_health_and_readiness(desk: Desk) -> None:
    assert (await desk.client.get("/healthz")).status == 200
    response = await desk.client.get("/readyz")
    assert response.status == 200
    assert (await response.json())["checks"] == {"model": True, "tracker": True, "register": True, "actions": True}
    desk.rasa.ready = {"ready": False, "reason": "the tracker store cannot be written: OperationalError"}
    response = await desk.client.get("/readyz")
    assert response.status == 503
    assert (await response.json())["checks"] == {"model": True, "tracker": False, "register": True, "actions": True}


async def test_metrics_count_turns(desk: Desk) -> None:
    member = await desk.member()
    await member.send(text="こんにちは")
    text = await (await desk.client.get("/metrics")).text()
    assert 'madoguchi_turns_total{channel="web",outcome="answered"} 1.0' in text
    assert "madoguchi_turns_waiting 0.0" in text
