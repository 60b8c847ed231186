"""What one member shows once counts for every company that was asked together: a proof in each, by its own rules.

Who asks and where is the same for all of them, since it was entered on one page. What a company takes as a proof is its
own, and so is the row that is written there: it says what came of the attempt and nothing of any other company.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.register.groups import for_each_of_group
from bot.register.identity.proof_table import ProofTable
from bot.register.identity.proofs import mailbox_is_proved, record_mailbox_proof, record_member_token
from bot.register.models import Contact


def prove_mailbox(session: Session, draft_id: str, *, now: datetime, table_of: Callable[[str], ProofTable]) -> None:
    """Records that a code came back from the mailbox of this draft's contact, for all that was filed together with it.

    Whatever is over is left alone, and so is a company that knows another address or has such a proof already: again,
    it changes nothing.

    Args:
        session: the open transaction.
        draft_id: whose contact was sent the code.
        now: the present moment.
        table_of: the table of proofs of a company, by its id.

    Raises:
        DraftIsUnknownError: this company has no draft of this id.
    """
    proved = _mailbox(session, draft_id)

    def record(controller: str, part: str) -> None:
        if (part == draft_id or _mailbox(session, part) == proved) and not mailbox_is_proved(session, part):
            record_mailbox_proof(session, part, now=now, table=table_of(controller))

    for_each_of_group(session, draft_id, record)


def vouch(
    session: Session,
    draft_id: str,
    *,
    now: datetime,
    believes: Callable[[str], bool],
    table_of: Callable[[str], ProofTable],
) -> None:
    """Records that a host site vouches for whoever asks, in each company that believes it.

    Args:
        session: the open transaction.
        draft_id: the draft whose page was submitted.
        now: the present moment.
        believes: whether a company, by its id, accepts the token by keys of its own.
        table_of: the table of proofs of a company, by its id.

    Raises:
        DraftIsUnknownError: this company has no draft of this id.
    """

    def record(controller: str, part: str) -> None:
        if believes(controller):
            record_member_token(session, part, now=now, table=table_of(controller))

    for_each_of_group(session, draft_id, record)


def _mailbox(session: Session, draft_id: str) -> str | None:
    return session.scalar(select(Contact.email_hash).where(Contact.draft_id == draft_id))
