"""What is to be known of a member before something is sent to them on LINE."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.orm import Session

from bot.channels.delivery import shown_message
from bot.channels.gateway import Gateway
from bot.channels.line.holds import CHANNEL
from bot.message import Message
from bot.storage import conversations, inbox, outbox, transcript
from bot.storage.models import Inbound, Member, Outbound


@dataclass(frozen=True)
class OpenAnswer:
    """An answer that was not given yet; `notice_id` is its row of the outbox."""

    notice_id: str
    messages: tuple[Message, ...]


@dataclass(frozen=True)
class Situation:
    """How things stand with one member.

    Attributes:
        user_key: LINE's id of the member.
        has_left: whether nothing may be sent.
        is_greeted: whether the first message was shown.
        answers: what is ready and was not given yet, in order.
        awaits: whether more answers are being made.
    """

    user_key: str
    has_left: bool
    is_greeted: bool
    answers: tuple[OpenAnswer, ...]
    awaits: bool


def look(session: Session, gateway: Gateway, member_id: str) -> Situation:
    """The situation in this moment."""
    member = session.get_one(Member, member_id)
    rows = outbox.open_rows(session, CHANNEL, recipient=member_id, kind=outbox.ANSWER)
    answers = (_answer(session, gateway, row) for row in rows)
    return Situation(
        user_key=conversations.user_key(session, member_id, vault=gateway.vault),
        has_left=member.left_at is not None,
        is_greeted=transcript.was_answered(session, member_id),
        answers=tuple(answer for answer in answers if answer is not None),
        awaits=inbox.is_awaited(session, member_id),
    )


def _answer(session: Session, gateway: Gateway, row: Outbound) -> OpenAnswer | None:
    """None when the member took the question back since, or deleted the conversation."""
    turn = session.get(Inbound, row.body["turn"])
    if turn is None or turn.sealed_event is None:
        return None
    lines = transcript.of_turn(session, turn.id, row.body["role"], vault=gateway.vault)
    return OpenAnswer(row.id, tuple(shown_message(line.message) for line in lines)) if lines else None
