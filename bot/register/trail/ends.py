"""The ends of all chains of a company: what to keep elsewhere, so that later a cut or rewritten chain shows."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.register.models import AuditHead, Request
from bot.staff.models import StaffTrailHead
from bot.storage.hash_chain import Head

_AT_A_TIME = 2000


def ends_of(session: Session, controller: str) -> Iterator[tuple[str, Head]]:
    """Each request's number with the end of its chain, by number; the console's chain first, without a number."""
    console = session.get(StaffTrailHead, controller)
    if console is not None:
        yield "", Head(console.position, console.hash)
    query = (
        select(Request.number, AuditHead.position, AuditHead.hash)
        .join(AuditHead, AuditHead.request_id == Request.id)
        .where(Request.controller == controller, Request.is_test.is_(False))
        .order_by(Request.number)
        .execution_options(yield_per=_AT_A_TIME)
    )
    for number, position, end in session.execute(query):
        yield number, Head(position, end)
