"""The one moment of filing: draft to requests, with numbers, trail and notices, in one transaction."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from limits import RateLimitItem
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.crash_points import CrashPoint, crash_point
from bot.register import audit
from bot.register.alerts.models import AlertSort
from bot.register.alerts.raising import raise_alert
from bot.register.drafts import locked_draft
from bot.register.errors import DraftWasDroppedError, TooMuchWasFiledError
from bot.register.kinds import ADVERTISING, Kind
from bot.register.models import Draft, Request, State
from bot.register.numbers import next_number
from bot.storage.encryption import Vault
from bot.storage.rate_counts import count

_FILINGS = "conversation_filings"


@dataclass(frozen=True)
class Filed:
    """A receipt: what was filed, under which number, when it arrived; urgent is what stops advertisements."""

    number: str
    kind: Kind
    received_at: datetime
    request_id: str
    is_urgent: bool = False


def file_draft(
    session: Session, draft_id: str, *, now: datetime, vault: Vault, rates: Sequence[RateLimitItem] = ()
) -> list[Filed]:
    """Files every kind of a draft as a request of its own and tells staff; again, it gives the same receipts.

    Whoever calls it may show a receipt only after the transaction has been committed.

    Args:
        session: the open transaction; it takes a lock on the draft, so that two filings come one after the other.
        draft_id: which draft.
        now: the moment of arrival.
        vault: moves the member's words from the draft to the requests.
        rates: how many drafts one conversation may file; no limit, when there are none. They are counted in this very
            transaction, so that what cannot be counted is not filed, and what is not filed does not count.

    Raises:
        DraftIsUnknownError: no draft has this id.
        DraftWasDroppedError: the member gave it up.
        TooMuchWasFiledError: the conversation has filed as much as it may; THE CALLER ROLLS BACK.
    """
    draft = locked_draft(session, draft_id)
    if draft.dropped_at is not None:
        raise DraftWasDroppedError(f"draft {draft_id} was given up")
    if draft.filed_at is None:
        crash_point(CrashPoint.FILING_BEGUN)
        _count(session, draft, rates, now=now)
        for kind in draft.kinds:
            request = _file(session, draft, kind, now=now, vault=vault)
            crash_point(CrashPoint.FILING_WITHOUT_NOTICE)
            raise_alert(session, request, AlertSort.ARRIVAL, occasion=AlertSort.ARRIVAL, now=now)
        # The words now stand, sealed anew, in the requests; one copy fewer to look after.
        draft.filed_at, draft.sealed_words = now, None
        session.flush()
        crash_point(CrashPoint.FILING_BEFORE_COMMIT)
    return receipts(session, draft_id)


def receipts(session: Session, draft_id: str) -> list[Filed]:
    """The receipts of a draft, in the order of `Kind`; none when it was not filed."""
    rows = session.scalars(select(Request).where(Request.draft_id == draft_id)).all()
    order = list(Kind)
    filed = [Filed(row.number, Kind(row.kind), row.received_at, row.id, row.is_urgent) for row in rows]
    return sorted(filed, key=lambda receipt: order.index(receipt.kind))


def _count(session: Session, draft: Draft, rates: Sequence[RateLimitItem], *, now: datetime) -> None:
    # What staff enter belongs to no conversation, and a desk may have a busy day.
    if draft.conversation_id is None:
        return
    until = count(session, _FILINGS, controller=draft.controller, key=draft.conversation_id, rates=rates, now=now)
    if until is not None:
        raise TooMuchWasFiledError(until)


def _file(session: Session, draft: Draft, kind: str, *, now: datetime, vault: Vault) -> Request:
    request_id = secrets.token_hex(16)
    stops_advertising = draft.stops_advertising and kind == Kind.USE_STOP
    request = Request(
        id=request_id,
        controller=draft.controller,
        number=next_number(session, now),
        draft_id=draft.id,
        kind=kind,
        scope=ADVERTISING if stops_advertising else draft.scope,
        state=State.RECEIVED,
        conversation_id=draft.conversation_id,
        channel=draft.channel,
        sealed_words=_move_words(draft, request_id, vault),
        is_test=draft.is_test,
        without_delay=draft.without_delay and kind == Kind.INQUIRY,
        is_urgent=stops_advertising,
        received_at=now,
    )
    session.add(request)
    session.flush()
    crash_point(CrashPoint.FILING_WITHOUT_TRAIL)
    audit.record(session, request, action=audit.Action.REQUEST_FILED, actor=audit.MEMBER, now=now)
    return request


def _move_words(draft: Draft, request_id: str, vault: Vault) -> bytes | None:
    if draft.sealed_words is None:
        return None
    words = vault.open(draft.sealed_words, table="draft", row=draft.id, column="sealed_words")
    return vault.seal(words, table="request", row=request_id, column="sealed_words")
