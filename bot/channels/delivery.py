"""Sends what waits in the outbox, channel by channel, until the other side has taken it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import structlog
from sqlalchemy.orm import Session

from bot.channels.gateway import Gateway
from bot.channels.leasing import HeldLease, LeaseIsTakenError, alone
from bot.crash_points import CrashPoint, crash_point
from bot.errors import MadoguchiError, UnavailableError
from bot.message import Message
from bot.references import of_turn, referring
from bot.spans import span
from bot.storage import conversations, inbox, outbox, transcript
from bot.storage.engine import reading, transaction
from bot.storage.models import Inbound, Outbound

log = structlog.get_logger()

# A process that was killed keeps a channel silent until its lease runs out: less than a reply token's minute.
_LEASE_SECONDS = 30.0
_SEND_SECONDS = 20.0
_POLL_SECONDS = 2.0
AT_ONCE = 4
"""Notices of a channel under way at a time; so many may go out once more after a death."""

_MOST_AT_A_TIME = 50

# Refused connections, resets and timeouts are all of the first kind, whichever library tells of them.
_AWAY = (OSError, UnavailableError)

Afterwards = Callable[[Session, datetime], None]
"""What follows from a notice's fate, in the transaction that marks it: gets the session and the present moment."""


class NoticeIsUndeliverableError(MadoguchiError):
    """It cannot be sent, now or later; the message says why, for staff, without personal data.

    Attributes:
        then: what follows, in the transaction that marks the notice.
    """

    def __init__(self, message: str, *, then: Afterwards | None = None) -> None:
        super().__init__(message)
        self.then = then


class NoticeWaitsError(MadoguchiError):
    """Not now, and nothing is wrong.

    Attributes:
        until: when to come back to it; None when it waits for an occasion instead, and whoever has one sends it.
        then: what follows, in the transaction that marks the notice.
    """

    def __init__(self, message: str, *, until: datetime | None = None, then: Afterwards | None = None) -> None:
        super().__init__(message)
        self.until = until
        self.then = then


class NoticeIsSkippedError(MadoguchiError):
    """It shall not be sent, and nothing is wrong; the message says why, without personal data."""


@dataclass(frozen=True)
class Notice:
    """One row of the outbox, as its channel's sender gets it; `id` makes a good key for repeated sends."""

    id: str
    kind: str
    recipient: str
    body: dict[str, Any]
    attempts: int
    created_at: datetime


@dataclass(frozen=True)
class OpenAnswer:
    """What a notice of the kind `answer` stands for.

    Attributes:
        user_key: the platform's own id of the member.
        reply: what the channel gave to answer this very event, such as a reply token; often too old by now.
        messages: what to show, in order; choices have their opaque ids.
    """

    user_key: str
    reply: dict[str, Any] | None
    messages: list[Message]


Sender = Callable[[Notice], Awaitable[Afterwards | None]]
"""Sends one notice and returns, when the other side has taken it, what follows; raises when it has not.

`NoticeIsUndeliverableError` says that trying again is of no use, `NoticeIsSkippedError` that it is not wanted,
`NoticeWaitsError` that it comes later; any other exception has it tried again.
"""


async def open_answer(gateway: Gateway, notice: Notice) -> OpenAnswer | None:
    """Looks up what a notice of the kind `answer` stands for; None when the conversation was deleted since."""
    return await asyncio.to_thread(_open_answer, gateway, notice)


async def deliver(gateway: Gateway, senders: Mapping[str, Sender]) -> None:
    """Delivers whatever comes, as soon as it comes, until it is cancelled; no channel waits for another."""
    async with asyncio.TaskGroup() as group:
        for channel, sender in senders.items():
            group.create_task(_keep_draining(gateway, channel, sender))


async def _keep_draining(gateway: Gateway, channel: str, sender: Sender) -> None:
    filled = gateway.outbox_filled.heard()
    while True:
        filled.clear()
        if await drain(gateway, channel, sender):
            continue
        # Not `asyncio.wait_for`: before Python 3.12 it swallows a cancellation that meets a finished wait.
        with suppress(TimeoutError):
            async with asyncio.timeout(_POLL_SECONDS):
                await filled.wait()


async def drain(gateway: Gateway, channel: str, sender: Sender) -> bool:
    """Sends what is due on one channel, oldest first; does nothing while another process does it.

    Several are on their way at once, so that a slow platform holds up one recipient and not all; to one recipient
    they go in their order.

    Returns:
        Whether there was so much that there may be more.
    """
    try:
        # Looking costs nothing; a lease costs two commits.
        if not await asyncio.to_thread(_due, gateway, channel):
            return False
        async with alone(gateway, gateway.lease_of(f"outbox:{channel}"), seconds=_LEASE_SECONDS) as lease:
            notices = await asyncio.to_thread(_due, gateway, channel)
            await _send_all(gateway, channel, sender, notices, lease)
            return len(notices) == _MOST_AT_A_TIME
    except LeaseIsTakenError:
        return False
    except UnavailableError as error:
        log.warning("delivery_waits", channel=channel, error=type(error).__name__)
        return False
    except Exception:  # one channel's trouble, or the database's, must not end all delivery
        log.exception("delivery_failed", channel=channel)
        return False


async def _send_all(
    gateway: Gateway, channel: str, sender: Sender, notices: Sequence[Notice], lease: HeldLease
) -> None:
    few = asyncio.Semaphore(AT_ONCE)
    away = asyncio.Event()

    async def send_in_order(line: Sequence[Notice]) -> None:
        async with few:
            for notice in line:
                # One finds it out for all: the others stay as they are, due at the next look.
                if away.is_set():
                    return
                with referring(of_turn(notice.body.get("turn"))):
                    is_reached = await _send(gateway, channel, sender, notice, lease)
                if not is_reached:
                    away.set()

    # All have ended before the lease is given back, whatever befell one of them.
    fates = await asyncio.gather(*map(send_in_order, _lines(notices)), return_exceptions=True)
    for fate in fates:
        if fate is not None:
            raise fate


def _lines(notices: Sequence[Notice]) -> Collection[Sequence[Notice]]:
    """The notices of each recipient in their order; those that name none wait for nobody."""
    lines: dict[str, list[Notice]] = {}
    for notice in notices:
        lines.setdefault(notice.recipient or notice.id, []).append(notice)
    return lines.values()


async def _send(gateway: Gateway, channel: str, sender: Sender, notice: Notice, lease: HeldLease) -> bool:
    """Sends one notice and notes its fate; False says that the other side is away, for this notice and any."""
    await asyncio.to_thread(lease.renew)
    try:
        crash_point(CrashPoint.SENDING_BEFORE_SEND)
        then = await _handed_over(channel, sender, notice)
        crash_point(CrashPoint.SENDING_BEFORE_MARK)
    except NoticeIsUndeliverableError as error:
        gateway.metrics.sent.labels(channel, "undeliverable").inc()
        log.error("notice_undeliverable", notice=notice.id, channel=channel, reason=str(error))  # noqa: TRY400 - told whole
        await asyncio.to_thread(_mark, gateway, notice, outbox.mark_undeliverable, error.then)
        return True
    except NoticeWaitsError as wait:
        await asyncio.to_thread(_mark, gateway, notice, _waiting(gateway, channel, wait.until), wait.then)
        return True
    except NoticeIsSkippedError as skip:
        gateway.metrics.sent.labels(channel, "skipped").inc()
        log.info("notice_skipped", notice=notice.id, channel=channel, reason=str(skip))
        await asyncio.to_thread(_mark, gateway, notice, outbox.mark_skipped)
        return True
    except Exception as error:  # noqa: BLE001 - whatever a platform's SDK raises, the notice was not taken
        gateway.metrics.sent.labels(channel, "failed").inc()
        log.warning("notice_not_sent", notice=notice.id, channel=channel, error=type(error).__name__)
        is_away = isinstance(error, _AWAY)
        await asyncio.to_thread(_mark, gateway, notice, outbox.mark_unreached if is_away else outbox.mark_failed)
        return not is_away
    gateway.metrics.sent.labels(channel, "sent").inc()
    await asyncio.to_thread(_mark, gateway, notice, outbox.mark_sent, then)
    crash_point(CrashPoint.SENDING_AFTER_MARK)
    return True


async def _handed_over(channel: str, sender: Sender, notice: Notice) -> Afterwards | None:
    with span("outbox.send", kind="client", parent=notice.body.get("trace"), channel=channel, notice=notice.kind):
        async with asyncio.timeout(_SEND_SECONDS):
            return await sender(notice)


def _waiting(gateway: Gateway, channel: str, until: datetime | None) -> Callable[..., None]:
    if until is None:
        gateway.metrics.sent.labels(channel, "kept").inc()
        return outbox.mark_kept

    def postpone(session: Session, row_id: str, *, now: datetime) -> None:  # noqa: ARG001 - the shape of a mark
        outbox.mark_postponed(session, row_id, due=until)

    return postpone


def _due(gateway: Gateway, channel: str) -> list[Notice]:
    with reading(gateway.engine) as session:
        rows = outbox.due_rows(session, channel, now=gateway.clock(), most=_MOST_AT_A_TIME)
        return [_notice(row) for row in rows]


def _notice(row: Outbound) -> Notice:
    return Notice(row.id, row.kind, row.recipient, row.body, row.attempts, row.created_at)


def _mark(gateway: Gateway, notice: Notice, mark: Callable[..., None], then: Afterwards | None = None) -> None:
    with transaction(gateway.engine) as session:
        now = gateway.clock()
        if then is not None:
            then(session, now)
        row = session.get(Outbound, notice.id)
        # It may have gone out with another one, or with the conversation it belonged to.
        if row is not None and row.state in outbox.OPEN:
            mark(session, notice.id, now=now)


def _open_answer(gateway: Gateway, notice: Notice) -> OpenAnswer | None:
    with reading(gateway.engine) as session:
        row = session.get(Inbound, notice.body["turn"])
        if row is None or row.sealed_event is None:
            return None
        lines = transcript.of_turn(session, row.id, notice.body["role"], vault=gateway.vault)
        return OpenAnswer(
            user_key=conversations.user_key(session, notice.recipient, vault=gateway.vault),
            reply=inbox.open_body(row, gateway.vault).reply,
            messages=[shown_message(line.message) for line in lines],
        )


def shown_message(public: dict[str, Any]) -> Message:
    """The Message of a line of the transcript."""
    # The plain rendering was added for clients; a Message works it out itself.
    return Message.model_validate({name: value for name, value in public.items() if name != "text"})
