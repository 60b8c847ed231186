"""Notices about requests: rows of the outbox that name what happened, never what it is about.

What a member waits for, or has to do something about, is told by mail and, if the request was made in a chat that can
be written to, there as well: a request without any contact details is reached by the chat alone.

A notice to a member says that news waits on the request's page; its sender looks up the address, the words and the
link. A test tells nobody.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy.orm import Session

from bot.register.models import Request
from bot.storage import outbox

MAIL = "mail"
"""The channel of the outbox that goes out by mail."""

STAFF = "staff"
"""Recipient of notices to the desk as a whole; the mail sender looks the address up in the settings."""

MEMBER = "member"
"""Recipient of notices to whoever made the request; the mail sender looks the contact up."""


DOOR = "door"
"""The kind of a notice in the chat in which a request was made; its body names the request and what happened."""

_DOORS = ("line", "slack")


class MemberNotice(StrEnum):
    """What members are told by mail; the value names the template."""

    RECEIPT = "receipt"
    CODE = "code"
    QUESTION = "question"
    MESSAGE = "message"
    INTERIM = "interim"
    DECISION = "decision"
    ANSWER_READY = "answer_ready"
    ANSWER_POSTED = "answer_posted"
    WITHDRAWN = "withdrawn"
    CLOSED = "closed"
    IDENTITY_EXPIRED = "identity_expired"


_TOLD_AT_THE_DOOR = frozenset(
    {
        MemberNotice.QUESTION,
        MemberNotice.MESSAGE,
        MemberNotice.INTERIM,
        MemberNotice.DECISION,
        MemberNotice.ANSWER_READY,
        MemberNotice.IDENTITY_EXPIRED,
    }
)
"""The rest follows from what the member did in this very moment, or comes by post, or must not stand in a chat."""


def tell_member(
    session: Session, request: Request, notice: MemberNotice, *, now: datetime, occasion: str = ""
) -> str | None:
    """Notes that the member shall be told; None for a test.

    Args:
        session: the open transaction that causes the notice.
        request: what it is about.
        notice: what happened.
        now: the present moment.
        occasion: tells two notices of a sort about one request apart; the moment, when empty.

    Returns:
        The outbox row's id.
    """
    if request.is_test:
        return None
    when = occasion or now.isoformat()
    if request.channel in _DOORS and notice in _TOLD_AT_THE_DOOR:
        _tell_at_the_door(session, request, notice, now=now, when=when)
    return outbox.enqueue(
        session,
        controller=request.controller,
        channel=MAIL,
        recipient=MEMBER,
        kind=notice,
        body={"request_id": request.id},
        dedupe_key=f"member:{notice}:{request.id}:{when}",
        now=now,
    )


def _tell_at_the_door(session: Session, request: Request, notice: MemberNotice, *, now: datetime, when: str) -> None:
    outbox.enqueue(
        session,
        controller=request.controller,
        channel=request.channel,
        recipient=MEMBER,
        kind=DOOR,
        body={"request_id": request.id, "notice": notice},
        dedupe_key=f"{DOOR}:{notice}:{request.id}:{when}",
        now=now,
    )
