"""Drafts: what a member is about to ask for, kept from the turn that shows the summary."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.register.duties import is_due_without_delay
from bot.register.errors import DraftIsUnknownError, NothingIsAskedForError
from bot.register.kinds import Kind
from bot.register.models import Draft
from bot.storage.encryption import Vault


@dataclass(frozen=True)
class DraftView:
    """A draft without the member's words."""

    id: str
    controller: str
    conversation_id: str | None
    kinds: tuple[Kind, ...]
    scope: str | None
    stops_advertising: bool
    created_at: datetime
    is_filed: bool
    is_dropped: bool


def open_draft(  # noqa: PLR0913 - a draft has this many facts, and the caller names each
    session: Session,
    *,
    controller: str,
    conversation_id: str | None,
    channel: str,
    kinds: Sequence[Kind],
    scope: str | None,
    words: str | None,
    vault: Vault,
    now: datetime,
    is_test: bool = False,
    stops_advertising: bool = False,
) -> str:
    """Keeps what a member is about to ask for; nothing is filed by it.

    Sealed words can no longer be searched, so that an inquiry is flagged here when the law wants it answered without
    delay.

    Args:
        session: the open transaction.
        controller: the company it is addressed to.
        conversation_id: where the member asks; None for what staff enter.
        channel: the channel of that conversation.
        kinds: what is asked for; repetitions count once.
        scope: which data are meant, as a title of the desk, or None when the member did not say.
        words: what the member wrote, sealed here, or None.
        vault: seals the words.
        now: the present moment.
        is_test: whether it comes from a test of staff and counts nowhere.
        stops_advertising: whether the use to be stopped is advertising, whatever the scope of other kinds beside it.

    Returns:
        The draft's id.

    Raises:
        NothingIsAskedForError: no kind is named, or one that is never filed.
    """
    wanted = list(dict.fromkeys(Kind(kind) for kind in kinds))
    if not wanted or not all(kind.is_filed for kind in wanted):
        raise NothingIsAskedForError(f"a draft cannot be opened for kinds {[str(kind) for kind in wanted]}")
    draft_id = secrets.token_hex(16)
    draft = Draft(
        id=draft_id,
        controller=controller,
        conversation_id=conversation_id,
        channel=channel,
        kinds=[str(kind) for kind in wanted],
        scope=scope,
        sealed_words=_seal(words, draft_id, vault),
        is_test=is_test,
        without_delay=Kind.INQUIRY in wanted and is_due_without_delay(words or ""),
        stops_advertising=stops_advertising and Kind.USE_STOP in wanted,
        created_at=now,
        filed_at=None,
        dropped_at=None,
    )
    session.add(draft)
    session.flush()
    return draft_id


def drop_draft(session: Session, draft_id: str, *, now: datetime) -> bool:
    """Gives a draft up and forgets the member's words; a second time changes nothing.

    Returns:
        Whether it is given up; a draft that was filed is not, its requests have to be withdrawn.

    Raises:
        DraftIsUnknownError: no draft has this id.
    """
    row = locked_draft(session, draft_id)
    if row.filed_at is not None:
        return False
    row.dropped_at = row.dropped_at or now
    row.sealed_words = None
    session.flush()
    return True


def take_back_words(session: Session, conversation_id: str, text: str, *, vault: Vault) -> None:
    """Takes a message that the member took back out of what waits to be filed; what was filed stays as it is."""
    query = select(Draft).where(
        Draft.conversation_id == conversation_id, Draft.filed_at.is_(None), Draft.sealed_words.is_not(None)
    )
    for row in session.scalars(query.with_for_update()):
        words = vault.open(row.sealed_words or b"", table="draft", row=row.id, column="sealed_words")
        if text in words:
            row.sealed_words = _seal(words.replace(text, "").strip(), row.id, vault)


def draft(session: Session, draft_id: str) -> DraftView | None:
    """The draft of this id, whatever became of it."""
    row = session.get(Draft, draft_id)
    return None if row is None else _view(row)


def open_drafts(session: Session, conversation_id: str, *, now: datetime, keep_days: int = 30) -> list[DraftView]:
    """The conversation's drafts that can still be filed, newest first; older ones than `keep_days` are past."""
    query = (
        select(Draft)
        .where(
            Draft.conversation_id == conversation_id,
            Draft.filed_at.is_(None),
            Draft.dropped_at.is_(None),
            Draft.created_at > now - timedelta(days=keep_days),
        )
        .order_by(Draft.created_at.desc(), Draft.id)
    )
    return [_view(row) for row in session.scalars(query)]


def locked_draft(session: Session, draft_id: str) -> Draft:
    """The row of a draft as it is now, locked until the transaction ends.

    Raises:
        DraftIsUnknownError: no draft has this id.
    """
    row = session.get(Draft, draft_id, with_for_update=True, populate_existing=True)
    if row is None:
        raise DraftIsUnknownError(f"no draft has the id {draft_id}")
    return row


def _seal(words: str | None, draft_id: str, vault: Vault) -> bytes | None:
    return vault.seal(words, table="draft", row=draft_id, column="sealed_words") if words else None


def _view(row: Draft) -> DraftView:
    return DraftView(
        id=row.id,
        controller=row.controller,
        conversation_id=row.conversation_id,
        kinds=tuple(Kind(kind) for kind in row.kinds),
        scope=row.scope,
        stops_advertising=row.stops_advertising,
        created_at=row.created_at,
        is_filed=row.filed_at is not None,
        is_dropped=row.dropped_at is not None,
    )
