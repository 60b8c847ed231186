from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from bot.channels import limits
from bot.channels.slack.messages import slack_post
from bot.message import Message, fixed
from tests.support.messages import answer, step, with_link


def texts(post: dict[str, Any]) -> list[str]:
    return [block["text"]["text"] for block in post["blocks"] if block["type"] == "section"]


def test_quotes_stand_alone_and_their_place_links_to_the_policy() -> None:
    assert texts(slack_post([answer("一つめ。", "二つめ。")])) == [
        "方針には次のように書かれています。",
        "「一つめ。」",
        "「二つめ。」",
        "<https://chat.example.jp/policy/eparkrelax/privacy/2026-11-23?mark=0-4#mark|（【2】1．利用目的）>",
    ]


def test_the_page_of_a_request_is_a_link() -> None:
    assert texts(slack_post([with_link()]))[-1] == "<https://chat.example.jp/request/abc|ご連絡先の入力ページ>"


def test_buttons_carry_the_opaque_id() -> None:
    elements = slack_post([step("開示", "あ" * 80)])["blocks"][-1]["elements"]
    assert [(element["action_id"], element["value"]) for element in elements] == [
        ("choice:0", f"{0:032x}"),
        ("choice:1", f"{1:032x}"),
    ]
    assert elements[1]["text"]["text"] == "あ" * 74 + "…"


def test_more_buttons_than_slack_has_are_left_to_typing() -> None:
    elements = slack_post([step(*(f"選択{place}" for place in range(30)))])["blocks"][-1]["elements"]
    assert len(elements) == limits.SLACK_BUTTONS


def test_texts_are_literal() -> None:
    post = slack_post([Message(kind="answer", parts=(fixed("<!channel> A&B"),))])
    assert texts(post) == ["&lt;!channel&gt; A&amp;B"]
    assert post["text"] == "&lt;!channel&gt; A&amp;B"


@given(st.lists(st.integers(min_value=1, max_value=20_000), min_size=1, max_size=12))
def test_any_turn_fits_one_post(lengths: list[int]) -> None:
    post = slack_post([Message(kind="answer", parts=(fixed("個&🍎" * (length // 3) + "。"),)) for length in lengths])
    assert len(post["blocks"]) <= limits.SLACK_BLOCKS
    assert all(len(text) <= limits.SLACK_SECTION_CHARACTERS for text in texts(post))
    assert len(post["text"]) <= limits.SLACK_FALLBACK_CHARACTERS
