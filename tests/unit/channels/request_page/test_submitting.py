"""What is kept when a member submits, and when nothing is."""

from __future__ import annotations

import asyncio

from sqlalchemy import select

from bot.register.identity.models import Code
from bot.register.kinds import Kind
from bot.register.models import Contact, Request
from bot.storage.models import Inbound
from tests.support.request_form import BY_POST, count, heading, look, press, revealed, shown
from tests.support.request_pages import PERSON, file_with_page, multipart
from tests.support.web_member import Desk


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
    told = correction.in_clear()
    assert (told["name"], told["subject"], told["remarks"]) == ("山田 花子", "山田 太郎", "平日は留守です")
    assert told["address"] == "〒100-0001 東京都千代田区1-1"
    assert correction.particulars == {"item": "電話番号", "should_be": "090-1234-5678"}
    assert disclosure.particulars == {"period": "2025年春"}
    scopes = look(desk, lambda session: {row.scope for row in session.scalars(select(Request))})
    assert scopes == {desk.gateway.desk.scopes[0].title}
    assert "山田" not in repr(correction)


async def test_an_address_against_the_standard_is_taken_and_shown_quoted(desk: Desk) -> None:
    page = file_with_page(desk.gateway)
    html = await shown(
        await press(desk, page, {**PERSON, "email": "a..b@docomo.ne.jp", "email_again": "a..b@docomo.ne.jp"})
    )

    assert html.css_first(".address").text() == '"a..b"@docomo.ne.jp'  # type: ignore[union-attr]


async def test_what_is_no_form_is_refused(desk: Desk) -> None:
    page = file_with_page(desk.gateway)
    bodies = {"multipart/form-data": b"x", "multipart/form-data; boundary=a": b"--a\r\n\r\nx\r\n--a--\r\n"}
    for content_type, body in bodies.items():
        response = await desk.client.post(page.path, data=body, headers={"Content-Type": content_type})
        assert response.status == 400
    assert count(desk, Contact) == 0


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
