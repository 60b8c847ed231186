"""The letter of a decision: the page's words on paper, and nothing that nobody wrote."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pypdfium2 as pdfium

from bot.channels.papers.decision_letter import Told, letter_pdf
from bot.channels.papers.papers import Frame
from bot.desk import load_desk
from bot.register.decisions.grounds import ground
from bot.register.decisions.models import Outcome
from bot.register.filing import Filed
from bot.register.kinds import Kind

_ARRIVAL = datetime(2026, 12, 31, 15, 5, tzinfo=UTC)
_FRAME = Frame(load_desk(Path("policy_corpus/eparkrelax/privacy")), "https://privacy.example.jp/request", _ARRIVAL)
_RECEIPT = Filed("K270101-7F3K-9QXMC", Kind.DISCLOSURE, _ARRIVAL, "1" * 32)


def _words(told: Told, name: str = "見本 花子") -> str:
    document = pdfium.PdfDocument(letter_pdf(_RECEIPT, told, _FRAME, name=name, decided_at=_ARRIVAL))
    try:
        pages = [document[number].get_textpage().get_text_range() for number in range(len(document))]
    finally:
        document.close()
    return "".join("".join(pages).split())


def test_a_refusal_names_its_ground_with_the_source_and_the_explanation() -> None:
    told = Told(Kind.DISCLOSURE, Outcome.DENIED, ground("disclosure-breaks-law"), "この請求についての説明です。", "")
    words = _words(told)
    for shown in (
        "見本花子様",
        "K270101-7F3K-9QXMC",
        "ご請求には応じられません。",
        "個人情報保護法33条2項3号",
        "この請求についての説明です。",
        "2027年1月1日（金）",
    ):
        assert shown in words
    assert "内容" not in words


def test_what_was_changed_is_told_and_nothing_else() -> None:
    words = _words(Told(Kind.CORRECTION, Outcome.GRANTED, None, "", "電話番号を直しました。"), name="")
    assert "電話番号を直しました。" in words
    assert "理由" not in words
    assert "様" not in words


def test_a_complaint_gets_an_answer_and_not_the_answer_to_a_request() -> None:
    assert Told(Kind.COMPLAINT, Outcome.ANSWERED, None, "お答え", "").title == "ご回答"
    assert Told(Kind.ERASURE, Outcome.GRANTED, None, "", "").title == "ご請求への回答"
    assert "お答え" not in repr(Told(Kind.COMPLAINT, Outcome.ANSWERED, None, "お答え", ""))
