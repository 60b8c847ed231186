from hypothesis import given
from hypothesis import strategies as st

from bot.channels import limits
from bot.channels.fitting import graphemes, utf16_units
from bot.channels.line.messages import line_messages
from bot.message import Message, fixed
from tests.support.messages import answer, step, with_link


def test_neighbouring_quotes_share_their_place_and_its_address() -> None:
    (bubble,) = line_messages([answer("一つめ。", "二つめ。")])
    assert bubble.text.splitlines() == [
        "方針には次のように書かれています。",
        "「一つめ。」",
        "「二つめ。」",
        "（【2】1．利用目的）",
        "https://chat.example.jp/policy/eparkrelax/privacy/2026-11-23?mark=0-4#mark",
    ]


def test_the_page_of_a_request_stands_under_the_text() -> None:
    (bubble,) = line_messages([with_link()])
    assert bubble.text.endswith("ご連絡先の入力ページ\nhttps://chat.example.jp/request/abc")


def test_buttons_carry_the_opaque_id_and_show_the_title() -> None:
    *_, last = line_messages([answer("一つめ。"), step("開示", "消去")])
    actions = [item.action for item in last.quick_reply.items]
    assert [(action.label, action.data, action.display_text) for action in actions] == [
        ("開示", f"{0:032x}", "開示"),
        ("消去", f"{1:032x}", "消去"),
    ]


def test_a_long_label_is_shortened_and_stands_whole_in_the_text() -> None:
    title = "👨‍👩‍👧‍👦" * 21
    (bubble,) = line_messages([step(title)])
    label = bubble.quick_reply.items[0].action.label
    assert len(graphemes(label)) == 20
    assert label.endswith("…")
    assert bubble.text.endswith(f"・{title}")


def test_more_buttons_than_line_has_are_left_to_typing() -> None:
    (bubble,) = line_messages([step(*(f"選択{place}" for place in range(20)))])
    assert len(bubble.quick_reply.items) == limits.LINE_QUICK_REPLIES


@given(st.lists(st.integers(min_value=1, max_value=12_000), min_size=1, max_size=9))
def test_any_turn_fits_one_reply(lengths: list[int]) -> None:
    messages = [Message(kind="answer", parts=(fixed("個🍎" * (length // 2) + "。"),)) for length in lengths]
    bubbles = line_messages(messages)
    assert 1 <= len(bubbles) <= limits.LINE_MESSAGES
    assert all(0 < utf16_units(bubble.text) <= limits.LINE_TEXT_UNITS for bubble in bubbles)


def test_what_does_not_fit_is_said() -> None:
    bubbles = line_messages([Message(kind="answer", parts=(fixed("個" * 30_000),))])
    assert bubbles[-1].text.endswith("続きは「プライバシーポリシー」のページでご確認ください。）")
