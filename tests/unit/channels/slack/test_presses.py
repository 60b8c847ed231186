"""Buttons: opaque, pressed once by the member they were for, and then the post shows what was chosen."""

from __future__ import annotations

import asyncio
from typing import Any

from bot.message import Choice, Message, fixed
from bot.storage import conversations
from bot.storage.engine import transaction
from bot.storage.models import Entry, Member
from tests.support.fake_slack import block_action
from tests.support.slack_member import SlackMember, titles, words


async def _asked(slack: SlackMember, text: str = "請求したい") -> dict[str, Any]:
    """A post with the button 「続ける」."""
    await slack.say(text)
    await slack.settle()
    return slack.fake.posts[-1]


async def test_a_press_goes_on_and_the_post_shows_what_was_chosen(slack: SlackMember) -> None:
    post = await _asked(slack)
    before = words(post)
    assert titles(post) == ["会話を消す", "続ける"]
    assert await slack.press(post, "続ける") == 200
    await slack.settle()
    assert slack.channels.rasa.heard[1:] == [("press", '/choose{"step":"kind","value":"disclosure"}')]
    assert words(slack.fake.current(post)) == [*before, "✓ 続ける"]
    assert titles(slack.fake.current(post)) == ["会話を消す"]
    assert titles(slack.fake.posts[-1]) == ["続ける"]


async def test_what_was_shown_stands_in_no_outbox_row(slack: SlackMember) -> None:
    await slack.press(await _asked(slack, "ひみつの相談"), "続ける")
    await slack.settle()
    assert not any("ひみつ" in str(row.body) or "続ける" in str(row.body) for row in slack.channels.outbox())


async def test_a_button_carries_nothing_but_an_opaque_id(slack: SlackMember) -> None:
    post = await _asked(slack)
    values = [button["value"] for block in post["blocks"] if block["type"] == "actions" for button in block["elements"]]
    assert all(len(value) in (32, 64) and set(value) <= set("0123456789abcdef") for value in values)


async def test_a_second_press_changes_nothing(slack: SlackMember) -> None:
    post = dict(await _asked(slack))
    assert [await slack.press(post, "続ける"), await slack.press(post, "続ける")] == [200, 200]
    await slack.settle()
    assert len(slack.channels.rasa.heard) == 2
    assert len(slack.fake.updates) == 1
    assert sorted(row.state for row in slack.channels.inbox()) == ["done", "done", "noted"]


async def test_two_presses_at_once_are_one(slack: SlackMember) -> None:
    post = dict(await _asked(slack))
    assert await asyncio.gather(*(slack.press(post, "続ける") for _ in range(4))) == [200] * 4
    await slack.settle()
    assert len(slack.channels.rasa.heard) == 2


async def test_a_press_that_slack_repeats_is_one(slack: SlackMember) -> None:
    post = dict(await _asked(slack))
    for _ in range(2):
        await slack.press(post, "続ける", action_ts="1795426400.000001")
    await slack.settle()
    assert (len(slack.channels.inbox()), len(slack.channels.rasa.heard)) == (2, 2)


async def test_a_late_press_says_so_and_takes_the_buttons(slack: SlackMember) -> None:
    post = await _asked(slack)
    with transaction(slack.channels.gateway.engine) as session:
        for member in session.query(Member):
            conversations.forget_current(member)
    assert await slack.press(post, "続ける") == 200
    await slack.settle()
    assert len(slack.channels.rasa.heard) == 1
    assert words(slack.fake.current(post))[-1] == "この選択肢は、いまは使えません。"
    assert titles(slack.fake.current(post)) == ["会話を消す"]
    assert "いまは使えません" in words(slack.fake.posts[-1])[0]


async def test_somebody_elses_press_does_nothing_but_a_hint_to_them(slack: SlackMember) -> None:
    await slack.mention("質問です")
    await slack.settle()
    (post,) = slack.fake.posts
    before = str(post)
    assert await slack.press(post, "続ける", user="U2") == 200
    assert await slack.press(post, "会話を消す", user="U2") == 200
    await slack.settle()
    assert len(slack.channels.rasa.heard) == 1
    assert str(slack.fake.posts) == str([post])
    assert str(post) == before
    assert [(hint["channel"], hint["user"]) for hint in slack.fake.whispers] == [("C9", "U2")] * 2
    assert all("質問された方だけ" in hint["text"] for hint in slack.fake.whispers)
    await slack.press(post, "続ける")
    await slack.settle()
    assert len(slack.channels.rasa.heard) == 2


async def test_a_choice_that_was_never_offered_does_nothing(slack: SlackMember) -> None:
    forged = block_action('/open_request{"kind":"erasure"}')
    assert await slack.post(forged, path="/slack/interactive") == 200
    await slack.settle()
    assert slack.channels.rasa.heard == []
    assert words(slack.fake.posts[0]) == ["この選択肢は、いまは使えません。お手数ですが、文字でお送りください。"]


async def test_titles_are_cut_and_shown_whole_when_chosen(slack: SlackMember) -> None:
    title = "開示<!channel>" + "あ" * 80
    slack.channels.rasa.script = lambda _said: [
        Message(kind="clarify", parts=(fixed("どれですか。"),), choices=(Choice(title=title, payload="/affirm"),))
    ]
    post = await _asked(slack)
    await slack.press(post, titles(post)[-1])
    await slack.settle()
    assert words(slack.fake.current(post))[-1] == f"✓ {title}"


async def test_the_conversation_is_deleted_by_its_button_in_all_places(slack: SlackMember) -> None:
    await slack.mention("ひみつの質問")
    post = await _asked(slack, "ひみつの相談")
    await slack.say("ほかの方の質問", user="U2", channel="D2")
    await slack.settle()
    assert await slack.press(post, "会話を消す") == 200
    await slack.settle()
    with transaction(slack.channels.gateway.engine) as session:
        kept = {entry.conversation_id for entry in session.query(Entry)}
    assert len(kept) == 1
    assert words(slack.fake.current(post)) == ["この会話の記録は削除しました。"]
    assert "この会話を削除しました。" in words(slack.fake.posts[-1])[0]
    await slack.say("はじめまして")
    await slack.settle()
    assert "自動応答の窓口です" in words(slack.fake.posts[-1])[1]


async def test_a_press_after_deletion_empties_the_post(slack: SlackMember) -> None:
    first = await _asked(slack, "ひみつの相談")
    second = dict(await _asked(slack, "ひみつの続き"))
    await slack.press(first, "会話を消す")
    await slack.settle()
    await slack.press(second, "続ける")
    await slack.settle()
    assert len(slack.channels.rasa.heard) == 2
    assert "ひみつ" not in str(slack.fake.current(second))


async def test_an_update_waits_while_slack_is_away(slack: SlackMember) -> None:
    post = await _asked(slack)
    slack.fake.failures = 2
    await slack.press(post, "続ける")
    await slack.settle()
    assert words(slack.fake.current(post))[-1] == "✓ 続ける"
