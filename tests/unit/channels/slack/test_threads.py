"""Channels: general questions when the app is mentioned, in their thread; whatever is personal goes on directly."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from bot.channels.slack.continuing import may_be_public
from bot.message import Choice, Link, Message, Receipt, RequestRef, fixed
from bot.storage.engine import transaction
from bot.storage.models import Conversation
from tests.support.slack_member import SlackMember, buttons, titles, words

_PAYLOAD = '/open_request{"kind":"disclosure"}'


def _requesting(said: str) -> list[Message]:
    """Answers a question, and takes a wish or the button under the answer as a request."""
    if "開示" in said or said.startswith("/"):
        step = Message(
            kind="request",
            parts=(fixed("まだ受け付けていません。"),),
            choices=(Choice(title="進む", payload="/affirm"),),
            request=RequestRef(kinds=("disclosure",), step="confirm"),
        )
        return [Message(kind="answer", parts=(fixed("まず、お答えです。"),)), step]
    return [
        Message(
            kind="answer",
            parts=(fixed(f"お答え: {said}"),),
            choices=(Choice(title="開示を請求する", payload=_PAYLOAD),),
        )
    ]


@pytest.fixture
def asking(slack: SlackMember) -> SlackMember:
    slack.channels.rasa.script = _requesting
    return slack


def _in(slack: SlackMember, channel: str) -> list[dict[str, Any]]:
    return [post for post in slack.fake.posts if post["channel"] == channel]


def _conversations(slack: SlackMember) -> int:
    with transaction(slack.channels.gateway.engine) as session:
        return len(session.scalars(select(Conversation.id)).all())


async def test_a_mention_is_answered_in_a_thread_under_it(asking: SlackMember) -> None:
    await asking.mention("何に使われますか", ts="1795426200.000200")
    await asking.settle()
    (post,) = asking.fake.posts
    assert (post["channel"], post["thread_ts"]) == ("C9", "1795426200.000200")
    assert words(post)[-1] == "お答え: 何に使われますか"


async def test_a_mention_in_a_thread_is_answered_there(asking: SlackMember) -> None:
    await asking.mention("何に使われますか", thread_ts="1795426100.000100")
    await asking.settle()
    assert asking.fake.posts[0]["thread_ts"] == "1795426100.000100"


async def test_each_thread_each_person_and_the_direct_messages_are_conversations_of_their_own(
    asking: SlackMember,
) -> None:
    await asking.say("質問")
    for thread, user in [("1.1", "U1"), ("1.1", "U1"), ("1.1", "U2"), ("2.2", "U1")]:
        await asking.mention("質問", thread_ts=thread, user=user)
    await asking.settle()
    assert _conversations(asking) == 4


async def test_a_request_in_a_channel_goes_on_directly_and_says_so_there(asking: SlackMember) -> None:
    await asking.mention("開示してください", ts="1795426200.000200")
    await asking.settle()
    await asking.settle()

    (public,) = _in(asking, "C9")
    assert "ダイレクトメッセージ" in words(public)[-1]
    assert "まず、お答えです。" in words(public)
    assert "進む" not in titles(public)
    page = next(button for button in buttons(public) if "url" in button)
    assert page["url"] == asking.channels.gateway.settings.public_url.rstrip("/") + "/"

    assert asking.fake.opened == ["U1"]
    (direct,) = _in(asking, "D1")
    assert "thread_ts" not in direct
    assert words(direct)[-2:] == ["まず、お答えです。", "まだ受け付けていません。"]
    assert "進む" in titles(direct)
    assert asking.channels.rasa.heard == [("say", "開示してください")] * 2


async def test_the_request_goes_on_with_the_buttons_of_the_direct_message(asking: SlackMember) -> None:
    await asking.mention("開示してください")
    await asking.settle()
    await asking.settle()
    (direct,) = _in(asking, "D1")
    await asking.press(direct, "進む")
    await asking.settle()
    assert asking.channels.rasa.heard[-1] == ("press", "/affirm")
    assert len(_in(asking, "C9")) == 1


async def test_a_button_in_a_thread_that_begins_a_request_does_so_directly(asking: SlackMember) -> None:
    await asking.mention("何に使われますか")
    await asking.settle()
    await asking.press(asking.fake.posts[0], "開示を請求する")
    await asking.settle()
    await asking.settle()
    assert asking.channels.rasa.heard[1:] == [("press", _PAYLOAD)] * 2
    assert "ダイレクトメッセージ" in words(_in(asking, "C9")[-1])[-1]
    assert "進む" in titles(_in(asking, "D1")[0])


async def test_after_that_the_thread_answers_questions_again(asking: SlackMember) -> None:
    await asking.mention("開示してください", thread_ts="1.1")
    await asking.settle()
    await asking.settle()
    await asking.mention("何に使われますか", thread_ts="1.1")
    await asking.settle()
    assert words(_in(asking, "C9")[-1])[-1] == "お答え: 何に使われますか"
    assert _conversations(asking) == 3  # the thread's first, the direct one, the thread's second
    assert len(_in(asking, "D1")) == 1


@pytest.mark.parametrize(
    "secret",
    [
        Message(kind="status", parts=(fixed("受付番号は K261126-0000-0000 です。"),)),
        Message(kind="notice", parts=(fixed("ページ"),), link=Link(url="http://127.0.0.1:8080/x", title="ページ")),
    ],
)
async def test_nothing_of_a_request_is_ever_posted_in_a_channel(slack: SlackMember, secret: Message) -> None:
    slack.channels.rasa.script = lambda _said: [secret]
    await slack.mention("状況を教えて")
    await slack.settle()
    await slack.settle()
    assert not any(secret.parts[0].text in str(post) for post in _in(slack, "C9"))
    assert secret.parts[0].text in words(_in(slack, "D1")[0])


def test_a_receipt_is_not_for_others() -> None:
    receipt = Receipt(number="K261126-0000-0000", received_at="2026-11-26T10:00:00+09:00", kind="disclosure")
    assert not may_be_public(Message(kind="answer", parts=(fixed("受け付けました。"),), receipt=receipt))
    assert may_be_public(Message(kind="handover", parts=(fixed("窓口は次のとおりです。"),)))
