"""What the form asks, of whom, and in which order."""

from __future__ import annotations

import shutil
from pathlib import Path

from selectolax.lexbor import LexborHTMLParser as HTMLParser

from bot.register.kinds import ADVERTISING, Kind
from bot.storage.engine import transaction
from tests.support.request_form import heading, names, shown
from tests.support.request_pages import file_with_page
from tests.support.web_member import Desk, running_desk


async def test_looking_shows_one_button_whatever_the_token(desk: Desk) -> None:
    page = file_with_page(desk.gateway)
    texts = [await (await desk.client.get(path)).text() for path in (page.path, "/request/unknown")]

    assert texts[0] == texts[1]
    assert HTMLParser(texts[0]).css_first("button").text() == "入力ページを開く"  # type: ignore[union-attr]


async def test_the_form_opens_while_somebody_else_writes(desk: Desk) -> None:
    page = file_with_page(desk.gateway)
    with transaction(desk.gateway.engine):
        html = await shown(await desk.client.post(page.path, data={"step": "open"}))

    assert "email" in names(html)


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


async def test_documents_are_spoken_of_where_the_table_wants_them(desk: Desk) -> None:
    page = file_with_page(desk.gateway, Kind.DISCLOSURE, scope="口座情報")
    html = await shown(await desk.client.post(page.path, data={"step": "open"}))

    field = html.css_first("#identity_files")
    assert field is not None
    assert field.parent is not None
    assert "when-for-other" not in str(field.parent.attributes.get("class"))
    assert "塗りつぶす" in field.parent.text()
    assert "口座情報や健康情報は" in field.parent.text()
