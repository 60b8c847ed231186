from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from bot.register.duties import is_due_without_delay, matters
from bot.register.filing import file_draft
from bot.register.kinds import Kind
from bot.register.models import Draft, Request
from bot.register.requests import of_conversation
from bot.storage.encryption import Vault

Make = Callable[..., str]

MATTERS = {
    "controller": [
        "御社の正式な社名を教えてください",
        "代表者はどなたですか",
        "運営会社の所在地が知りたい",
        "これはどこの会社がやっているのですか",
        "本社ってどこにあるの？",
    ],
    "purposes": [
        "生年月日は何のために使うのですか",
        "集めた情報の用途をすべて知りたい",
        "位置の記録をどのように利用していますか",
        "アンケートの答えの利用目的は？",
    ],
    "procedures": [
        "開示の手数料はいくらかかりますか",
        "訂正を頼むときの用紙はどこでもらえますか",
        "代理人が消去を申し込むには何が必要ですか",
        "本人確認書類には何を使えますか",
        "利用停止の手順を知りたい",
    ],
    "security": [
        "どんな安全管理をしていますか",
        "データは暗号化されていますか",
        "外国のサーバーに置いていますか",
        "漏えいを防ぐ備えはありますか",
        "登録した情報はどうやって守られているの",
    ],
    "complaints": ["苦情はどこに言えばいいですか", "問い合わせ先の電話番号は？", "苦情の申出先を知りたい"],
    "certified_body": ["認定個人情報保護団体に入っていますか", "加入している団体の名前は"],
}
OTHER = [
    "個人情報は何年間残りますか",
    "登録した住所を間違えました",
    "私の名前が違っています",
    "退会したあともメールが来ますか",
    "子どもの分も登録できますか",
    "ポイントの会社にも情報が行きますか",
    "家族に見られることはありますか",
    "クッキーは何日で消えますか",
    "AIの学習に回されていませんか",
    "位置は取られていますか",
    "",
]


@pytest.mark.parametrize(("name", "text"), [(name, text) for name, texts in MATTERS.items() for text in texts])
def test_what_the_law_wants_answered_is_recognised(name: str, text: str) -> None:
    assert name in matters(text)


@pytest.mark.parametrize("text", OTHER)
def test_what_it_does_not_mention_is_not(text: str) -> None:
    assert matters(text) == []


def test_width_of_letters_makes_no_difference() -> None:
    assert is_due_without_delay("ｾｷｭﾘﾃｨはどうなっていますか")


@given(st.text(max_size=200))
def test_any_text_is_read(text: str) -> None:
    assert is_due_without_delay(text) is bool(matters(text))


@pytest.mark.parametrize(("words", "flagged"), [(MATTERS["procedures"][0], True), (OTHER[0], False), (None, False)])
def test_an_inquiry_carries_the_flag_to_the_list_of_staff(
    session: Session, new_draft: Make, vault: Vault, now: datetime, words: str | None, *, flagged: bool
) -> None:
    draft_id = new_draft(session, Kind.INQUIRY, words=words)
    file_draft(session, draft_id, now=now, vault=vault)

    (view,) = of_conversation(session, "c" * 32)

    assert session.get_one(Draft, draft_id).without_delay is flagged
    assert view.without_delay is flagged


def test_only_the_inquiry_of_several_kinds_is_flagged(
    session: Session, new_draft: Make, vault: Vault, now: datetime
) -> None:
    draft_id = new_draft(session, Kind.DISCLOSURE, Kind.INQUIRY, words=MATTERS["procedures"][0])
    filed = file_draft(session, draft_id, now=now, vault=vault)

    flags = {one.kind: session.get_one(Request, one.request_id).without_delay for one in filed}

    assert flags == {Kind.DISCLOSURE: False, Kind.INQUIRY: True}


def test_a_request_for_a_right_is_never_flagged(session: Session, new_draft: Make) -> None:
    draft_id = new_draft(session, Kind.DISCLOSURE, words=MATTERS["procedures"][0])

    assert session.get_one(Draft, draft_id).without_delay is False
