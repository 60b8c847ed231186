"""Who writes on which channel, and in which conversation."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from bot.storage import outbox
from bot.storage.encryption import Vault
from bot.storage.models import Conversation, Entry, Feedback, Inbound, IssuedChoice, Member, Outbound


@dataclass(frozen=True)
class Limits:
    """When a conversation has become too old or too long to go on."""

    idle: timedelta
    turns: int


@dataclass(frozen=True)
class Sender:
    """A person as a channel knows one: `user_key` is the platform's user id, or the token of a web session."""

    controller: str
    channel: str
    user_key: str


def find_member(session: Session, sender: Sender, *, vault: Vault) -> Member | None:
    """The member behind this sender, locked for this transaction, or None when nobody of that key wrote yet."""
    query = select(Member).where(
        Member.controller == sender.controller,
        Member.channel == sender.channel,
        Member.user_hash == _user_hash(sender, vault),
    )
    return session.scalar(query.with_for_update())


def add_member(session: Session, sender: Sender, *, vault: Vault, now: datetime) -> Member:
    """Notes a person who writes for the first time."""
    member_id = secrets.token_hex(16)
    member = Member(
        id=member_id,
        controller=sender.controller,
        channel=sender.channel,
        user_hash=_user_hash(sender, vault),
        sealed_user=vault.seal(sender.user_key, table="member", row=member_id, column="sealed_user"),
        conversation_id=None,
        created_at=now,
    )
    session.add(member)
    session.flush()
    return member


def user_key(session: Session, member_id: str, *, vault: Vault) -> str:
    """The platform's own id of a member, for whoever sends there."""
    member = session.get_one(Member, member_id)
    return vault.open(member.sealed_user, table="member", row=member_id, column="sealed_user")


def start(session: Session, member: Member, *, now: datetime) -> Conversation:
    """Begins a conversation and makes it the member's current one."""
    conversation = Conversation(
        id=secrets.token_hex(16),
        controller=member.controller,
        channel=member.channel,
        member_id=member.id,
        started_at=now,
        last_at=now,
        turns=0,
        deleted_at=None,
        is_test=False,
    )
    session.add(conversation)
    session.flush()
    member.conversation_id = conversation.id
    return conversation


def current(session: Session, member: Member) -> Conversation | None:
    """The conversation the member is in, however old."""
    return session.get(Conversation, member.conversation_id) if member.conversation_id else None


def latest(session: Session, member: Member) -> Conversation | None:
    """The conversation the member was in last, deleted or not: what it filed belongs to the same person."""
    query = select(Conversation).where(Conversation.member_id == member.id)
    return session.scalar(query.order_by(Conversation.started_at.desc(), Conversation.id).limit(1))


def is_over(conversation: Conversation, limits: Limits, *, now: datetime) -> bool:
    """Whether what the member types next belongs to a new conversation."""
    return now - conversation.last_at >= limits.idle or conversation.turns >= limits.turns


def count_turn(conversation: Conversation, *, now: datetime) -> None:
    """Notes that the member took a turn."""
    conversation.turns += 1
    conversation.last_at = now


def undeleted(session: Session, member: Member) -> list[Conversation]:
    """The member's conversations of which something is still kept."""
    query = select(Conversation).where(Conversation.member_id == member.id, Conversation.deleted_at.is_(None))
    return list(session.scalars(query))


def unused_since(session: Session, moment: datetime, *, most: int = 100) -> list[str]:
    """Ids of conversations in which nothing happened since `moment` and of which something is still kept."""
    query = select(Conversation.id).where(Conversation.last_at < moment, Conversation.deleted_at.is_(None))
    return list(session.scalars(query.order_by(Conversation.last_at).limit(most)))


def erase(session: Session, conversation: Conversation, *, now: datetime) -> None:
    """Deletes what was said, shown and thought of it, and what of it still waits to be sent.

    Of every event only its id and hash remain, so that a late redelivery is not answered anew.
    """
    session.execute(delete(Feedback).where(Feedback.conversation_id == conversation.id))
    session.execute(delete(Entry).where(Entry.conversation_id == conversation.id))
    session.execute(delete(IssuedChoice).where(IssuedChoice.conversation_id == conversation.id))
    session.execute(
        update(Inbound)
        .where(Inbound.conversation_id == conversation.id)
        .values(state="deleted", sealed_event=None, done_at=now)
    )
    session.execute(
        delete(Outbound).where(
            Outbound.recipient == conversation.member_id,
            Outbound.kind == outbox.ANSWER,
            Outbound.state.in_(outbox.OPEN),
        )
    )
    conversation.deleted_at = now


def forget_current(member: Member) -> None:
    """The member's next words begin a new conversation."""
    member.conversation_id = None


def _user_hash(sender: Sender, vault: Vault) -> str:
    return vault.keyed_hash(f"{sender.channel}\x00{sender.user_key}", purpose="member")
