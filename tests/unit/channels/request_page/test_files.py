"""Files of the form: which are taken, how large, how many."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from bot.register.models import Contact
from bot.register.thread.files import read_file
from bot.register.thread.models import StoredFile
from bot.storage.engine import transaction
from tests.support.request_form import count, heading, look, press, shown
from tests.support.request_pages import PDF, PERSON, PNG, file_with_page
from tests.support.web_member import Desk


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
        assert (kept.name.reveal(), kept.content) == ("領収書.pdf", PDF)


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
