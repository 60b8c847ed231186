"""A request to further companies, chosen on its page: offered where there are any, filed once, told of everywhere."""

from __future__ import annotations

import asyncio
import json
import shutil
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import jwt
import pypdfium2
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from pydantic import SecretStr
from sqlalchemy import Engine, select

from bot.register.contacts import reveal
from bot.register.groups import Standing
from bot.register.identity.models import Proof
from bot.register.identity.proof_table import load_proof_table
from bot.register.kinds import ADVERTISING, Kind
from bot.register.life import Move, locked_request, move
from bot.register.models import Draft, Request, RequestGroup, State
from bot.register.thread.models import StoredFile
from bot.register.timeline import case_file
from bot.storage.engine import open_engine, reading, transaction
from tests.support.request_form import SMTP, handle, heading, names, press, shown
from tests.support.request_pages import PDF, PERSON, FiledPage, file_with_page, latest_code
from tests.support.web_member import Desk, running_desk, web_settings

SISTERS = {"parking": "見本駐車株式会社", "outing": "見本おでかけ株式会社"}
CHOSEN = {**PERSON, "sister-parking": "on", "sister-unknown": "on"}


@pytest.fixture
async def desk(database_url: str, tmp_path: Path) -> AsyncIterator[Desk]:
    """Of a group of companies; no mail goes out, so that the page ends at once."""
    async with running_desk(tmp_path, url=database_url, sister_controllers=SISTERS) as running:
        yield running


@pytest.fixture
def sister(desk: Desk) -> Iterator[Engine]:
    """What the further company sees."""
    opened = open_engine(desk.gateway.settings.database_url, controller="parking")
    yield opened
    opened.dispose()


async def test_the_companies_are_offered_and_none_is_chosen(desk: Desk) -> None:
    html = await shown(await press(desk, file_with_page(desk.gateway), {"step": "open"}))

    boxes = [box.attributes for box in html.css("[name^=sister-]")]
    assert [box["name"] for box in boxes] == ["sister-parking", "sister-outing"]
    assert all("checked" not in box for box in boxes)
    assert all(name in html.text() for name in SISTERS.values())
    consent = html.css(".consent dd")[0].text()
    assert consent.splitlines() == [
        "株式会社EPARKリラク＆エステ",
        *(f"{name}（上で選ばれた場合）" for name in SISTERS.values()),
    ]


async def test_what_was_chosen_stays_when_something_else_was_wrong(desk: Desk) -> None:
    html = await shown(await press(desk, file_with_page(desk.gateway), {**CHOSEN, "name": ""}))

    assert [box.attributes["name"] for box in html.css("[name^=sister-][checked]")] == ["sister-parking"]


async def test_the_chosen_company_has_the_request_the_details_and_the_files(desk: Desk, sister: Engine) -> None:
    page = file_with_page(desk.gateway, Kind.DISCLOSURE, Kind.ERASURE)
    html = await shown(await press(desk, page, CHOSEN, ("identity_files", "card.pdf", PDF)))

    with transaction(sister) as session:
        requests = session.scalars(select(Request).order_by(Request.number)).all()
        assert {one.kind for one in requests} == {Kind.DISCLOSURE, Kind.ERASURE}
        assert {one.state for one in requests} == {State.IDENTITY_PENDING}
        told = reveal(session, requests[0].id, vault=desk.gateway.vault, actor="staff:sato", now=desk.clock())
        assert told.email is not None
        assert told.email.reveal() == "hanako@example.com"
        assert len(session.scalars(select(StoredFile.id)).all()) == 1
        numbers = [one.number for one in requests]
    shown_numbers = [one.text() for one in html.css(".receipts__number")]
    assert set(numbers) < set(shown_numbers)
    assert len(shown_numbers) == 4
    assert SISTERS["parking"] in html.text()
    assert SISTERS["outing"] not in html.text()


async def test_pressed_twice_it_is_one_group(desk: Desk, sister: Engine) -> None:
    page = file_with_page(desk.gateway)
    await asyncio.gather(*(press(desk, page, CHOSEN) for _ in range(3)))
    html = await shown(await press(desk, page, {"step": "open"}))

    with reading(sister) as session:
        number = session.scalars(select(Request.number)).one()
        assert len(session.scalars(select(RequestGroup.id)).all()) == 1
    # Whoever comes back sees the number, too.
    assert number in html.text()


async def test_with_no_company_chosen_there_is_no_group(desk: Desk, sister: Engine) -> None:
    html = await shown(await press(desk, file_with_page(desk.gateway), PERSON))

    assert "いっしょに受け付けた会社" not in html.text()
    with reading(sister) as session:
        assert session.scalars(select(Request.id)).all() == []


async def test_the_member_s_page_says_where_each_company_s_request_stands(desk: Desk, sister: Engine) -> None:
    page = file_with_page(desk.gateway)
    await press(desk, page, CHOSEN)
    with transaction(sister) as session:
        request = locked_request(session, session.scalars(select(Request.id)).one())
        move(session, request, Move.WITHDRAW, actor="member", now=desk.clock())

    (standing,) = _file(desk, page)

    assert (standing.sibling.company, standing.state) == (SISTERS["parking"], State.WITHDRAWN)
    with reading(desk.gateway.engine) as session:
        assert session.scalars(select(Request.state)).all() == [State.IDENTITY_PENDING]


async def test_the_receipt_to_print_has_number_company_and_state(desk: Desk, sister: Engine) -> None:
    page = file_with_page(desk.gateway)
    await press(desk, page, CHOSEN)
    alone = file_with_page(desk.gateway)
    await press(desk, alone, PERSON)
    with reading(sister) as session:
        number = session.scalars(select(Request.number)).one()

    papers = [await (await press(desk, one, {"step": "print"})).read() for one in (page, alone)]
    told, told_alone = ("".join(_words(paper).split()) for paper in papers)

    for words in (number, SISTERS["parking"], f"{Kind.DISCLOSURE.title}（本人確認中）"):
        assert words in told
        assert words not in told_alone


async def test_a_form_that_stops_mails_offers_the_companies_too(desk: Desk, sister: Engine) -> None:
    page = file_with_page(desk.gateway, Kind.USE_STOP, scope=ADVERTISING)
    html = await shown(await press(desk, page, {"step": "open"}))
    assert names(html) == ["email", "email_again", "sister-parking", "sister-outing", "step"]

    await press(desk, page, {**CHOSEN, "name": ""})

    with reading(sister) as session:
        request = session.scalars(select(Request)).one()
        assert (request.kind, request.scope, request.is_urgent) == (Kind.USE_STOP, ADVERTISING, True)
        assert request.state == State.IDENTITY_PENDING


async def test_the_code_that_stops_mails_stops_them_with_every_company(database_url: str, tmp_path: Path) -> None:
    async with running_desk(tmp_path, url=database_url, sister_controllers=SISTERS, smtp_url=SMTP) as desk:
        page = file_with_page(desk.gateway, Kind.USE_STOP, scope=ADVERTISING)
        form = await shown(await press(desk, page, CHOSEN))
        typed = {"step": "code", "handle": handle(form), "code": latest_code(desk.gateway)}
        html = await shown(await press(desk, page, typed))
        # Sent again, as a browser does whose answer got lost.
        again = await shown(await press(desk, page, typed))

    assert [heading(html), heading(again)] == ["メールアドレスを確認しました", "入力は済んでいます"]
    assert f"{SISTERS['parking']}：" in html.text()
    engines = [open_engine(database_url, controller=controller) for controller in ("eparkrelax", "parking")]
    for engine in engines:
        with reading(engine) as session:
            assert session.scalars(select(Request.state)).all() == [State.VERIFIED]
            assert session.scalars(select(Proof.sort)).all() == ["mailbox_code"]
        engine.dispose()


@pytest.mark.parametrize("believed", [True, False])
async def test_the_host_site_s_word_counts_where_a_company_has_its_key(
    database_url: str, tmp_path: Path, *, believed: bool
) -> None:
    """One company's key lets nobody in at another that does not know it."""
    key = ec.generate_private_key(ec.SECP256R1())
    public = json.loads(jwt.algorithms.ECAlgorithm.to_jwk(key.public_key()))
    keys = SecretStr(json.dumps({"keys": [{**public, "kid": "k1", "alg": "ES256", "use": "sig"}]}))
    changes: dict[str, Any] = {"member_token_keys": keys} if believed else {}
    other = web_settings(database_url, default_policy="parking/privacy", **changes)
    beside = running_desk(
        tmp_path, url=database_url, beside=(other,), sister_controllers=SISTERS, member_token_keys=keys
    )
    async with beside as desk:
        claims = {"sub": "member-7", "aud": "madoguchi", "exp": int(desk.clock.now.timestamp()) + 300}
        token = jwt.encode(claims, key, "ES256", headers={"kid": "k1"})
        sent = await press(desk, file_with_page(desk.gateway), {**CHOSEN, "member_token": token})
        assert sent.status == 200

    for controller, sorts in {"eparkrelax": ["member_token"], "parking": ["member_token"] * believed}.items():
        engine = open_engine(database_url, controller=controller)
        with reading(engine) as session:
            assert session.scalars(select(Proof.sort)).all() == sorts
        engine.dispose()


async def test_where_there_is_no_further_company_none_is_offered(sqlite_template: Path, tmp_path: Path) -> None:
    shutil.copy(sqlite_template, tmp_path / "web.db")
    async with running_desk(tmp_path / "web.db") as desk:
        page = file_with_page(desk.gateway)
        html = await shown(await press(desk, page, {"step": "open"}))
        assert html.css("[name^=sister-]") == []
        await press(desk, page, CHOSEN)
        with reading(desk.gateway.engine) as session:
            assert len(session.scalars(select(Draft.id)).all()) == 1


def _words(paper: bytes) -> str:
    return "".join(page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(paper))


def _file(desk: Desk, page: FiledPage) -> tuple[Standing, ...]:
    with reading(desk.gateway.engine) as session:
        found = case_file(
            session, page.draft_id, vault=desk.gateway.vault, now=desk.clock(), table=load_proof_table(None)
        )
    return found.siblings
