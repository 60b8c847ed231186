"""The papers: what can be read in them, what cannot, and that they carry their font."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pypdfium2 as pdfium
import pytest

from bot.channels.papers.papers import Asked, Frame, ReceiptsAreMissingError, form_pdf, label_pdf, receipt_pdf
from bot.desk import Desk, load_desk
from bot.register.filing import Filed
from bot.register.kinds import FILED_KINDS, Kind

_DESK = load_desk(Path("policy_corpus/eparkrelax/privacy"))
_ARRIVAL = datetime(2026, 12, 31, 15, 5, tzinfo=UTC)
_FRAME = Frame(_DESK, "https://privacy.example.jp/request", _ARRIVAL)
_RECEIPTS = [
    Filed("K270101-7F3K-9QXMC", Kind.DISCLOSURE, _ARRIVAL, "1" * 32),
    Filed("K270101-7F3K-9QXMD", Kind.CORRECTION, _ARRIVAL, "2" * 32),
]


@contextmanager
def opened(content: bytes) -> Iterator[pdfium.PdfDocument]:
    document = pdfium.PdfDocument(content)
    try:
        yield document
    finally:
        document.close()


def words(content: bytes) -> str:
    """The text of all pages without white space, since lines break where the paper ends."""
    with opened(content) as document:
        pages = [document[number].get_textpage().get_text_range() for number in range(len(document))]
    return "".join("".join(pages).split())


def pages(content: bytes) -> int:
    with opened(content) as document:
        return len(document)


def squeezed(text: str) -> str:
    return "".join(text.split())


def owned(**facts: str) -> Frame:
    desk = _DESK.model_copy(update={"owner": _DESK.owner.model_copy(update=facts)})
    return Frame(desk, _FRAME.page_url, _ARRIVAL)


def test_the_receipt_names_number_kind_and_japanese_time() -> None:
    text = words(receipt_pdf(_RECEIPTS, _FRAME))
    for receipt in _RECEIPTS:
        assert receipt.number in text
        assert receipt.kind.title in text
    assert "2027年1月1日（金）00時05分" in text


def test_the_receipt_quotes_the_policy_and_both_desks() -> None:
    text = words(receipt_pdf(_RECEIPTS, _FRAME))
    assert squeezed(_DESK.quotes["identity_check"]) in text
    for entry in _DESK.desks:
        assert squeezed(entry.about) in text
        assert squeezed(entry.quote) in text
    assert "https://privacy.example.jp/request" in text


def test_a_complaint_has_no_two_weeks() -> None:
    text = words(receipt_pdf([Filed("K270101-7F3K-9QXMC", Kind.COMPLAINT, _ARRIVAL, "1" * 32)], _FRAME))
    assert "苦情" in text
    assert "2週間" not in text


def test_what_the_policy_does_not_say_is_left_out() -> None:
    desk = Desk.model_validate(_DESK.model_dump(by_alias=True) | {"quotes": {}})
    text = words(receipt_pdf(_RECEIPTS, Frame(desk, "https://a.example/request", _ARRIVAL)))
    assert "2週間" not in text
    assert "受付時間" not in text


def test_a_resume_code_is_there_only_when_given() -> None:
    assert "コード" not in words(receipt_pdf(_RECEIPTS, _FRAME))
    told = words(receipt_pdf(_RECEIPTS, _FRAME, resume_code="ABCD-EFGH-JKMN"))
    # It opens the page before and after the contact details were entered.
    for wanted in ("ABCD-EFGH-JKMN", "進み具合の確認", "ご連絡先の入力の続き"):
        assert wanted in told


@pytest.mark.parametrize("draw", [lambda: receipt_pdf([], _FRAME), lambda: form_pdf([], _FRAME, Asked())])
def test_a_paper_about_nothing_is_not_made(draw: object) -> None:
    with pytest.raises(ReceiptsAreMissingError):
        draw()  # type: ignore[operator]  # one of the two above


def test_the_form_repeats_what_was_asked_and_has_room_for_the_rest() -> None:
    text = words(form_pdf(_RECEIPTS, _FRAME, Asked(scope="予約履歴", words="電話番号が違います")))
    for shown in ("予約履歴", "電話番号が違います", "正しい内容", "お名前", "ご本人との関係", "希望する回答の方法"):
        assert shown in text


def test_only_corrections_ask_for_what_is_right() -> None:
    assert "正しい内容" not in words(form_pdf(_RECEIPTS[:1], _FRAME, Asked()))


def test_the_form_shows_only_what_the_owner_filled_in() -> None:
    empty = words(form_pdf(_RECEIPTS, _FRAME, Asked()))
    for invented in ("手数料", "円", "本人確認の書類", "印鑑", "免許"):
        assert invented not in empty
    assert "手数料300円" in words(form_pdf(_RECEIPTS, owned(fee="300円"), Asked()))


def test_words_longer_than_a_page_go_on_on_the_next() -> None:
    long = "".join(f"第{number}の項目について見せてください。" for number in range(200))
    content = form_pdf(_RECEIPTS, _FRAME, Asked(words=long))
    assert "第199の項目について見せてください。" in words(content)
    assert pages(content) > 2


def test_every_kind_on_one_receipt() -> None:
    many = [Filed(f"K270101-7F3K-{place:05}", kind, _ARRIVAL, "1" * 32) for place, kind in enumerate(FILED_KINDS)]
    content = receipt_pdf(many, _FRAME)
    assert all(receipt.number in words(content) for receipt in many)
    assert pages(content) == 2


@pytest.mark.parametrize(
    "draw",
    [
        lambda: receipt_pdf(_RECEIPTS, _FRAME),
        lambda: form_pdf(_RECEIPTS, _FRAME, Asked()),
        lambda: label_pdf("山田", "東京", made_at=_ARRIVAL),
    ],
    ids=["receipt", "form", "label"],
)
def test_the_used_part_of_the_font_is_inside_and_the_language_is_told(draw: Callable[[], bytes]) -> None:
    content = draw()
    assert set(re.findall(rb"/BaseFont /(\S+)", content)) == {b"MPDFAA+NotoSansJP"}
    assert b"/FontFile3" in content
    assert b"/Lang (ja)" in content
    assert b'pdfaid:conformance="U"' in content or b"<pdfaid:conformance>U" in content
    assert len(content) < 100_000


def test_the_label_holds_name_and_address() -> None:
    text = words(label_pdf("髙﨑 𠮷子", "〒100-0001\n東京都千代田区千代田1-1", made_at=_ARRIVAL))
    assert text == "〒100-0001東京都千代田区千代田1-1髙﨑𠮷子様"


def test_a_long_address_is_set_smaller_on_one_label() -> None:
    content = label_pdf("山田花子", "東京都千代田区千代田一丁目" * 30, made_at=_ARRIVAL)
    assert pages(content) == 1
    assert words(content).endswith("山田花子様")


def test_a_character_without_a_glyph_is_marked_and_not_logged(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        text = words(label_pdf("ຜ田", "東京", made_at=_ARRIVAL))
    assert "〓田様" in text
    assert "ຜ" not in caplog.text
