"""What a turn looks like as one post, within everything that Slack publishes about blocks."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.slack.messages import Posted, gone_post, slack_post
from bot.channels.taps import Tap, offer
from bot.message import Choice, Link, Message, computed, fixed
from tests.support.messages import answer, step, with_link
from tests.support.slack_member import buttons, titles, words
from tests.support.slack_rules import fault_of

_SHOWN = Posted(seal=lambda choice: choice)


def post_of(*messages: Message, posted: Posted = _SHOWN) -> dict[str, Any]:
    return slack_post(messages, posted)


def fault(post: dict[str, Any]) -> str:
    return fault_of("chat.postMessage", post | {"channel": "D1", "unfurl_links": False, "unfurl_media": False})


def test_quotes_stand_alone_and_their_place_links_to_the_policy() -> None:
    post = post_of(answer("一つめ。", "二*つ*め。"))
    assert words(post) == [
        "方針には次のように書かれています。",
        "一つめ。",
        "二*つ*め。",
        "<https://chat.example.jp/policy/eparkrelax/privacy/2026-11-23?mark=0-4#mark|（【2】1．利用目的）>",
    ]
    assert [block["type"] for block in post["blocks"]] == ["section", "rich_text", "rich_text", "context"]
    assert post["blocks"][1]["elements"][0]["type"] == "rich_text_quote"


def test_the_page_of_a_request_is_a_button_that_opens_it() -> None:
    (button,) = buttons(post_of(with_link()))
    assert (button["url"], button["text"]["text"]) == ("https://chat.example.jp/request/abc", "ご連絡先の入力ページ")
    assert "value" not in button


def test_buttons_carry_the_opaque_id() -> None:
    elements = list(buttons(post_of(step("開示", "あ" * 80))))
    assert [(element["action_id"], element["value"]) for element in elements] == [
        ("choice:0", f"{0:032x}"),
        ("choice:1", f"{1:032x}"),
    ]
    assert elements[1]["text"]["text"] == "あ" * 74 + "…"


def test_more_buttons_than_a_row_has_go_into_another() -> None:
    post = post_of(step(*(f"選択{place}" for place in range(30))))
    assert [len(block["elements"]) for block in post["blocks"] if block["type"] == "actions"] == [25, 5]


def test_deleting_asks_once_more() -> None:
    (button,) = buttons(post_of(Message(kind="notice", parts=(fixed("はじめに。"),), choices=offer(Tap.ERASE))))
    assert button["action_id"] == "tap:0"
    assert "受付済みのご請求は削除されません" in button["confirm"]["text"]["text"]


def test_a_pressed_post_keeps_its_words_and_its_page() -> None:
    messages = (step("開示", "訂正"), with_link())
    pressed = post_of(*messages, posted=Posted(seal=str, is_pressed=True, chosen="開示"))
    assert words(pressed) == [*words(post_of(*messages)), "✓ 開示"]
    assert titles(pressed) == ["ご連絡先の入力ページ"]


def test_texts_are_literal() -> None:
    post = post_of(Message(kind="answer", parts=(fixed("<!channel> A&B"),)))
    assert post["blocks"][0]["text"]["text"] == "&lt;!channel&gt; A&amp;B"
    assert post["text"] == "&lt;!channel&gt; A&amp;B"


def test_a_post_whose_conversation_is_gone_is_valid() -> None:
    assert fault(gone_post()) == ""


def test_what_goes_on_is_never_cut_off() -> None:
    post = post_of(Message(kind="answer", parts=(fixed("個" * 50_000),)), step("進む"), with_link())
    assert titles(post) == ["進む", "ご連絡先の入力ページ"]
    assert "長いため" in words(post)[-1]
    assert fault(post) == ""


_HOSTILE = st.sampled_from(
    ["<!channel>", "<@U1>", "<#C1|x>", "&", "<", ">", "|", "*", "`", "🍎", "個", "\n", "&lt;!here&gt;"]
)
_TEXTS = st.lists(_HOSTILE, min_size=1, max_size=40).map("".join)


@given(
    said=st.lists(_TEXTS, min_size=1, max_size=4),
    quotes=st.lists(_TEXTS, max_size=4),
    title=_TEXTS,
    is_pressed=st.booleans(),
)
def test_nothing_typed_or_quoted_can_ping_anybody(
    said: list[str], quotes: list[str], title: str, *, is_pressed: bool
) -> None:
    message = Message(
        kind="request",
        parts=tuple(map(computed, said)),
        choices=(Choice(title=title, id="0" * 32),),
        link=Link(url="https://chat.example.jp/a|b>c", title=title),
    )
    shown = [message, *([answer(*quotes, heading=title)] if quotes else [])]
    post = slack_post(shown, Posted(seal=str, is_pressed=is_pressed, chosen=title))
    assert fault(post) == ""


@pytest.mark.dear
@given(
    st.lists(st.integers(min_value=1, max_value=20_000), min_size=1, max_size=12),
    st.lists(st.integers(min_value=1, max_value=4_000), max_size=60),
)
def test_any_turn_fits_one_post(lengths: list[int], quotes: list[int]) -> None:
    said = [Message(kind="answer", parts=(fixed("個&🍎" * (length // 3) + "。"),)) for length in lengths]
    quoted = [answer(*("引<用" * (length // 3) + "。" for length in quotes))] if quotes else []
    post = post_of(*quoted, *said, step("進む"))
    assert fault(post) == ""
    assert titles(post) == ["進む"]


@given(st.lists(st.integers(min_value=1, max_value=700), min_size=1, max_size=5))
def test_quotes_are_verbatim_and_in_order(lengths: list[int]) -> None:
    quotes = [f"{place}" + "*引_用<&" * length for place, length in enumerate(lengths) if length < 300] or ["引用"]
    shown = words(post_of(answer(*quotes)))[1:-1]
    assert "".join(shown) == "".join(quotes)
