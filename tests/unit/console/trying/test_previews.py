from __future__ import annotations

from bot.console.trying.previews import CUT, Preview, previews_of
from bot.message import Choice, Citation, Link, Message, Part, fixed


def quoting(quote: str = "2週間以内に回答します。", **more: object) -> Message:
    citation = Citation(
        policy="eparkrelax/privacy",
        version="2026-11-23",
        section="2-5",
        heading="【2】５．開示等の手続き",
        quote=quote,
        start=0,
        end=len(quote),
        url="http://127.0.0.1:8080/policy/eparkrelax/privacy/2026-11-23#2-5",
    )
    parts = (fixed("方針には次のように書かれています。"), Part(type="quote", text=quote, citation=0))
    return Message.model_validate({"kind": "answer", "parts": parts, "citations": (citation,)} | more)


def of(channel: str, *messages: Message) -> Preview:
    return next(each for each in previews_of(messages) if each.channel == channel)


def test_each_channel_shows_words_quotes_places_and_buttons() -> None:
    message = quoting(
        choices=(Choice(id="a", title="開示を請求する"),), link=Link(url="http://x/y", title="入力ページ")
    )
    for preview in previews_of([message]):
        texts = "\n".join(item.text for item in preview.items)
        for told in (
            "方針には次のように書かれています。",
            "2週間以内に回答します。",
            "開示等の手続き",
            "開示を請求する",
        ):
            assert told in texts, preview.channel
        assert preview.warnings == ()
    assert of("line", message).size == "メッセージ 1 / 5"
    assert [item.text for item in of("web", message).items if item.sort == "button"] == ["開示を請求する", "入力ページ"]


def test_escaped_text_is_shown_as_members_see_it() -> None:
    assert any(
        "A & B <c>" in item.text for item in of("slack", Message(kind="notice", parts=(fixed("A & B <c>"),))).items
    )


def test_what_a_limit_cuts_is_told() -> None:
    long = Message(kind="notice", parts=(fixed("あ" * 26_000),))
    assert any("途中までしか" in words for words in of("line", long).warnings)
    assert any("途中までしか" in words for words in of("slack", long).warnings)
    assert any(CUT in item.text for item in of("slack", long).items)
    assert of("web", long).warnings == ()


def test_buttons_that_are_too_long_or_too_many_are_told() -> None:
    long = "とても長い題名のボタンで二十文字を超えるもの"
    line = of("line", quoting(choices=tuple(Choice(id=str(i), title=f"{long}{i}") for i in range(14))))
    assert any(long in words for words in line.warnings)
    assert any("13個" in words for words in line.warnings)
    slack = of("slack", quoting(choices=(Choice(id="a", title="あ" * 80),)))
    assert any("75文字" in words for words in slack.warnings)


def test_a_quote_that_fits_no_bubble_is_told() -> None:
    assert any("吹き出し" in words for words in of("line", quoting("う" * 9_000)).warnings)


def test_only_the_last_buttons_are_shown_on_line() -> None:
    first, second = (quoting(choices=(Choice(id=name, title=name),)) for name in ("甲", "乙"))
    assert any("最後のメッセージ" in words for words in of("line", first, second).warnings)
