"""What stands in the mails: every notice has one, and none tells a third reader anything."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.channels.mail.texts import Facts, House, Text, alert_text, house_of, member_text
from bot.channels.papers.line_breaking import columns
from bot.desk import load_desk
from bot.register.alerts.models import AlertSort
from bot.register.decisions.models import Outcome
from bot.register.kinds import FILED_KINDS, Kind
from bot.register.notices import MemberNotice
from bot.settings import Settings

_DESK = load_desk(Path("policy_corpus/eparkrelax/privacy"))
_NUMBER = "K270101-7F3K-9QXMC"
_ARRIVAL = datetime(2026, 12, 31, 15, 5, tzinfo=UTC)
_TEMPLATES = Path("bot/web/templates/mail")
# What tells how a request ended, in the words that answers and refusals use.
_OUTCOMES = (
    "不開示",
    "開示します",
    "応じ",
    "認め",
    "拒否",
    "拒む",
    "お断り",
    "できません",
    "存在しません",
    "消去しました",
)
_ABOUT_PEOPLE = ("様", "会員です", "会員では", "ご登録")


def house(**facts: str) -> House:
    owner = _DESK.owner.model_copy(update=facts)
    settings = Settings(_env_file=None, public_url="https://privacy.example.jp/")
    return house_of(_DESK.model_copy(update={"owner": owner}), settings)


def text_of(notice: MemberNotice, kind: Kind = Kind.DISCLOSURE) -> Text:
    return member_text(notice, house(), Facts(_NUMBER, kind, _ARRIVAL, "012345", _ARRIVAL))


def whole(text: Text) -> str:
    return f"{text.subject}\n{text.body}"


def test_every_template_is_a_notice_and_every_notice_has_one() -> None:
    written = {path.stem for path in _TEMPLATES.glob("[a-z]*.txt")}
    assert written == {*MemberNotice, "alert", "report_owed"}


@pytest.mark.parametrize("kind", FILED_KINDS)
@pytest.mark.parametrize("notice", MemberNotice)
def test_a_mail_says_where_and_whom_to_ask_and_how_to_know_it(notice: MemberNotice, kind: Kind) -> None:
    text = text_of(notice, kind)
    assert "https://privacy.example.jp/request\n" in text.body
    assert "support@mitsuraku.jp" in text.body
    for entry in _DESK.desks:
        assert entry.about in text.body
    assert "いつも https://privacy.example.jp/ で始まります" in text.body
    assert "ご返信は必要ありません" in text.body
    assert _DESK.controller in text.body


@pytest.mark.parametrize("kind", FILED_KINDS)
@pytest.mark.parametrize("notice", MemberNotice)
def test_a_mail_tells_no_outcome_and_nothing_of_the_person(notice: MemberNotice, kind: Kind) -> None:
    text = "".join(whole(text_of(notice, kind)).split())
    without_quote = text.replace("".join(_DESK.quotes["identity_check"].split()), "")
    assert not [word for word in (*_OUTCOMES, *_ABOUT_PEOPLE, *Outcome) if word in without_quote]


@pytest.mark.parametrize("kind", FILED_KINDS)
@pytest.mark.parametrize("notice", [notice for notice in MemberNotice if notice != MemberNotice.RECEIPT])
def test_only_the_receipt_names_what_was_asked(notice: MemberNotice, kind: Kind) -> None:
    other = Kind.DELETION if kind != Kind.DELETION else Kind.DISCLOSURE
    if (kind in (Kind.COMPLAINT, Kind.INQUIRY)) == (other in (Kind.COMPLAINT, Kind.INQUIRY)):
        assert text_of(notice, kind) == text_of(notice, other)
    assert f"種類：{kind.title}" in text_of(MemberNotice.RECEIPT, kind).body


@pytest.mark.parametrize("notice", MemberNotice)
def test_only_the_mail_with_the_code_has_the_code(notice: MemberNotice) -> None:
    assert ("012345" in whole(text_of(notice))) == (notice == MemberNotice.CODE)


def test_the_code_does_not_travel_with_the_whole_number() -> None:
    text = text_of(MemberNotice.CODE)
    assert "012345" not in text.subject
    assert _NUMBER not in whole(text)
    assert "9QXMC" in text.body
    assert "2027年1月1日（金）00時05分（日本時間）まで" in text.body
    assert "心当たりがない場合は、このメールを破棄してください" in text.body


@pytest.mark.parametrize("notice", [notice for notice in MemberNotice if notice != MemberNotice.CODE])
def test_every_other_subject_begins_with_the_number(notice: MemberNotice) -> None:
    assert text_of(notice).subject.startswith(f"受付番号 {_NUMBER}：")


def test_the_receipt_quotes_the_two_weeks_and_the_japanese_date() -> None:
    text = text_of(MemberNotice.RECEIPT)
    squeezed = "".join(text.body.split())
    assert "".join(_DESK.quotes["identity_check"].split()) in squeezed
    assert "受付日時：2027年1月1日（金）00時05分（日本時間）" in text.body


@pytest.mark.parametrize("kind", [Kind.COMPLAINT, Kind.INQUIRY])
def test_a_complaint_is_received_without_the_two_weeks(kind: Kind) -> None:
    text = whole(text_of(MemberNotice.RECEIPT, kind))
    assert "お申し出を受け付けました" in text
    assert "2週間" not in text


def test_the_second_desk_is_named_with_its_page_once_the_owner_filled_it_in() -> None:
    assert "会員情報やEPARK サービス全体：プライバシーポリシーにある窓口" in house().desks
    filled = house(membership_desk_url="https://example.jp/desk")
    assert "会員情報やEPARK サービス全体：https://example.jp/desk" in filled.desks


@pytest.mark.parametrize("kind", FILED_KINDS)
@pytest.mark.parametrize("notice", MemberNotice)
def test_lines_fit_any_screen(notice: MemberNotice, kind: Kind) -> None:
    text = text_of(notice, kind)
    assert all(columns(line) <= 76 for line in text.body.split("\n"))
    assert "\n" not in text.subject
    assert "\n\n\n" not in text.body
    assert not [line for line in text.body.split("\n") if line != line.rstrip()]


@pytest.mark.parametrize("sort", AlertSort)
def test_an_alert_has_number_kind_reason_and_days_and_nothing_else(sort: AlertSort) -> None:
    text = alert_text(_NUMBER, Kind.ERASURE, sort, 3)
    assert text.subject.startswith(f"受付番号 {_NUMBER}（消去）：")
    reason = text.subject.partition("：")[2]
    assert text.body == (
        f"受付番号：{_NUMBER}\n種類：消去\nお知らせ：{reason}\n残りの営業日：3日\n\n内容は管理画面で確認してください。\n"
    )
    assert "営業日" not in alert_text(_NUMBER, Kind.ERASURE, sort, None).body
    urgent = alert_text(_NUMBER, Kind.ERASURE, sort, 3, is_urgent=True)
    assert (urgent.subject, urgent.body) == (f"【至急】{text.subject}", text.body)
