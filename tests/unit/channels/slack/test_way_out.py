"""Posts reach Slack once where Slack lets us find out, in time with its limits, and say what they are worth."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.channels.delivery import Notice, NoticeIsUndeliverableError, NoticeWaitsError
from bot.channels.slack.api import SlackIsAwayError, refusal
from bot.channels.slack.sender import SlackSender
from tests.support.slack_member import SlackMember


async def test_an_answer_waits_while_slack_is_away_and_goes_out_after(slack: SlackMember) -> None:
    slack.fake.failures = 1
    await slack.say("質問です")
    await slack.settle()
    assert len(slack.fake.posts) == 1
    assert slack.channels.outbox()[0].attempts == 2


async def test_slack_is_left_alone_for_as_long_as_it_says(slack: SlackMember) -> None:
    slack.fake.limited = [1]
    before = slack.channels.gateway.clock()
    await slack.say("質問です")
    await slack.settle()
    (row,) = slack.channels.outbox()
    assert (row.state, row.attempts) == ("sent", 1)
    assert row.sent_at is not None
    assert row.sent_at - before >= timedelta(seconds=1)
    assert len(slack.fake.posts) == 1


async def test_a_post_whose_answer_was_lost_is_found_and_not_repeated(slack: SlackMember) -> None:
    slack.fake.lost = 1
    await slack.say("質問です")
    await slack.settle()
    assert len(slack.fake.posts) == 1
    (row,) = slack.channels.outbox()
    assert (row.state, row.attempts) == ("sent", 2)
    assert slack.fake.posts[0]["blocks"][0]["block_id"] == row.id


async def test_in_a_channel_which_we_may_not_read_it_is_repeated(slack: SlackMember) -> None:
    slack.fake.lost = 1
    await slack.mention("質問です")
    await slack.settle()
    assert len(slack.fake.posts) == 2


async def test_two_posts_in_one_channel_are_a_second_apart(slack: SlackMember, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.channels.limits.SLACK_SECONDS_BETWEEN_POSTS", 1.0)
    sender = SlackSender(slack.channels.gateway)
    now = slack.channels.gateway.clock()

    def aside(channel: str) -> Notice:
        body = {"aside": "text_only", "reply": {"channel": channel, "thread_ts": None}}
        return Notice(f"n{channel}", "aside", "", body, 0, now)

    await sender.send(aside("D1"))
    with pytest.raises(NoticeWaitsError) as waits:
        await sender.send(aside("D1"))
    assert waits.value.until is not None
    assert timedelta(0) < waits.value.until - now < timedelta(seconds=10)
    await sender.send(aside("D2"))
    assert [post["channel"] for post in slack.fake.posts] == ["D1", "D2"]


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        ("channel_not_found", NoticeIsUndeliverableError),
        ("invalid_blocks", NoticeIsUndeliverableError),
        ("token_revoked", SlackIsAwayError),
        ("internal_error", SlackIsAwayError),
    ],
)
def test_what_a_refusal_means(error: str, kind: type[Exception]) -> None:
    assert isinstance(refusal(error), kind)


async def test_a_question_goes_out_with_no_preview_and_no_other_sender(slack: SlackMember) -> None:
    await slack.say("質問です")
    await slack.settle()
    (post,) = slack.fake.posts
    assert (post["unfurl_links"], post["unfurl_media"], post["channel"]) == (False, False, "D1")
    assert not {"as_user", "username", "icon_url"} & set(post)
