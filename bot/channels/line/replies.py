"""What one reply brings: all answers that are open, as far as they fit, and what else is to be said."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from sqlalchemy.orm import Session

from bot.channels import notices, taps
from bot.channels.delivery import Afterwards
from bot.channels.gateway import Gateway
from bot.channels.line.api import LineApi, LineRefusesError, TokenIsSpentError
from bot.channels.line.holds import CHANNEL, Token
from bot.channels.line.messages import fits, line_messages
from bot.channels.line.situation import OpenAnswer
from bot.message import Message
from bot.storage import outbox
from bot.storage.models import Outbound


@dataclass(frozen=True)
class Reply:
    """Messages, and the notices that they settle."""

    messages: tuple[Message, ...]
    given: tuple[str, ...]


def with_open_answers(answers: Sequence[OpenAnswer], rest: tuple[Message, ...] = ()) -> Reply:
    """As many whole answers as fit, the oldest first, then the rest; what does not fit is offered for a tap."""
    shown: tuple[Message, ...] = ()
    for count, answer in enumerate(answers):
        longer = shown + answer.messages
        is_last = count == len(answers) - 1
        if count and not fits(longer + (rest if is_last else (notices.there_is_more(),))):
            return Reply((*shown, notices.there_is_more()), _ids(answers[:count]))
        shown = longer
    return Reply(shown + rest, _ids(answers))


def before(answers: Sequence[OpenAnswer], message: Message) -> Reply:
    """The answers ahead of a message that has to be shown; without them when they would not fit."""
    messages = (*(one for answer in answers for one in answer.messages), message)
    return Reply(messages, _ids(answers)) if fits(messages) else Reply((message,), ())


async def send(gateway: Gateway, api: LineApi, token: Token, user_key: str, messages: Sequence[Message]) -> None:
    """Replies; what LINE refuses in its rich form is sent as plain text.

    Raises:
        TokenIsSpentError: the token does not work (any more).
        LineRefusesError: LINE does not take it in any form.
        LineIsAwayError: LINE did not take it now.
    """
    seal = partial(taps.sealed, gateway, CHANNEL, user_key)
    try:
        await api.reply(token.value, line_messages(messages, seal=seal))
    except TokenIsSpentError:
        raise
    except LineRefusesError:
        gateway.metrics.sent.labels(CHANNEL, "refused_rich").inc()
        await api.reply(token.value, line_messages(messages, seal=seal, plain=True))


def settling(reply: Reply, token: Token) -> Afterwards:
    """What follows when the reply was taken: its answers are given, and the token is spent."""

    def then(session: Session, now: datetime) -> None:
        for notice_id in (*reply.given, *((token.hold_id,) if token.hold_id else ())):
            row = session.get(Outbound, notice_id)
            if row is not None and row.state in outbox.OPEN:
                outbox.mark_sent(session, notice_id, now=now)

    return then


def _ids(answers: Sequence[OpenAnswer]) -> tuple[str, ...]:
    return tuple(answer.notice_id for answer in answers)
