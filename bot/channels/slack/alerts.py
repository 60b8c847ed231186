"""Alerts to staff on Slack, beside the mails: number and kind, why, how urgent, days left; nothing of the member."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from slack_sdk.models.blocks import MarkdownTextObject, SectionBlock
from sqlalchemy import Select, String, cast, exists, select
from sqlalchemy.orm import Session

from bot.channels.delivery import Notice, Sender
from bot.channels.mail.texts import SORTS, URGENT
from bot.channels.slack.api import asked, open_client
from bot.clock import Clock, system_clock
from bot.register.alerts.models import Alert, AlertSort
from bot.register.alerts.raising import ALERT
from bot.register.alerts.standing import days_left
from bot.register.deadlines import IsWorkingDay
from bot.register.kinds import Kind
from bot.register.models import Request
from bot.register.staff import Staff
from bot.settings import Settings
from bot.storage import outbox
from bot.storage.models import Outbound

CHANNEL = "slack_alerts"
"""Outbox channel of the posts."""

# What was told before Slack was configured, or while the jobs were away for long, is no news any more.
_NEWS = timedelta(days=1)


def is_on(settings: Settings) -> bool:
    """Whether this installation posts alerts on Slack."""
    return bool(settings.alert_slack_channel and settings.slack_bot_token.get_secret_value())


def enqueue_posts(
    session: Session, *, controller: str, now: datetime, is_working_day: IsWorkingDay, most: int = 100
) -> int:
    """Notes a post for every alert that was told of late; each time it was told, once.

    Returns:
        How many were noted; as many as `most` when there may be more.
    """
    rows = session.execute(_unposted(controller, now).order_by(Alert.told_at, Alert.id).limit(most)).all()
    for alert, request, dedupe_key in rows:
        left = days_left(request, now=now, is_working_day=is_working_day)
        outbox.enqueue(
            session,
            controller=controller,
            channel=CHANNEL,
            recipient=alert.told,
            kind=ALERT,
            body={"number": request.number, "kind": request.kind, "sort": alert.sort}
            | {"urgent": request.is_urgent, "days_left": left},
            dedupe_key=dedupe_key,
            now=now,
        )
    return len(rows)


def is_one_to_post(session: Session, *, controller: str, now: datetime) -> bool:
    """Whether `enqueue_posts` has something to do; changes nothing."""
    return session.execute(_unposted(controller, now).limit(1)).first() is not None


def posting(settings: Settings, staff: Callable[[], Staff], *, clock: Clock = system_clock) -> dict[str, Sender]:
    """The sender of the channel; none where alerts are not posted. `staff` is asked for each post, in a thread."""
    if not is_on(settings):
        return {}
    api = open_client(settings)

    async def send(notice: Notice) -> None:
        post = alert_post(notice, await asyncio.to_thread(staff), settings.caution)
        call = api.chat_postMessage(
            channel=settings.alert_slack_channel, unfurl_links=False, unfurl_media=False, **post
        )
        await asked(call, clock=clock)

    return {CHANNEL: send}


def _unposted(controller: str, now: datetime) -> Select[Alert, Request, str]:
    key = CHANNEL + ":" + Alert.id + ":" + cast(Alert.climbs, String)
    noted = exists().where(Outbound.controller == controller, Outbound.dedupe_key == key)
    query = select(Alert, Request, key).join(Request, Request.id == Alert.request_id)
    return query.where(Alert.controller == controller, Alert.told_at > now - _NEWS, ~noted)


def alert_post(notice: Notice, staff: Staff, caution: str = "") -> dict[str, Any]:
    """The `text` and `blocks` of one alert; whoever it is for is mentioned by their account, if the list has it."""
    number, title, left = notice.body["number"], Kind(notice.body["kind"]).title, notice.body.get("days_left")
    person = staff.member(notice.recipient)
    lines = [
        *([caution] if caution else []),
        *([f"<@{person.slack}>"] if person is not None and person.slack is not None else []),
        f"{URGENT if notice.body.get('urgent') else ''}{SORTS[AlertSort(notice.body['sort'])]}。",
        f"受付番号：{number}（{title}）",
        *([] if left is None else [f"期限まで：残り{left}営業日"]),
    ]
    text = "\n".join(lines)
    return {"text": text, "blocks": [SectionBlock(text=MarkdownTextObject(text=text, verbatim=True)).to_dict()]}
