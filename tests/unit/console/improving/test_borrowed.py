from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.masking.mask import mask, personal_data
from bot.console.improving import borrowed
from bot.console.improving.borrowed import refusal_of


@pytest.mark.parametrize(
    "text",
    [
        "［お名前］ですが、開示の手続きを教えてください",
        "[電話番号]に電話がありました",
        "●●さんの予約はどうなりますか",
        "○○店での記録は残りますか",
    ],
)
def test_text_with_a_mask_is_refused(text: str) -> None:
    assert refusal_of(text) == borrowed.HAS_MASK


@pytest.mark.parametrize(
    "text",
    ["taro@example.com に送れますか", "090-1234-5678 に電話しますか", "山田太郎と申しますが、開示できますか"],
)
def test_text_with_what_the_masks_find_is_refused_and_the_reason_names_the_sort_only(text: str) -> None:
    reason = refusal_of(text)
    assert reason is not None
    for word in ("taro", "1234", "山田"):
        assert word not in reason


def test_a_name_that_no_mask_finds_is_refused_by_its_place() -> None:
    text = "予約履歴は佐藤のものです"
    assert mask(text).sorts == ()
    reason = refusal_of(text)
    assert reason == borrowed.HAS_NAME.format(place=6)
    assert "佐藤" not in reason


@pytest.mark.parametrize(
    "text", ["うつ病の記録は見られますか", "妊娠していることは店に伝わりますか", "持病のことを書いた欄"]
)
def test_words_about_the_body_are_refused(text: str) -> None:
    assert refusal_of(text) == borrowed.HAS_HEALTH


def test_health_words_are_found_however_they_are_spaced_and_however_wide() -> None:
    assert refusal_of("糖 尿 の記録") == borrowed.HAS_HEALTH
    assert refusal_of("ＨＩＶ陽性の記録") == borrowed.HAS_HEALTH


@pytest.mark.parametrize(
    "text",
    [
        "健康情報は何に使われますか",
        "診療情報や健診情報は誰が見ますか",
        "まどぐちはなんじからなんじまで",
        "口コミの投稿者が誰か、サロン側にわかりますか",
        "好き勝手に使うつもりですか",
        "開示の請求に手数料はかかりますか",
        "",
    ],
)
def test_plain_questions_pass(text: str) -> None:
    assert refusal_of(text) is None


def test_what_the_policy_itself_prints_passes_when_it_is_spared() -> None:
    spared = personal_data("代表者 押切孝平 連絡先 support@mitsuraku.jp")
    assert refusal_of("support@mitsuraku.jp に送ればよいですか", spared=spared) is None
    assert refusal_of("support@mitsuraku.jp に送ればよいですか") is not None


@given(st.text(max_size=60))
def test_what_a_mask_changes_never_passes(text: str) -> None:
    if mask(text).sorts:
        assert refusal_of(text) is not None
