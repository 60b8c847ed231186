"""The link of an invitation, from the first look at it to the first session."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.staff import invitations, second_factor
from bot.staff.models import Account, StaffEvent
from bot.storage.engine import reading, transaction
from tests.support.console import Desk
from tests.support.console_entry import send
from tests.support.staff_people import PASSWORD, VAULT, code_of, person


def invited(desk: Desk, *, hours_ago: float = 1) -> str:
    """The path of an open invitation of sato."""
    with transaction(desk.console.engine) as session:
        then = desk.clock() - timedelta(hours=hours_ago)
        return f"/setup/{invitations.issue(session, person(session, now=then), now=then)}"


def typed(desk: Desk, path: str, **changes: str) -> dict[str, str]:
    secret = second_factor.secret_for(path.rpartition("/")[2], VAULT)
    return {"password": PASSWORD, "again": PASSWORD, "code": code_of(secret, desk.clock())} | changes


async def test_the_link_sets_both_factors_and_logs_in(desk: Desk) -> None:
    path, browser = invited(desk), await desk.stranger()
    response = await send(browser, path, **typed(desk, path))
    assert (response.status, response.headers["Location"]) == (303, "/")
    assert "佐藤" not in await (await browser.get("/account")).text()
    assert (await browser.get(path, allow_redirects=False)).status == 410
    with reading(desk.console.engine) as session:
        events = session.scalars(select(StaffEvent).order_by(StaffEvent.position)).all()
    assert [(event.action, event.fields) for event in events] == [
        ("factor:set", ["password", "totp"]),
        ("session:opened", ["password", "totp"]),
    ]


async def test_looking_changes_nothing_and_always_shows_the_same_secret(desk: Desk) -> None:
    path, browser = invited(desk), await desk.stranger()
    texts = [await (await browser.get(path)).text() for _ in range(2)]
    pictures = [await browser.get(f"{path}/code.svg") for _ in range(2)]
    assert texts[0].count('class="pairing-key"') == 1
    assert pictures[0].headers["Content-Type"] == "image/svg+xml"
    assert pictures[0].headers["Cache-Control"] == "no-store"
    assert await pictures[0].read() == await pictures[1].read()
    with reading(desk.console.engine) as session:
        assert session.get_one(Account, ("sato", "eparkrelax")).sealed_totp is None


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"again": PASSWORD + "x"}, "一致しません"),
        ({"password": "passwordpassword", "again": "passwordpassword"}, "推測されやすい"),
        ({"password": "short", "again": "short"}, "15文字以上"),
        ({"password": "sato sato sato sato", "again": "sato sato sato sato"}, "推測されやすい"),
        ({"code": "12"}, "確認コードが正しくありません"),
    ],
)
async def test_what_cannot_be_taken_is_told_and_the_link_stays_open(
    desk: Desk, changes: dict[str, str], words: str
) -> None:
    path, browser = invited(desk), await desk.stranger()
    response = await send(browser, path, **typed(desk, path, **changes))
    text = await response.text()
    assert response.status == 400
    assert words in text
    assert 'type="password" value=""' in text
    assert (await send(browser, path, **typed(desk, path))).status == 303


async def test_old_used_and_invented_links_are_told_apart_by_nobody(desk: Desk) -> None:
    browser = await desk.stranger()
    texts = set()
    for path in (invited(desk, hours_ago=25), "/setup/invented", "/setup/invented/code.svg"):
        response = await browser.get(path)
        assert response.status == 410
        texts.add(await response.text())
    assert len(texts) == 1


async def test_a_link_that_ends_while_the_form_is_filled_in_sets_nothing(desk: Desk) -> None:
    path, browser = invited(desk), await desk.stranger()
    fields = typed(desk, path)

    def end(session: Session, account_id: str) -> None:
        invitations.close(session.get_one(Account, (account_id, "eparkrelax")))

    response = await browser.get(path)
    token = (await response.text()).partition('name="csrf" value="')[2][:64]
    await desk.console.write(partial(end, account_id="sato"))
    response = await browser.post(path, data=fields | {"csrf": token}, allow_redirects=False)
    assert response.status == 410


async def test_another_sites_page_cannot_use_a_link(desk: Desk) -> None:
    path, browser = invited(desk), await desk.stranger()
    response = await browser.post(path, data=typed(desk, path), allow_redirects=False)
    assert response.status == 400
    with reading(desk.console.engine) as session:
        assert session.get_one(Account, ("sato", "eparkrelax")).password_hash is None
