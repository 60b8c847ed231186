"""What reaches the desk otherwise than by a conversation: entered by staff, into the same ledger, under the same clock.

A request counts from when it arrived, not from when somebody found the time to type it, so that staff enter its true
time of arrival. It can be put right until a second person has checked it; then it stands for ever. The number is made
from the day of the entry, since that is when it is given out.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from bot.register import audit
from bot.register.alerts.models import AlertSort
from bot.register.alerts.raising import raise_alert
from bot.register.arrival import check_possible
from bot.register.completing import give_details
from bot.register.details import Details
from bot.register.drafts import locked_draft, open_draft
from bot.register.duties import is_due_without_delay
from bot.register.errors import OriginalWasEnteredError
from bot.register.filing import Filed, receipts
from bot.register.kinds import Kind
from bot.register.life import require_staff
from bot.register.models import Draft, Request, State
from bot.register.numbers import next_number
from bot.register.particulars import stops_advertising
from bot.register.thread.files import store_file
from bot.register.thread.models import FilePurpose
from bot.storage.encryption import Vault


class EntryChannel(StrEnum):
    """How something reached the desk."""

    EMAIL = "email"
    PHONE = "phone"
    LETTER = "letter"
    COUNTER = "counter"


@dataclass(frozen=True)
class Original:
    """The mail or the scan of the letter itself; a mail is known again by its Message-ID, however it was saved."""

    name: str = field(repr=False)
    media_type: str
    content: bytes = field(repr=False)
    message_id: str | None = field(repr=False, default=None)


@dataclass(frozen=True, kw_only=True)
class Entry:
    """What staff enter; without details nobody can be answered yet, as with a receipt in the chat."""

    channel: EntryChannel
    kinds: tuple[Kind, ...]
    received_at: datetime
    scope: str | None = None
    words: str | None = field(repr=False, default=None)
    details: Details | None = None
    original: Original | None = None
    is_test: bool = False


def enter(session: Session, entry: Entry, *, actor: str, now: datetime, vault: Vault, controller: str) -> list[Filed]:
    """Files every kind of an entry as a request of its own, with its original, and tells staff.

    With details each request goes on to `identity_pending`, and its member is sent a receipt.

    Args:
        session: the open transaction; show a number only after it has been committed.
        entry: what arrived.
        actor: who enters it, as `staff:` and who it is.
        now: the present moment.
        vault: seals words, details and original.
        controller: the company it is addressed to.

    Raises:
        StaffOnlyError: the actor is not a member of staff.
        ArrivalIsImpossibleError: the time of arrival lies ahead, or before the law.
        NothingIsAskedForError: no kind is named, or one that is never filed.
        OriginalWasEnteredError: the same original was entered before; the error names the numbers.
        FileIsUnusableError: the original cannot be stored.
    """
    require_staff(actor)
    check_possible(entry.received_at, not_after=now)
    draft = _draft(session, entry, now=now, vault=vault, controller=controller)
    requests = [_request(session, draft, Kind(kind), entry, actor=actor, now=now, vault=vault) for kind in draft.kinds]
    draft.filed_at = now
    session.flush()
    _store_original(session, draft, entry.original, actor=actor, now=now, vault=vault)
    if entry.details is not None:
        give_details(session, draft.id, entry.details, actor=actor, now=now, vault=vault)
    for request in requests:
        raise_alert(session, request, AlertSort.ARRIVAL, occasion=AlertSort.ARRIVAL, now=now)
    return receipts(session, draft.id)


def _draft(session: Session, entry: Entry, *, now: datetime, vault: Vault, controller: str) -> Draft:
    draft_id = open_draft(
        session,
        controller=controller,
        conversation_id=None,
        channel=EntryChannel(entry.channel),
        kinds=entry.kinds,
        scope=entry.scope,
        words=None,  # they are sealed into the requests at once
        vault=vault,
        now=now,
        is_test=entry.is_test,
        stops_advertising=stops_advertising(Kind.USE_STOP, entry.scope),
    )
    draft = locked_draft(session, draft_id)
    _claim_original(session, draft, entry.original, vault)
    return draft


def _claim_original(session: Session, draft: Draft, original: Original | None, vault: Vault) -> None:
    # A test must not keep the real thing from being entered.
    if original is None or draft.is_test:
        return
    mark = original.message_id or hashlib.sha256(original.content).hexdigest()
    original_hash = vault.keyed_hash(mark, purpose="original")
    try:
        # Two people who enter the same mail at the same time meet here: the database lets one of them through.
        with session.begin_nested():
            draft.original_hash = original_hash
    except IntegrityError:
        same = select(Draft.id).where(Draft.controller == draft.controller, Draft.original_hash == original_hash)
        known = [filed.number for filed in receipts(session, session.scalars(same).one())]
        raise OriginalWasEnteredError(known) from None


def _request(  # noqa: PLR0913 - the facts of one row
    session: Session, draft: Draft, kind: Kind, entry: Entry, *, actor: str, now: datetime, vault: Vault
) -> Request:
    request_id = secrets.token_hex(16)
    words = entry.words or ""
    place = {"table": "request", "row": request_id, "column": "sealed_words"}
    request = Request(
        id=request_id,
        controller=draft.controller,
        number=next_number(session, now),
        draft_id=draft.id,
        kind=kind,
        scope=entry.scope,
        state=State.RECEIVED,
        channel=draft.channel,
        sealed_words=vault.seal(words, **place) if words else None,
        is_test=entry.is_test,
        without_delay=kind == Kind.INQUIRY and is_due_without_delay(words),
        is_urgent=draft.stops_advertising and kind == Kind.USE_STOP,
        received_at=entry.received_at,
        entered_by=actor,
        entered_at=now,
    )
    session.add(request)
    session.flush()
    fields = [name for name in ("channel", "received_at", "scope", "words", "original") if getattr(entry, name)]
    audit.record(session, request, action=audit.Action.REQUEST_ENTERED, actor=actor, now=now, fields=fields)
    return request


def _store_original(
    session: Session, draft: Draft, original: Original | None, *, actor: str, now: datetime, vault: Vault
) -> None:
    if original is not None:
        store_file(
            session,
            draft_id=draft.id,
            request_id=None,
            purpose=FilePurpose.ORIGINAL,
            name=original.name,
            media_type=original.media_type,
            content=original.content,
            by=actor,
            now=now,
            vault=vault,
        )
