"""The list of requests: what it shows, how it is narrowed down, how several are given to somebody at once."""

from __future__ import annotations

import re

from bot.console.frame.paging import PAGE_ROWS
from bot.console.requests.filters import read_filter
from bot.register.casework import assign
from bot.register.kinds import Kind
from bot.register.queue import Group
from bot.staff.roles import Role
from tests.support.console import Desk, Staff
from tests.support.request_screens import WORDS, Screen, enter_request, request_of

LINK = re.compile(r'href="/requests/([0-9a-f]{32})"')


async def ids(staff: Staff, query: str = "") -> list[str]:
    return LINK.findall(await staff.get(f"/requests{query}"))


async def test_the_list_shows_clocks_and_marks_and_no_names(desk: Desk) -> None:
    fresh = await enter_request(desk, days=1)
    late = await enter_request(desk, Kind.ERASURE, days=20, reachable=False)
    test = await enter_request(desk, is_test=True)
    staff = await desk.signed_in(Role.COUNSELLOR, "ken")
    await Screen(staff, fresh).do("urgent", on="yes")

    page = await staff.get("/requests")
    assert LINK.findall(page) == [late, fresh]
    for shown in ("期限超過", "急ぎ", "連絡先なし", "未割当", "消去", "本人確認待ち"):
        assert shown in page
    for hidden in ("花子", WORDS, "見本町"):
        assert hidden not in page
    assert test in await ids(staff, "?with_tests=1")


async def test_filters_and_quick_ones(desk: Desk) -> None:
    mine = await enter_request(desk, days=1)
    nobodys = await enter_request(desk, Kind.COMPLAINT, scope=None, days=20)
    staff = await desk.signed_in(Role.OFFICER, "ken")
    await Screen(staff, mine).do("assign", to="staff:ken")

    assert await ids(staff, "?assignee=mine") == [mine]
    assert await ids(staff, "?assignee=nobody") == [nobodys]
    assert await ids(staff, "?assignee=staff:ken&kind=disclosure") == [mine]
    assert await ids(staff, "?due=overdue") == [nobodys]
    assert await ids(staff, "?due=3&kind=disclosure") == []
    assert await ids(staff, "?group=over") == []
    assert await ids(staff, "?group=nonsense&due=x&kind=y&assignee=z") == [nobodys, mine]
    await staff.get("/requests?after=nonsense", status=400)

    screen = Screen(staff, mine)
    await screen.verify()
    await screen.do("begin")
    await screen.do("propose", choice="granted:")
    assert await ids(staff, "?second_person=1") == [mine]
    await Screen(staff, nobodys).do("reply", text="まだでしょうか。")
    # Whoever has entered the reply has not read it yet, but for the page that followed.
    assert await ids(staff, "?replied=1") == [nobodys]
    await Screen(staff, nobodys).look()
    assert await ids(staff, "?replied=1") == []


async def test_a_long_list_goes_on_where_it_ended(desk: Desk) -> None:
    everything = [await enter_request(desk, days=1 + number / 100) for number in range(PAGE_ROWS + 2)]
    staff = await desk.signed_in(Role.OFFICER)
    first = await staff.get("/requests")
    onward = re.search(r'href="(/requests\?[^"]*after=[^"]+)"', first)
    assert onward
    rest = await staff.get(onward.group(1).replace("&amp;", "&"))
    assert LINK.findall(first) + LINK.findall(rest) == everything[::-1]
    assert "after=" not in rest


async def test_several_are_given_to_somebody_at_once(desk: Desk) -> None:
    one, two = await enter_request(desk), await enter_request(desk)
    staff = await desk.signed_in(Role.COUNSELLOR, "ken")
    aya = await desk.signed_in(Role.OFFICER, "aya")
    del aya
    form = {"query": "/requests?group=open&assignee=nobody", "to": "staff:aya", "request": [f"{one} ", f"{two} "]}
    where, _ = await staff.post("/requests/assign", form)
    assert where == "/requests?group=open&assignee=nobody&done=2"
    assert "2件の担当を決めました" in await staff.get(where)
    assert {(await request_of(desk, id_)).assignee for id_ in (one, two)} == {"staff:aya"}


async def test_what_somebody_else_gave_away_meanwhile_is_not_taken_from_them(desk: Desk) -> None:
    one, two = await enter_request(desk), await enter_request(desk)
    staff = await desk.signed_in(Role.COUNSELLOR, "ken")
    await desk.console.write(lambda session: assign(session, two, "staff:mei", actor="staff:aya", now=desk.clock()))
    form = {"query": "", "to": "staff:ken", "request": [f"{one} ", f"{two} "]}
    _, text = await staff.post("/requests/assign", form, status=422)
    assert "担当が変わりました" in text
    assert (await request_of(desk, two)).number in text
    assert (await request_of(desk, one)).assignee is None
    assert text.count(" checked") == 2


async def test_somebody_has_to_be_chosen_and_something(desk: Desk) -> None:
    one = await enter_request(desk)
    staff = await desk.signed_in(Role.COUNSELLOR, "ken")
    assert "担当を入力" in (await staff.post("/requests/assign", {"query": "", "request": f"{one} "}, status=422))[1]
    assert "選んでください" in (await staff.post("/requests/assign", {"query": "", "to": "staff:ken"}, status=422))[1]
    _, text = await staff.post("/requests/assign", {"to": "staff:stranger", "request": f"{one} "}, status=422)
    assert "割り当てられない" in text
    viewer = await desk.signed_in(Role.VIEWER)
    assert "まとめて割り当てる" not in await viewer.get("/requests")


def test_an_address_is_spelt_as_it_is_read() -> None:
    chosen = read_filter({"group": "review", "kind": "erasure", "assignee": "mine", "due": "7", "urgent": "1"})
    assert chosen.query() == "/requests?group=review&kind=erasure&assignee=mine&due=7&urgent=1"
    assert chosen.query(group="open").startswith("/requests?group=open&")
    assert read_filter({}).group is Group.OPEN
    assert read_filter({"replied": "1"}).group is Group.ALL
    assert read_filter({"second_person": "1"}).group is Group.UNFINISHED
