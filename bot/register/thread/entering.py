"""Entering the request's page: a fresh code from the mailbox, or the code printed on the receipt, opens a visit."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from bot.register.identity.codes import try_code
from bot.register.identity.models import ProofSort, Purpose
from bot.register.identity.proof_table import ProofTable
from bot.register.identity.proofs import proofs_of, record_mailbox_proof
from bot.register.identity.visits import open_visit, visit
from bot.register.thread.resuming import open_by_resume_code
from bot.storage.encryption import Vault

BY_RESUME_CODE = "resume_code"
"""What a visit says it was opened by when no mail could bring a code."""


def enter_by_code(  # noqa: PLR0913 - what every step of the register takes, and the owner's rules
    session: Session, handle: str, typed: str, *, now: datetime, vault: Vault, minutes: int, table: ProofTable
) -> str | None:
    """Opens a visit with the code that a mail brought; the first one shows as well whose mailbox it is.

    THE CALLER COMMITS, whatever the answer, or the try would be given back.

    Returns:
        The visit's token; None when the code opens nothing.
    """
    opened = try_code(session, handle, typed, now=now, vault=vault)
    if opened is None or opened.purpose is not Purpose.OPEN:
        return None
    token = open_visit(session, opened.draft_id, opened_by=opened.code_id, now=now, minutes=minutes)
    entered = visit(session, token, now=now)
    requests = () if entered is None else entered.request_ids
    if not any(_mailbox_is_proved(session, request_id) for request_id in requests):
        record_mailbox_proof(session, opened.draft_id, now=now, table=table)
    return token


def enter_by_resume_code(  # noqa: PLR0913 - as above
    session: Session, number: str, code: str, *, controller: str, now: datetime, vault: Vault, minutes: int
) -> str | None:
    """Opens a visit with a receipt number and the code printed beside it. THE CALLER COMMITS, as above.

    Returns:
        The visit's token; None when the two open nothing.
    """
    draft_id = open_by_resume_code(session, number, code, controller=controller, now=now, vault=vault)
    if draft_id is None:
        return None
    return open_visit(session, draft_id, opened_by=BY_RESUME_CODE, now=now, minutes=minutes)


def _mailbox_is_proved(session: Session, request_id: str) -> bool:
    return any(proof.sort == ProofSort.MAILBOX_CODE and proof.agrees for proof in proofs_of(session, request_id))
