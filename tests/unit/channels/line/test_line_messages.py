"""Our messages as LINE's message objects, within LINE's limits."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.channels import limits, notices
from bot.channels.fitting import graphemes, utf16_units
from bot.channels.line.links import outside
from bot.channels.line.messages import fits, line_messages
from bot.message import Message, fixed
from tests.support.channel_gateway import channel_settings, scripted_gateway
from tests.support.fake_line import shown
from tests.support.fake_line_checks import Schemas, prose_fault
from tests.support.messages import answer, step, with_link

# What LINE and we count differently: pairs of surrogates, families, flags, letters under marks, variation selectors.
ODD = st.lists(st.sampled_from(["個", "🍎", "👨‍👩‍👧‍👦", "🇯🇵", "葛󠄀", "か゛", "e\u0301", "\n", "a"]), max_size=400).map(
    "".join
)
POLICY = "https://chat.example.jp/policy/eparkrelax/privacy/2026-11-23"


def buttons(bubble: dict[str, Any]) -> list[dict[str, Any]]:
    contents = bubble["contents"]["body"]["contents"]
    inner = [part for one in contents for part in one.get("contents", [one])]
    return [part["action"] for part in inner if part["type"] == "button"]


def actions(message: dict[str, Any]) -> list[dict[str, Any]]:
    return [item["action"] for item in message["quickReply"]["items"]]


def test_quotes_are_a_bubble_with_their_place_and_a_button_to_it() -> None:
    (bubble,) = line_messages([answer("一つめ。", "二つめ。")])
    assert shown(bubble).splitlines() == [
        "方針には次のように書かれています。",
        "「一つめ。」",
        "「二つめ。」",
        "（【2】1．利用目的）",
    ]
    (action,) = buttons(bubble)
    assert (action["type"], action["label"]) == ("uri", "方針のこの箇所を開く")
    assert action["uri"] == f"{POLICY}?mark=0-4&openExternalBrowser=1#mark"


def test_who_hears_the_notification_hears_the_quote() -> None:
    (bubble,) = line_messages([answer("一つめ。")])
    assert bubble["altText"].startswith("方針には次のように書かれています。\n「一つめ。」")


def test_a_long_alternative_text_is_cut_and_says_so() -> None:
    (bubble,) = line_messages([answer("長い条項。" * 300)])
    assert utf16_units(bubble["altText"]) <= limits.LINE_ALT_TEXT_UNITS
    assert bubble["altText"].endswith("…")
    assert "長い条項。" * 300 in shown(bubble), "the bubble itself has all of it"


def test_a_quote_too_large_for_a_bubble_is_text_in_pieces_and_whole() -> None:
    quote = "🍎条項。" * 2_500
    pieces = line_messages([answer(quote)])
    assert len(pieces) > 1
    assert {piece["type"] for piece in pieces} == {"text"}
    assert f"「{quote}」" in "".join(piece["text"] for piece in pieces)


def test_plain_text_says_the_same() -> None:
    message = answer("一つめ。", "二つめ。")
    (bubble,), (text,) = line_messages([message]), line_messages([message], plain=True)
    link = f"{POLICY}?mark=0-4&openExternalBrowser=1#mark"
    assert [line for line in text["text"].splitlines() if line != link] == shown(bubble).splitlines()


def test_the_page_of_a_request_opens_outside_of_line() -> None:
    (text,) = line_messages([with_link()])
    assert text["text"].endswith("ご連絡先の入力ページ\nhttps://chat.example.jp/request/abc?openExternalBrowser=1")


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://a.example/x", "https://a.example/x?openExternalBrowser=1"),
        ("https://a.example/x?mark=1-2&mark=5-6#mark", "https://a.example/x?mark=1-2&mark=5-6&openExternalBrowser=1#mark"),
    ],
)  # fmt: skip
def test_an_address_keeps_what_it_had(url: str, expected: str) -> None:
    assert outside(url) == expected


def test_buttons_carry_the_opaque_id_and_show_the_title() -> None:
    *_, last = line_messages([answer("一つめ。"), step("開示", "消去")])
    assert [(action["label"], action["data"], action["displayText"]) for action in actions(last)] == [
        ("開示", f"{0:032x}", "開示"),
        ("消去", f"{1:032x}", "消去"),
    ]


def test_a_long_label_is_shortened_and_stands_whole_in_the_text() -> None:
    title = "👨‍👩‍👧‍👦" * 21
    (message,) = line_messages([step(title)])
    (action,) = actions(message)
    assert len(graphemes(action["label"])) == 20
    assert action["label"].endswith("…")
    assert message["text"].endswith(f"・{title}")


def test_more_buttons_than_line_has_are_left_to_typing() -> None:
    (message,) = line_messages([step(*(f"選択{place}" for place in range(20)))])
    assert len(actions(message)) == limits.LINE_QUICK_REPLIES


def test_the_button_to_delete_stays_in_the_first_message(tmp_path: Path) -> None:
    gateway, _ = scripted_gateway(channel_settings(tmp_path / "madoguchi.db"))
    first = notices.first_message(gateway, "line")
    bubble, last = line_messages([first, step("開示")], seal=lambda choice: f"sealed {choice}")
    assert [(action["label"], action["data"]) for action in buttons(bubble)] == [("会話を消す", "sealed tap:erase")]
    assert [action["label"] for action in actions(last)] == ["開示"]
    (text, _) = line_messages([first, step("開示")], plain=True)
    assert text["type"] == "text"


@pytest.mark.dear
@given(st.lists(st.integers(min_value=1, max_value=12_000), min_size=1, max_size=9))
def test_any_turn_fits_one_reply(lengths: list[int]) -> None:
    messages = [Message(kind="answer", parts=(fixed("個🍎" * (length // 2) + "。"),)) for length in lengths]
    objects = line_messages(messages)
    assert 1 <= len(objects) <= limits.LINE_MESSAGES
    assert all(0 < utf16_units(one["text"]) <= limits.LINE_TEXT_UNITS for one in objects)
    whole = "".join(message.text for message in messages)
    assert fits(messages) == ("".join(one["text"] for one in objects).replace("\n\n", "") == whole)


@pytest.mark.shared
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.lists(st.tuples(ODD.filter(str.strip), ODD.filter(str.strip)), min_size=1, max_size=4))
def test_whatever_is_quoted_and_offered_line_takes_it(schemas: Schemas, said: list[tuple[str, str]]) -> None:
    messages = [one for quote, title in said for one in (answer(quote), step(title))]
    for plain in (False, True):
        objects = line_messages(messages, plain=plain)
        schemas.check("ReplyMessageRequest", {"replyToken": "t", "messages": objects})
        assert prose_fault(objects) == ""
        read = "\n".join(shown(one) for one in objects)
        assert all(f"「{quote}」" in read for quote, _ in said), "quotes are shown as they are"


def test_what_does_not_fit_is_said() -> None:
    objects = line_messages([Message(kind="answer", parts=(fixed("個" * 30_000),))])
    assert objects[-1]["text"].endswith("続きは「プライバシーポリシー」のページでご確認ください。）")
