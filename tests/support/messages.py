"""Messages that tests of several rooms send through a channel."""

from __future__ import annotations

from collections.abc import Iterable

from bot.message import Choice, Citation, Link, Message, Part, RequestRef, fixed


def citation(quote: str, *, start: int = 0, heading: str = "【2】1．利用目的") -> Citation:
    return Citation(
        policy="eparkrelax/privacy",
        version="2026-11-23",
        section="2-1",
        heading=heading,
        quote=quote,
        start=start,
        end=start + len(quote),
        url=f"https://chat.example.jp/policy/eparkrelax/privacy/2026-11-23?mark={start}-{start + len(quote)}#mark",
    )


def answer(*quotes: str, heading: str = "【2】1．利用目的") -> Message:
    citations = tuple(citation(quote, start=100 * place, heading=heading) for place, quote in enumerate(quotes))
    quoted = (Part(type="quote", text=quote, citation=place) for place, quote in enumerate(quotes))
    opening = fixed("方針には次のように書かれています。")
    return Message(kind="answer", parts=(opening, *quoted), citations=citations)


def step(*titles: str) -> Message:
    return Message(
        kind="request",
        parts=(fixed("どの手続きをご希望ですか。まだ受け付けていません。"),),
        choices=tuple(Choice(title=title, id=f"{place:032x}") for place, title in enumerate(titles)),
        request=RequestRef(kinds=(), step="kind"),
    )


def with_link() -> Message:
    return Message(
        kind="receipt",
        parts=(fixed("受け付けました。"),),
        link=Link(url="https://chat.example.jp/request/abc", title="ご連絡先の入力ページ"),
    )


def untimed(messages: Iterable[Message]) -> list[Message]:
    """The messages without their traces, which tell the time that each turn took."""
    return [message.model_copy(update={"trace": {}}) for message in messages]
