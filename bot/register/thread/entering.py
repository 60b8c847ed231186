"""Entering the request's page: a fresh code from the mailbox, or the code printed on the receipt, opens a visit."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from sqlalchemy.orm import Session

from bot.register.identity.codes import hold_group, try_code
from bot.register.identity.group_proofs import prove_mailbox
from bot.register.identity.models import Purpose
from bot.register.identity.proof_table import ProofTable
from bot.register.identity.visits import open_visit
from bot.register.thread.resuming import open_by_resume_code
from bot.storage.encryption import Vault

BY_RESUME_CODE = "resume_code"
"""What a visit says it was opened by when no mail could bring a code."""


def enter_by_code(  # noqa: PLR0913 - what every step of the register takes, and the owner's rules
    session: Session,
    handle: str,
    typed: str,
    *,
    now: datetime,
    vault: Vault,
    minutes: int,
    table_of: Callable[[str], ProofTable],
) -> str | None:
    """Opens a visit with the code that a mail brought; the first one shows as well whose mailbox it is.

    That counts for the companies too that were asked together with this one.

    THE CALLER COMMITS, whatever the answer, or the try would be given back.

    Returns:
        The visit's token; None when the code opens nothing.
    """
    hold_group(session, handle)
    opened = try_code(session, handle, typed, now=now, vault=vault)
    if opened is None or opened.purpose is not Purpose.OPEN:
        return None
    token = open_visit(session, opened.draft_id, opened_by=opened.code_id, now=now, minutes=minutes)
    prove_mailbox(session, opened.draft_id, now=now, table_of=table_of)
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
