"""Opening one's requests without any mail: the receipt number together with the code that was printed beside it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.register.identity.code_days import count
from bot.register.models import Request
from bot.register.numbers import read_number
from bot.register.pages import draft_of_resume_code
from bot.storage.encryption import Vault

_LONGEST_NUMBER = 64


def open_by_resume_code(
    session: Session, number_text: str, code_text: str, *, controller: str, now: datetime, vault: Vault
) -> str | None:
    """The draft whose number and printed code these are, at most ten tries a number and day.

    The try is counted first and both are looked up in any case, so that neither words nor work say which of the two
    was wrong. THE CALLER COMMITS, whatever the answer, or the try would be given back.

    Returns:
        The draft's id; None for a wrong number, a wrong or expired code, and too many tries.
    """
    typed = number_text[:_LONGEST_NUMBER]
    number = read_number(typed)
    identity = vault.keyed_hash(number or typed, purpose="resume_number")
    may_compare = count(session, "tries", controller=controller, identity=identity, now=now)
    of_code = draft_of_resume_code(session, code_text, now=now)
    query = select(Request.draft_id).where(Request.number == (number or ""), Request.controller == controller)
    of_number = session.scalar(query)
    return of_code if may_compare and of_code == of_number else None
