"""Who writes on which channel, and in which conversation."""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, TextClause, delete, exists, select, text
from sqlalchemy.orm import Session

from bot.storage import outbox, talks
from bot.storage.encryption import Vault
from bot.storage.forgetting import empty, remove, rows
from bot.storage.models import (
    APART,
    GONE,
    KEPT,
    KEPT_TEST,
    UNWANTED,
    Conversation,
    Entry,
    Feedback,
    Inbound,
    IssuedChoice,
    Member,
    OpenQuestion,
    Outbound,
)

# Whatever else is sent in its place may hold what no database takes as a text.
_CHOICE_ID = re.compile(r"[!-~]{1,64}")


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


def find_member(session: Session, sender: Sender, *, vault: Vault, is_locked: bool = True) -> Member | None:
    """The member behind this sender, or None when nobody of that key wrote yet.

    Args:
        session: an open transaction.
        sender: who is meant.
        vault: hashes the key.
        is_locked: whether the member is locked for this transaction; who only looks would wait for who writes.
    """
    query = select(Member).where(
        Member.controller == sender.controller,
        Member.channel == sender.channel,
        Member.user_hash == _user_hash(sender, vault),
    )
    return session.scalar(query.with_for_update() if is_locked else query)


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


def start(session: Session, member: Member, *, now: datetime, is_test: bool = False) -> Conversation:
    """Begins a conversation and makes it the member's current one; one of a test counts nowhere."""
    conversation = Conversation(
        id=secrets.token_hex(16),
        controller=member.controller,
        channel=member.channel,
        member_id=member.id,
        started_at=now,
        last_at=now,
        turns=0,
        deleted_at=None,
        is_test=is_test,
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


def find_choice(session: Session, choice_id: str) -> IssuedChoice | None:
    """The choice of this id; None for whatever a client made up, be it no id at all."""
    return session.get(IssuedChoice, choice_id) if _CHOICE_ID.fullmatch(choice_id) else None


def is_over(conversation: Conversation, limits: Limits, *, now: datetime) -> bool:
    """Whether what the member types next belongs to a new conversation."""
    return now - conversation.last_at >= limits.idle or conversation.turns >= limits.turns


def count_turn(conversation: Conversation, *, now: datetime) -> None:
    """Notes that the member took a turn."""
    conversation.turns += 1
    conversation.last_at = now


def undeleted(session: Session, member: Member) -> list[Conversation]:
    """The member's conversations of which something is still kept, and which they have not deleted."""
    query = select(Conversation).where(
        Conversation.member_id == member.id,
        Conversation.deleted_at.is_(None),
        Conversation.deletion_wanted_at.is_(None),
    )
    return list(session.scalars(query))


def unused_since(
    session: Session,
    moment: datetime,
    *,
    most: int = 100,
    tests_only: bool = False,
    sparing: ColumnElement[bool] | None = None,
) -> list[str]:
    """Ids of conversations of which something is still kept, and in which nothing happened since `moment`.

    Args:
        session: the open transaction.
        moment: before which the last turn was taken.
        most: how many at most.
        tests_only: whether only those of tests are meant.
        sparing: a condition on `Conversation` for those that are kept all the same.
    """
    return _ids(session, most, sparing, text(KEPT_TEST if tests_only else KEPT), Conversation.last_at < moment)


def unwanted(session: Session, *, most: int = 100, sparing: ColumnElement[bool] | None = None) -> list[str]:
    """Ids of conversations that their members deleted while something kept them, but for those of `sparing`."""
    return _ids(session, most, sparing, text(UNWANTED))


def erase(session: Session, conversation: Conversation, *, now: datetime) -> None:
    """Deletes what was said, shown and thought of it, and what of it still waits to be sent.

    Of every event only its id and hash remain, so that a late redelivery is not answered anew.
    """
    talks.forget(session, conversation.id)
    for model in (OpenQuestion, Feedback, Entry, IssuedChoice):
        remove(session, rows(model, model.conversation_id == conversation.id))
    empty(session, rows(Inbound, Inbound.conversation_id == conversation.id), state="deleted", done_at=now)
    session.execute(
        delete(Outbound).where(
            Outbound.recipient == conversation.member_id,
            Outbound.kind == outbox.ANSWER,
            Outbound.state.in_(outbox.OPEN),
        )
    )
    conversation.deleted_at = now


def want_deleted(conversation: Conversation, *, now: datetime) -> None:
    """Hides a conversation that is held from its member, who has deleted it; it goes as soon as nothing holds it."""
    conversation.deletion_wanted_at = now


def purge(
    session: Session, *, controller: str, before: datetime, sparing: ColumnElement[bool], most: int = 500
) -> dict[str, int]:
    """Removes what is left of conversations that were deleted by this moment, and people who have none any more.

    A person who comes back later is new to us, with the first message and the consent that a new one gets.

    Args:
        session: the open transaction.
        controller: whose conversations.
        before: the last moment of deletion.
        sparing: a condition on `Conversation` for those that something else still belongs to.
        most: how many of each at most.

    Returns:
        How many went of which table.
    """
    gone = (
        Conversation.controller == controller,
        text(GONE),
        Conversation.deleted_at <= before,
        Conversation.is_counted,
        ~sparing,
    )
    has_any = exists().where(Conversation.member_id == Member.id)
    left = (Member.controller == controller, text(APART), Member.created_at <= before, ~has_any)
    return {
        "conversation": remove(session, rows(Conversation, *gone, most=most)),
        "member": remove(session, rows(Member, *left, most=most)),
    }


def forget_current(member: Member) -> None:
    """The member's next words begin a new conversation."""
    member.conversation_id = None


def _ids(
    session: Session, most: int, sparing: ColumnElement[bool] | None, *conditions: ColumnElement[bool] | TextClause
) -> list[str]:
    query = select(Conversation.id).where(*conditions)
    if sparing is not None:
        query = query.where(~sparing)
    return list(session.scalars(query.order_by(Conversation.last_at).limit(most)))


def _user_hash(sender: Sender, vault: Vault) -> str:
    return vault.keyed_hash(f"{sender.channel}\x00{sender.user_key}", purpose="member")
