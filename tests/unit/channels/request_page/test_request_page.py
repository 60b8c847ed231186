from __future__ import annotations

import asyncio
import json
import re
import shutil
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import jwt
import pypdfium2
import pytest
from aiohttp import ClientResponse
from cryptography.hazmat.primitives.asymmetric import ec
from pydantic import SecretStr
from selectolax.lexbor import LexborHTMLParser as HTMLParser
from sqlalchemy import func, select

from bot.register.contacts import Revealed, reveal
from bot.register.identity.models import Code, Proof
from bot.register.kinds import ADVERTISING, Kind
from bot.register.models import Contact, Page, Request
from bot.register.pages import draft_of_resume_code
from bot.register.thread.files import read_file
from bot.register.thread.models import StoredFile
from bot.storage.engine import transaction
from bot.storage.models import Inbound
from tests.support.request_pages import PDF, PERSON, PNG, FiledPage, file_with_page, latest_code, multipart
from tests.support.web_member import Desk, running_desk

SMTP = SecretStr("smtp://127.0.0.1:1")
BY_POST = {
    **PERSON,
    "reply_by": "post",
    "email": "",
    "email_again": "",
    "postal_code": "１０００００１",
    "address": "東京都千代田区1-1",
}


@pytest.fixture
async def desk(sqlite_template: Path, tmp_path: Path) -> AsyncIterator[Desk]:
    shutil.copy(sqlite_template, tmp_path / "web.db")
    async with running_desk(tmp_path / "web.db", smtp_url=SMTP) as running:
        yield running


async def press(desk: Desk, page: FiledPage, fields: dict[str, str], *files: tuple[str, str, bytes]) -> ClientResponse:
    return await desk.client.post(page.path, data=multipart(fields, *files))


async def shown(response: ClientResponse) -> HTMLParser:
    return HTMLParser(await response.text())


def names(html: HTMLParser) -> list[str]:
    fields = html.css("form.fields input, form.fields textarea, form.fields button")
    found = [str(field.attributes["name"]) for field in fields if field.attributes.get("type") != "hidden"]
    return list(dict.fromkeys(found))


def heading(html: HTMLParser) -> str:
    found = html.css_first("h1")
    assert found is not None
    return found.text(strip=True)


def handle(html: HTMLParser) -> str:
    found = html.css_first("input[name=handle]")
    assert found is not None
    return str(found.attributes["value"])


def count(desk: Desk, table: type) -> int:
    with transaction(desk.gateway.engine) as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def look(desk: Desk, read: Callable[..., Any]) -> Any:  # noqa: ANN401 - whatever is read
    with transaction(desk.gateway.engine) as session:
        return read(session)


def revealed(desk: Desk, kind: Kind) -> Revealed:
    with transaction(desk.gateway.engine) as session:
        request = session.scalars(select(Request).where(Request.kind == kind)).one()
        return reveal(session, request.id, vault=desk.gateway.vault, actor="staff:sato", now=desk.clock())


async def test_looking_shows_one_button_whatever_the_token(desk: Desk) -> None:
    page = file_with_page(desk.gateway)
    texts = [await (await desk.client.get(path)).text() for path in (page.path, "/request/unknown")]

    assert texts[0] == texts[1]
    assert HTMLParser(texts[0]).css_first("button").text() == "入力ページを開く"  # type: ignore[union-attr]


async def test_the_form_asks_in_the_order_in_which_it_is_read(desk: Desk) -> None:
    page = file_with_page(desk.gateway, Kind.DISCLOSURE, Kind.CORRECTION, scope=None)
    html = await shown(await desk.client.post(page.path, data={"step": "open"}))

    scopes = [f"scope_{place}" for place in range(len(desk.gateway.desk.scopes))]
    assert names(html) == [
        "role",
        "name",
        "subject",
        *scopes,
        "disclosure_period",
        "correction_item",
        "correction_is_now",
        "correction_should_be",
        "correction_reason",
        "reply_by",
        "email",
        "email_again",
        "postal_code",
        "address",
        "phone",
        "evidence_files",
        "identity_files",
        "remarks",
        "step",
    ]
    assert [title.text() for title in html.css("h1, h2, h3")] == [
        "ご請求に必要なことの入力",
        "ご請求される方",
        "ご請求の内容",
        "開示",
        "訂正",
        "ご回答の方法",
        "添えるもの",
        "個人情報の取り扱い",
    ]


async def test_every_field_has_a_label_and_mail_is_preselected(desk: Desk) -> None:
    page = file_with_page(desk.gateway, *(kind for kind in Kind if kind.is_filed), scope=None)
    html = await shown(await desk.client.post(page.path, data={"step": "open"}))

    labelled = {label.attributes.get("for") for label in html.css("label[for]")}
    for field in html.css("form.fields input:not([type=hidden]), form.fields textarea"):
        is_inside = field.parent is not None and field.parent.tag == "label"
        assert is_inside or field.attributes["id"] in labelled
    assert [box.attributes["value"] for box in html.css("[name=reply_by][checked]")] == ["email"]


async def test_a_complaint_needs_nothing_more(desk: Desk) -> None:
    page = file_with_page(desk.gateway, Kind.COMPLAINT, scope=None)
    html = await shown(await desk.client.post(page.path, data={"step": "open"}))

    assert "part-what" not in html.html  # type: ignore[operator]
    assert "scope_0" not in names(html)


async def test_stopping_mails_asks_for_the_mailbox_twice_and_nothing_else(desk: Desk) -> None:
    page = file_with_page(desk.gateway, Kind.USE_STOP, scope=ADVERTISING)
    html = await shown(await desk.client.post(page.path, data={"step": "open"}))

    assert names(html) == ["email", "email_again", "step"]
    assert heading(html) == "配信停止の手続き"
    assert "確認コードが届きます" in html.text()


async def test_the_owners_own_page_stands_beside_a_mail_stop(sqlite_template: Path, tmp_path: Path) -> None:
    shutil.copy(sqlite_template, tmp_path / "web.db")
    async with running_desk(tmp_path / "web.db", stop_mail_url="https://members.example/stop") as desk:
        page = file_with_page(desk.gateway, Kind.USE_STOP, scope=ADVERTISING)
        html = await shown(await desk.client.post(page.path, data={"step": "open"}))

        assert html.css_first('a[href="https://members.example/stop"]') is not None
        assert names(html)[0] == "email"


async def test_consent_names_what_is_known_and_nothing_that_is_not(desk: Desk) -> None:
    page = file_with_page(desk.gateway)
    html = await shown(await desk.client.post(page.path, data={"step": "open"}))

    assert [title.text() for title in html.css(".consent dt")] == ["事業者名", "利用目的", "開示等のご請求の窓口"]
    assert html.css(".consent dd")[0].text() == "株式会社EPARKリラク＆エステ"
    assert html.css("form.fields button")[-1].text() == "同意して送信する"


async def test_all_faults_are_listed_and_linked_and_what_was_typed_stays(desk: Desk) -> None:
    page = file_with_page(desk.gateway, Kind.CORRECTION, scope=None)
    response = await press(
        desk,
        page,
        {
            **PERSON,
            "name": "",
            "role": "appointed_agent",
            "email_again": "other@example.com",
            "correction_should_be": "<花子>",
            "scope_1": "on",
        },
    )
    html = await shown(response)

    assert response.status == 422
    links = {link.attributes["href"]: link.text() for link in html.css(".summary a")}
    assert list(links) == ["#name", "#subject", "#correction_item", "#email_again"]
    assert links["#correction_item"] == "訂正の「どの項目か」を入力してください。"
    for target in links:
        assert html.css_first(str(target)) is not None
    summary = html.css_first(".summary")
    assert summary is not None
    assert {"autofocus", "tabindex", "role"} <= set(summary.attributes)
    assert html.css_first("#correction_should_be").text() == "<花子>"  # type: ignore[union-attr]
    assert html.css_first("[name=scope_1][checked]") is not None
    assert count(desk, Contact) == 0


async def test_consent_to_an_older_text_is_asked_for_again(desk: Desk) -> None:
    page = file_with_page(desk.gateway)
    for version in ("0", None):
        fields = {name: value for name, value in {**PERSON, "consent_version": version}.items() if value is not None}
        response = await press(desk, page, fields)

        assert response.status == 422
        assert (await shown(response)).css_first("#consent-error") is not None
    assert count(desk, Contact) == 0


async def test_everything_that_was_entered_is_kept_sealed_and_shown_to_staff(desk: Desk) -> None:
    page = file_with_page(desk.gateway, Kind.CORRECTION, Kind.DISCLOSURE, scope=None)
    fields = {
        **BY_POST,
        "role": "legal_representative",
        "subject": "山田 太郎",
        "scope_0": "on",
        "correction_item": "電話番号",
        "correction_should_be": "090-1234-5678",
        "disclosure_period": "2025年春",
        "remarks": "平日は留守です",
    }

    response = await press(desk, page, fields)

    assert response.status == 200
    contact: Contact = look(desk, lambda session: session.scalars(select(Contact)).one())
    assert (contact.reply_by, contact.consent_version, contact.sealed_email) == ("post", "1", None)
    correction, disclosure = revealed(desk, Kind.CORRECTION), revealed(desk, Kind.DISCLOSURE)
    assert (correction.name, correction.subject, correction.remarks) == ("山田 花子", "山田 太郎", "平日は留守です")
    assert correction.address == "〒100-0001 東京都千代田区1-1"
    assert correction.particulars == {"item": "電話番号", "should_be": "090-1234-5678"}
    assert disclosure.particulars == {"period": "2025年春"}
    scopes = look(desk, lambda session: {row.scope for row in session.scalars(select(Request))})
    assert scopes == {desk.gateway.desk.scopes[0].title}
    assert "山田" not in repr(correction)


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


async def test_no_code_before_the_submit(desk: Desk) -> None:
    page = file_with_page(desk.gateway)
    for step in ("send", "later", "code"):
        response = await desk.client.post(page.path, data={"step": step, "handle": "x", "code": "123456"})
        assert response.status < 500
    assert (count(desk, Code), count(desk, Page)) == (0, 1)


async def test_files_are_kept_and_told_by_their_first_bytes(desk: Desk) -> None:
    page = file_with_page(desk.gateway)
    files = (("evidence_files", "../領収書.pdf", PDF), ("identity_files", "表.jpg", PNG))

    response = await press(desk, page, PERSON, *files)

    assert response.status == 200
    with transaction(desk.gateway.engine) as session:
        rows = {row.purpose: row for row in session.scalars(select(StoredFile))}
        assert (rows["evidence"].media_type, rows["identity"].media_type) == ("application/pdf", "image/png")
        assert PDF not in (rows["evidence"].sealed_content or b"")
        kept = read_file(session, rows["evidence"].id, actor="staff:sato", now=desk.clock(), vault=desk.gateway.vault)
        assert (kept.name, kept.content) == ("領収書.pdf", PDF)


@pytest.mark.parametrize(
    ("files", "words"),
    [
        ([("evidence_files", "a.pdf", b"MZ" + PDF)], "PDF・JPEG・PNG・HEICではない"),
        ([("evidence_files", "a.pdf", PDF + b"x" * (10 * 1024 * 1024))], "10MBより大きい"),
        ([("evidence_files", f"{place}.pdf", PDF) for place in range(6)], "合わせて5つまで"),
    ],
    ids=["type", "size", "number"],
)
async def test_a_file_that_cannot_be_taken_is_named_and_nothing_is_kept(
    desk: Desk, files: list[tuple[str, str, bytes]], words: str
) -> None:
    page = file_with_page(desk.gateway)

    response = await press(desk, page, PERSON, *files)

    html = await shown(response)
    assert response.status == 422
    assert words in html.css_first("#evidence_files-error").text()  # type: ignore[union-attr]
    assert html.css_first("[name=name]").attributes["value"] == "山田 花子"  # type: ignore[union-attr]
    assert (count(desk, Contact), count(desk, StoredFile)) == (0, 0)


async def test_a_file_of_ten_megabytes_is_taken(desk: Desk) -> None:
    page = file_with_page(desk.gateway)
    content = PDF + b"x" * (10 * 1024 * 1024 - len(PDF))

    assert (await press(desk, page, PERSON, ("evidence_files", "a.pdf", content))).status == 200
    assert look(desk, lambda session: session.scalars(select(StoredFile.size)).one()) == len(content)


async def test_a_field_longer_than_any_field_is_refused(desk: Desk) -> None:
    page = file_with_page(desk.gateway)

    response = await press(desk, page, {**PERSON, "remarks": "あ" * 30_000})

    assert response.status == 413
    assert heading(await shown(response)) == "ファイルが大きすぎました"


async def test_what_is_no_form_is_refused(desk: Desk) -> None:
    page = file_with_page(desk.gateway)
    bodies = {"multipart/form-data": b"x", "multipart/form-data; boundary=a": b"--a\r\n\r\nx\r\n--a--\r\n"}
    for content_type, body in bodies.items():
        response = await desk.client.post(page.path, data=body, headers={"Content-Type": content_type})
        assert response.status == 400
    assert count(desk, Contact) == 0


async def test_documents_are_spoken_of_where_the_table_wants_them(desk: Desk) -> None:
    page = file_with_page(desk.gateway, Kind.DISCLOSURE, scope="口座情報")
    html = await shown(await desk.client.post(page.path, data={"step": "open"}))

    field = html.css_first("#identity_files")
    assert field is not None
    assert field.parent is not None
    assert "when-for-other" not in str(field.parent.attributes.get("class"))
    assert "塗りつぶす" in field.parent.text()
    assert "口座情報や健康情報は" in field.parent.text()


async def test_pressed_twice_at_once_it_is_submitted_once(desk: Desk) -> None:
    page = file_with_page(desk.gateway)

    responses = await asyncio.gather(*(press(desk, page, PERSON) for _ in range(4)))

    headings = sorted([heading(await shown(response)) for response in responses])
    assert headings == ["入力は済んでいます"] * 3 + ["確認コードの入力"]
    assert (count(desk, Contact), count(desk, Code)) == (1, 1)


async def test_the_conversation_is_told_once_and_only_where_there_is_one(desk: Desk) -> None:
    member = await desk.member()
    for conversation in (member.conversation, None):
        page = file_with_page(desk.gateway, conversation_id=conversation)
        for _ in range(2):
            assert (await press(desk, page, PERSON)).status == 200
    told = look(desk, lambda session: list(session.scalars(select(Inbound).where(Inbound.channel == "system"))))
    assert [row.conversation_id for row in told] == [member.conversation]


async def test_another_sites_form_does_nothing(desk: Desk) -> None:
    page = file_with_page(desk.gateway)

    response = await desk.client.post(page.path, data=PERSON, headers={"Sec-Fetch-Site": "cross-site"})

    assert response.status == 403
    assert count(desk, Contact) == 0


async def test_a_page_that_is_over_or_unknown_says_so(desk: Desk) -> None:
    page = file_with_page(desk.gateway)
    desk.clock.pass_time(hours=73)

    for path, status in ((page.path, 410), ("/request/unknown", 404)):
        assert (await desk.client.post(path, data=multipart(PERSON))).status == status


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


async def test_an_address_against_the_standard_is_taken_and_shown_quoted(desk: Desk) -> None:
    page = file_with_page(desk.gateway)
    html = await shown(
        await press(desk, page, {**PERSON, "email": "a..b@docomo.ne.jp", "email_again": "a..b@docomo.ne.jp"})
    )

    assert html.css_first(".address").text() == '"a..b"@docomo.ne.jp'  # type: ignore[union-attr]
