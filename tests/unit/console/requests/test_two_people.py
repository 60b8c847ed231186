"""Two browsers on one request: one wins, the other is told, nothing is lost; nobody does both halves of anything."""

from __future__ import annotations

import asyncio
from functools import partial

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.console.requests.open_steps import Step
from bot.console.requests.routes import ROUTES
from bot.register.decisions.models import AnswerRelease, Decision
from bot.register.models import State
from bot.staff.roles import Role
from tests.support.console import Desk
from tests.support.request_screens import PDF, Screen, enter_request, request_of, trail_of


async def _two(desk: Desk, id_: str) -> tuple[Screen, Screen]:
    return (
        Screen(await desk.signed_in(Role.OFFICER, "aya"), id_),
        Screen(await desk.signed_in(Role.OFFICER, "ken"), id_),
    )


async def _reviewed(desk: Desk) -> tuple[Screen, Screen]:
    aya, ken = await _two(desk, await enter_request(desk))
    await ken.verify()
    await ken.do("begin")
    return aya, ken


async def test_who_acts_on_a_page_that_is_no_longer_true_is_told_and_loses_nothing(desk: Desk) -> None:
    aya, ken = await _reviewed(desk)
    seen = await ken.seen()
    await aya.do("ask", text="いつの予約でしょうか。")

    told = await ken.do("message", seen=seen, status=409, text="長い時間をかけて書いた文")
    assert "画面を開いた後に、この請求が変わりました" in told
    assert "会員に質問しました" in told
    assert "長い時間をかけて書いた文</textarea>" in told
    assert "message:written" not in await trail_of(desk, ken.request_id)
    # The page that told so has been drawn anew: the same press goes through.
    fresh = told.partition('name="seen" value="')[2].partition('"')[0]
    await ken.do("message", seen=fresh, text="長い時間をかけて書いた文")


async def test_what_was_written_for_a_form_that_is_gone_can_still_be_copied(desk: Desk) -> None:
    aya, ken = await _reviewed(desk)
    seen = await ken.seen()
    await aya.do("propose", choice="granted:")

    told = await ken.do("propose", seen=seen, status=409, choice="granted:", explanation="消えては困る説明")
    assert "消えては困る説明" in told
    assert "決定を提案しました" in told


async def test_that_somebody_merely_looked_stops_nobody(desk: Desk) -> None:
    aya, ken = await _reviewed(desk)
    seen = await ken.seen()
    await aya.look()
    await aya.staff.post(f"{aya.path}/contact", status=200)
    await ken.do("note", seen=seen, text="覚え書き")


async def test_of_two_who_press_at_the_same_moment_one_wins(desk: Desk) -> None:
    aya, ken = await _two(desk, await enter_request(desk))
    await ken.verify()
    seen = {screen: await screen.seen() for screen in (aya, ken)}

    async def begin(screen: Screen) -> int:
        form = {"csrf": await screen.staff.csrf(), "seen": seen[screen]}
        response = await screen.staff.client.post(f"{screen.path}/begin", data=form, allow_redirects=False)
        return response.status

    statuses = await asyncio.gather(*(begin(screen) for screen in (aya, ken, aya, ken)))
    assert sorted(statuses) == [303, 409, 409, 409]
    assert (await trail_of(desk, ken.request_id)).count("review:begun") == 1


async def test_many_who_propose_at_once_leave_one_proposal(desk: Desk) -> None:
    aya, ken = await _reviewed(desk)
    seen = {screen: await screen.seen() for screen in (aya, ken)}

    async def propose(screen: Screen, number: int) -> bool:
        form = {"csrf": await screen.staff.csrf(), "seen": seen[screen], "propose-choice": "granted:"}
        form["propose-explanation"] = f"説明{number}"
        response = await screen.staff.client.post(f"{screen.path}/propose", data=form, allow_redirects=False)
        text = await response.text()
        assert response.status == 303 or f"説明{number}" in text
        return response.status == 303

    done = await asyncio.gather(*(propose(screen, number) for number in range(3) for screen in (aya, ken)))
    assert sum(done) == 1
    assert (await trail_of(desk, ken.request_id)).count("decision:proposed") == 1


async def test_nobody_approves_their_own_proposal_or_releases_their_own_answer(desk: Desk) -> None:
    aya, ken = await _reviewed(desk)
    await ken.do("propose", choice="granted:")
    decision = await ken.hidden("reject-decision")
    assert "承認して決定する" not in await ken.look()
    await ken.do("approve", status=409, decision=decision)
    await aya.do("approve", decision=decision)

    await ken.do("prepare", delivery="page", file=PDF)
    release = await aya.hidden("release-release")
    assert "送付を承認する" not in await ken.look()
    await ken.do("release", status=409, release=release)
    await aya.do("release", release=release)


async def test_whoever_lacks_the_right_is_no_second_person(desk: Desk) -> None:
    aya, ken = await _reviewed(desk)
    mei = Screen(await desk.signed_in(Role.COUNSELLOR, "mei"), ken.request_id)
    await ken.do("propose", choice="granted:")
    decision = await ken.hidden("reject-decision")
    page = await mei.look()
    assert "承認して決定する" not in page
    assert "差し戻す" not in page
    await mei.do("approve", status=403, decision=decision)
    await mei.do("reject", status=409, decision=decision)
    await aya.do("approve", decision=decision)
    await ken.do("prepare", delivery="page", file=PDF)
    await mei.do("release", status=403, release=await aya.hidden("release-release"))


async def test_nobody_approves_a_proposal_that_took_the_place_of_the_one_they_read(desk: Desk) -> None:
    aya, ken = await _reviewed(desk)
    await ken.do("propose", choice="granted:")
    read = await ken.hidden("reject-decision")
    await ken.do("reject", decision=read)
    await ken.do("propose", choice="denied:disclosure-breaks-law", explanation="別の説明")
    assert "この決定はありません" in await aya.do("approve", status=422, decision=read)
    assert (await request_of(desk, ken.request_id)).state == State.IN_REVIEW


@pytest.mark.parametrize("who", ["ken", "aya"])
async def test_every_step_tried_by_one_person_never_makes_a_pair_of_one(desk: Desk, who: str) -> None:
    """One person presses everything there is, in turn and again; no decision or answer has them on both sides."""
    aya, ken = await _reviewed(desk)
    one = {"ken": ken, "aya": aya}[who]
    for _ in range(2):
        for step in Step:
            await _press_everything(one, step)

    pairs = await desk.console.read(partial(_pairs, ken.request_id))
    assert all(first != second for first, second in pairs)
    assert all(second is None for first, second in pairs if first == one.staff.actor)


async def _press_everything(screen: Screen, step: Step) -> None:
    if step in (Step.WITHDRAW, Step.ASK):
        return  # these would end the trial before it has begun
    page = await screen.look()
    found = {name: page.partition(f'{name}" value="')[2][:32] for name in ("-decision", "-release")}
    form = {"csrf": await screen.staff.csrf(), "seen": page.partition('name="seen" value="')[2].partition('"')[0]}
    form |= {f"{step}-decision": found["-decision"], f"{step}-release": found["-release"]}
    form |= {f"{step}-choice": "granted:", f"{step}-text": "文", f"{step}-delivery": "post", f"{step}-by": "phone"}
    form |= {f"{step}-to": screen.staff.actor, f"{step}-tracking": "1"}
    response = await screen.staff.client.post(f"{screen.path}/{step}", data=form, allow_redirects=False)
    assert response.status in (303, 403, 409, 422), (step, response.status)


def _pairs(request_id: str, session: Session) -> list[tuple[str, str | None]]:
    decisions = select(Decision.decided_by, Decision.approved_by).where(Decision.request_id == request_id)
    releases = select(AnswerRelease.prepared_by, AnswerRelease.released_by).where(
        AnswerRelease.request_id == request_id
    )
    return [(first, second) for query in (decisions, releases) for first, second in session.execute(query)]


def test_every_step_has_one_route() -> None:
    steps = [route.path.rpartition("/")[2] for route in ROUTES if route.method == "POST"]
    assert {*map(str, Step)} <= set(steps)
    assert len(steps) == len(set(steps)) + 1  # `assign` of one, and of several
