"""After the submit: a code by mail proves the mailbox, one on paper resumes, the host site vouches."""

from __future__ import annotations

import json
import re
import shutil
from datetime import timedelta
from pathlib import Path

import jwt
import pypdfium2
from cryptography.hazmat.primitives.asymmetric import ec
from pydantic import SecretStr
from sqlalchemy import select

from bot.register.identity.models import Code, Proof
from bot.register.kinds import ADVERTISING, Kind
from bot.register.models import Page, Request
from bot.register.pages import draft_of_resume_code
from bot.storage.engine import transaction
from tests.support.request_form import BY_POST, count, handle, heading, look, press, shown
from tests.support.request_pages import PERSON, file_with_page, latest_code
from tests.support.web_member import Desk, running_desk


async def test_after_the_submit_a_code_comes_and_proves_the_mailbox(desk: Desk) -> None:
    page = file_with_page(desk.gateway, Kind.USE_STOP, scope=ADVERTISING)
    html = await shown(await press(desk, page, {**PERSON}))
    assert heading(html) == "確認コードの入力"
    assert "hanako@example.com" in html.text()
    field = html.css_first("input[name=code]")
    assert field is not None
    assert (field.attributes["autocomplete"], field.attributes["inputmode"]) == ("one-time-code", "numeric")
    code = latest_code(desk.gateway)
    full_width = f" {code[:3]} {code[3:]}".translate({ord(digit): ord(digit) + 0xFEE0 for digit in "0123456789"})

    response = await desk.client.post(page.path, data={"step": "code", "handle": handle(html), "code": full_width})

    assert heading(await shown(response)) == "メールアドレスを確認しました"
    with transaction(desk.gateway.engine) as session:
        request = session.scalars(select(Request)).one()
        proof = session.scalars(select(Proof)).one()
        assert (request.state, proof.sort, proof.agrees) == ("verified", "mailbox_code", True)
    again = await shown(await desk.client.post(page.path, data={"step": "open"}))
    assert heading(again) == "入力は済んでいます"
    assert again.css_first("[value=send]") is None


async def test_three_wrong_tries_end_a_code_and_another_can_be_sent(desk: Desk) -> None:
    page = file_with_page(desk.gateway)
    html = await shown(await press(desk, page, PERSON))
    code = latest_code(desk.gateway)
    wrong = "000000" if code != "000000" else "111111"
    texts = set()
    for typed in (wrong, wrong, wrong, code):
        response = await desk.client.post(page.path, data={"step": "code", "handle": handle(html), "code": typed})
        assert response.status == 422
        texts.add(await response.text())
    assert len(texts) == 1
    assert count(desk, Proof) == 0

    desk.clock.pass_time(seconds=1)
    html = await shown(await desk.client.post(page.path, data={"step": "send"}))
    sent = {"step": "code", "handle": handle(html), "code": latest_code(desk.gateway)}
    assert heading(await shown(await desk.client.post(page.path, data=sent))) == "メールアドレスを確認しました"


async def test_a_code_of_another_page_opens_nothing(desk: Desk) -> None:
    mine, other = file_with_page(desk.gateway), file_with_page(desk.gateway)
    await press(desk, mine, PERSON)
    html = await shown(
        await press(desk, other, {**PERSON, "email": "jiro@example.com", "email_again": "jiro@example.com"})
    )
    code = latest_code(desk.gateway)

    response = await desk.client.post(mine.path, data={"step": "code", "handle": handle(html), "code": code})

    assert response.status == 422
    assert count(desk, Proof) == 0


async def test_a_code_can_wait(desk: Desk) -> None:
    page = file_with_page(desk.gateway)
    await press(desk, page, PERSON)

    html = await shown(await desk.client.post(page.path, data={"step": "later"}))

    assert heading(html) == "入力を受け取りました"
    assert html.css_first("[value=send]") is not None
    assert "照らし合わせ" in html.text()


async def test_nobody_is_identified_to_reach_the_desk(desk: Desk) -> None:
    page = file_with_page(desk.gateway, Kind.INQUIRY, scope=None)

    html = await shown(await press(desk, page, PERSON))

    assert heading(html) == "入力を受け取りました"
    assert count(desk, Code) == 0


async def test_no_code_is_promised_while_no_mail_can_go_out(sqlite_template: Path, tmp_path: Path) -> None:
    shutil.copy(sqlite_template, tmp_path / "web.db")
    async with running_desk(tmp_path / "web.db") as desk:
        page = file_with_page(desk.gateway)
        html = await shown(await press(desk, page, PERSON))

        assert heading(html) == "入力を受け取りました"
        assert count(desk, Code) == 0


async def test_no_code_before_the_submit(desk: Desk) -> None:
    page = file_with_page(desk.gateway)
    for step in ("send", "later", "code"):
        response = await desk.client.post(page.path, data={"step": step, "handle": "x", "code": "123456"})
        assert response.status < 500
    assert (count(desk, Code), count(desk, Page)) == (0, 1)


async def test_who_can_get_no_mail_gets_a_code_to_print(desk: Desk) -> None:
    page = file_with_page(desk.gateway)
    html = await shown(await press(desk, page, BY_POST))
    code = html.css_first(".resume__code")
    assert code is not None
    assert re.fullmatch(r"\w{4}-\w{4}-\w{4}-\w{4}", code.text())

    later = desk.clock() + timedelta(days=399)
    assert look(desk, lambda session: draft_of_resume_code(session, code.text(), now=later)) == page.draft_id
    again = await shown(await desk.client.post(page.path, data={"step": "open"}))
    assert again.css_first(".resume__code") is None
    new = (await shown(await desk.client.post(page.path, data={"step": "send"}))).css_first(".resume__code")
    assert new is not None
    assert new.text() != code.text()


async def test_the_receipt_is_a_paper_with_the_code_of_this_page(desk: Desk) -> None:
    page, other = file_with_page(desk.gateway), file_with_page(desk.gateway)
    html = await shown(await press(desk, page, BY_POST))
    await press(desk, other, BY_POST)
    code = html.css_first("input[name=resume_code]")
    assert code is not None
    typed = str(code.attributes["value"])

    for path, is_printed in ((page.path, True), (other.path, False)):
        response = await desk.client.post(path, data={"step": "print", "resume_code": typed})
        document = pypdfium2.PdfDocument(await response.read())
        text = document[0].get_textpage().get_text_range()
        assert response.content_type == "application/pdf"
        assert (typed in text) is is_printed


async def test_there_is_no_receipt_to_print_before_the_submit(desk: Desk) -> None:
    page = file_with_page(desk.gateway)

    response = await desk.client.post(page.path, data={"step": "print"})

    assert response.content_type == "text/html"


async def test_the_host_site_vouches_for_its_member(sqlite_template: Path, tmp_path: Path) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    public = json.loads(jwt.algorithms.ECAlgorithm.to_jwk(key.public_key()))
    keys = SecretStr(json.dumps({"keys": [{**public, "kid": "k1", "alg": "ES256", "use": "sig"}]}))
    shutil.copy(sqlite_template, tmp_path / "web.db")
    async with running_desk(tmp_path / "web.db", member_token_keys=keys) as desk:
        page = file_with_page(desk.gateway)
        claims = {"sub": "member-7", "aud": "madoguchi", "exp": desk.clock.now + timedelta(minutes=5)}
        token = jwt.encode(claims, key, "ES256", headers={"kid": "k1"})
        foreign = {"Sec-Fetch-Site": "cross-site", "Origin": "https://members.example"}

        html = await shown(await desk.client.post(page.path, data={"member_token": token}, headers=foreign))
        carried = html.css_first("input[name=member_token]")
        assert carried is not None
        fields = {**PERSON, "member_token": str(carried.attributes["value"])}
        assert (await desk.client.post(page.path, data=fields, headers=foreign)).status == 403
        assert (await press(desk, page, fields)).status == 200

        with transaction(desk.gateway.engine) as session:
            assert session.scalars(select(Proof.sort)).one() == "member_token"
            assert session.scalars(select(Request.state)).one() == "verified"


async def test_a_member_token_counts_for_nothing_without_keys(desk: Desk) -> None:
    page = file_with_page(desk.gateway)

    assert (await press(desk, page, {**PERSON, "member_token": "x.y.z"})).status == 200
    assert count(desk, Proof) == 0
