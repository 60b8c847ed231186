"""One-time codes by mail: a wish for one, the code that is made for it, the guesses at it.

Nothing here says whether a number, a request or a member exists. A wish is stored for whatever was entered; what it
is worth is found out by the jobs process. A wish that leads nowhere is made too, into a decoy: a code nobody was sent
and no six digits match, with an identity and limits of its own. So `try_code` does the same with both.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
import unicodedata
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Select, select, update
from sqlalchemy.orm import Session

from bot.register import audit
from bot.register.errors import CodeIsGoneError, DraftIsUnknownError
from bot.register.identity.code_days import count
from bot.register.identity.models import TRIES_A_CODE, Code, Purpose
from bot.register.models import Contact, Draft, Request, RequestGroup
from bot.register.notices import MAIL, MEMBER, MemberNotice
from bot.register.numbers import read_number
from bot.storage import outbox
from bot.storage.encryption import Vault
from bot.storage.walls import company_of

_HANDLE_BYTES = 32
_DIGITS = 6
_LONGEST_NUMBER = 64
_MOST_A_ROUND = 200
_SEPARATORS = re.compile(r"[\s\-‐‑‒–—―−ー]+")
_NOBODY = "0" * 64


@dataclass(frozen=True)
class Opened:
    """What the right code opened; only for this purpose, and only for this draft or request."""

    draft_id: str
    request_id: str | None
    purpose: Purpose
    code_id: str


def ask_by_number(  # noqa: PLR0913 - what a wish is, and the three things every step of the register takes
    session: Session, number_text: str, purpose: Purpose, *, controller: str, now: datetime, vault: Vault, minutes: int
) -> str:
    """Wishes for a code to whoever asked under this number, which may be any text: nothing is looked up.

    Returns:
        A handle of 256 random bits, which the form that takes the code carries along; stored hashed.
    """
    wish = _wish(purpose, controller=controller, now=now, minutes=minutes)
    typed = number_text[:_LONGEST_NUMBER]
    wish.number_hash = vault.keyed_hash(read_number(typed) or typed, purpose="code_number")
    wish.sealed_number = vault.seal(typed, table="code", row=wish.id, column="sealed_number")
    return _stored(session, wish)


def ask_for_draft(  # noqa: PLR0913 - as above
    session: Session,
    draft_id: str,
    purpose: Purpose,
    *,
    controller: str,
    now: datetime,
    minutes: int,
    request_id: str | None = None,
) -> str:
    """Wishes for a code to the contact of a draft whose page or visit is open already.

    Args:
        session: the open transaction.
        draft_id: whose contact gets it.
        purpose: what the code will be good for.
        controller: the company the draft is addressed to.
        now: the present moment.
        minutes: how long the code can be used.
        request_id: the one request it is bound to; every request of the draft, when absent.

    Returns:
        The handle, as `ask_by_number` gives it.

    Raises:
        DraftIsUnknownError: this company has no draft of this id.
    """
    # Its foreign key would be content with another company's draft.
    if session.get(Draft, draft_id) is None:
        raise DraftIsUnknownError(f"no draft {draft_id}")
    wish = _wish(purpose, controller=controller, now=now, minutes=minutes)
    wish.draft_id, wish.request_id = draft_id, request_id
    return _stored(session, wish)


def make_wanted(session: Session, *, controller: str, now: datetime, vault: Vault) -> int:
    """Makes the code of every wish that waits, and notes the mail that brings it; run by the jobs process.

    What leads nowhere, to nobody with an e-mail address, to a test, or to somebody who was sent five codes today,
    becomes a decoy.

    Returns:
        How many codes will be mailed.
    """
    # All wishes are locked before anything else, so that a try never waits for a wish while this waits for the try.
    query = _wishes(controller, now).order_by(Code.asked_at, Code.id).limit(_MOST_A_ROUND)
    wishes = session.scalars(query.with_for_update(skip_locked=True)).all()
    return sum(_make(session, wish, now=now, vault=vault) for wish in wishes)


def is_one_wanted(session: Session, *, controller: str, now: datetime) -> bool:
    """Whether a wish waits, so that `make_wanted` has something to do; changes nothing."""
    return session.scalar(_wishes(controller, now).limit(1)) is not None


def open_code(session: Session, code_id: str, vault: Vault) -> str:
    """The six digits, for the mail that brings them.

    Raises:
        CodeIsGoneError: no such code waits to be sent.
    """
    sealed = session.scalar(select(Code.sealed_code).where(Code.id == code_id))
    if sealed is None:
        raise CodeIsGoneError(f"code {code_id} does not wait to be sent")
    return vault.open(sealed, table="code", row=code_id, column="sealed_code")


def forget_code(session: Session, code_id: str) -> None:
    """Once the mail has gone only the keyed hash stays."""
    session.execute(update(Code).where(Code.id == code_id).values(sealed_code=None))


def hold_group(session: Session, handle: str) -> None:
    """Makes whoever else does something for all companies of one request wait, until the transaction ends.

    For a code that may count for all of them, before it is tried: a try holds its draft (PostgreSQL checks the keys of
    a row that is changed twice), and two that hold a draft of one group each would wait for one another. It is one
    statement, whatever stands behind the handle.
    """
    query = select(RequestGroup.id).join(Draft, Draft.group_id == RequestGroup.id).join(Code, Code.draft_id == Draft.id)
    session.execute(query.where(Code.handle_hash == _hash(handle)).with_for_update(of=RequestGroup)).first()


def try_code(session: Session, handle: str, typed: str, *, now: datetime, vault: Vault) -> Opened | None:
    """Compares what was typed with the code of a handle, at most three times a code and ten an identity and day.

    The try is counted before anything is compared. THE CALLER COMMITS, whatever the answer: a transaction that is
    rolled back takes the count with it and gives the guess back. The caller also checks that `purpose` and `draft_id`
    are what the page is for.

    Returns:
        What it opens; None for a wrong or used or expired code, for too many tries, and for a handle that nothing
        stands behind. Never says which, and never how many tries are left.
    """
    code = _counted(session, _hash(handle), now=now)
    may_compare = count(
        session,
        "tries",
        # A handle that nothing stands behind is nobody's; it is counted with the company that was asked.
        controller=code.controller if code else company_of(session),
        identity=(code.identity_hash or code.handle_hash) if code else _NOBODY,
        now=now,
    )
    expected = code.code_hash if code and may_compare else None
    agrees = _agree(vault, code.id if code else "", typed, expected or _NOBODY)
    if code is None or code.draft_id is None or not agrees:
        return None
    code.used_at = now
    session.flush()
    return Opened(code.draft_id, code.request_id, Purpose(code.purpose), code.id)


def _counted(session: Session, handle_hash: str, *, now: datetime) -> Code | None:
    # The statement itself asks whether a try is left: of fifty that come at once, three find `tries` below three.
    # It locks the row until the caller commits, so that a code is used once as well.
    statement = (
        update(Code)
        .where(
            Code.handle_hash == handle_hash, Code.tries < TRIES_A_CODE, Code.used_at.is_(None), Code.expires_at > now
        )
        .values(tries=Code.tries + 1)
        .returning(Code)
        .execution_options(synchronize_session=False, populate_existing=True)
    )
    return session.scalars(statement).one_or_none()


def _agree(vault: Vault, code_id: str, typed: str, code_hash: str) -> bool:
    digits = _SEPARATORS.sub("", unicodedata.normalize("NFKC", typed))
    return hmac.compare_digest(_code_hash(vault, code_id, digits), code_hash)


def _make(session: Session, wish: Code, *, now: datetime, vault: Vault) -> bool:
    requests = _wanted_requests(session, wish, vault)
    address = _address(session, requests)
    wish.identity_hash = address or wish.number_hash or wish.handle_hash
    wish.made_at, wish.sealed_number = now, None
    may_send = count(session, "sends", controller=wish.controller, identity=wish.identity_hash, now=now)
    if address is None or not may_send:
        wish.code_hash = _code_hash(vault, wish.id, secrets.token_hex(_HANDLE_BYTES))
        return False
    code = f"{secrets.randbelow(10**_DIGITS):0{_DIGITS}}"
    wish.code_hash = _code_hash(vault, wish.id, code)
    wish.sealed_code = vault.seal(code, table="code", row=wish.id, column="sealed_code")
    _announce(session, wish, requests, now=now)
    return True


def _wishes(controller: str, now: datetime) -> Select[Code]:
    return select(Code).where(Code.controller == controller, Code.made_at.is_(None), Code.expires_at > now)


def _wanted_requests(session: Session, wish: Code, vault: Vault) -> list[Request]:
    query = select(Request).where(Request.controller == wish.controller, Request.is_test.is_(False))
    if wish.sealed_number is not None:
        typed = vault.open(wish.sealed_number, table="code", row=wish.id, column="sealed_number")
        named = session.scalar(query.where(Request.number == read_number(typed)))
        if named is None:
            return []
        # Written before the requests are locked: the foreign key waits for whoever holds the draft, and whoever
        # holds the draft may go on to its requests.
        wish.draft_id = named.draft_id
        session.flush()
        wish.request_id = named.id
    query = query.where(Request.draft_id == wish.draft_id)
    if wish.request_id is not None:
        query = query.where(Request.id == wish.request_id)
    locked = query.order_by(Request.number).with_for_update().execution_options(populate_existing=True)
    with session.no_autoflush:
        return list(session.scalars(locked))


def _address(session: Session, requests: list[Request]) -> str | None:
    # The hash of the address is the identity that the limits count: one mailbox, however many requests it made.
    if not requests:
        return None
    return session.scalar(select(Contact.email_hash).where(Contact.draft_id == requests[0].draft_id))


def _announce(session: Session, code: Code, requests: list[Request], *, now: datetime) -> None:
    outbox.enqueue(
        session,
        controller=code.controller,
        channel=MAIL,
        recipient=MEMBER,
        kind=MemberNotice.CODE,
        body={"code_id": code.id, "request_id": requests[0].id},
        dedupe_key=f"code:{code.id}",
        now=now,
    )
    for request in requests:
        audit.record(session, request, action=audit.Action.CODE_SENT, actor=audit.SYSTEM, now=now)


def _wish(purpose: Purpose, *, controller: str, now: datetime, minutes: int) -> Code:
    return Code(
        id=secrets.token_hex(16),
        controller=controller,
        purpose=purpose,
        asked_at=now,
        expires_at=now + timedelta(minutes=minutes),
        tries=0,
    )


def _stored(session: Session, wish: Code) -> str:
    handle = secrets.token_urlsafe(_HANDLE_BYTES)
    wish.handle_hash = _hash(handle)
    session.add(wish)
    session.flush()
    return handle


def _hash(handle: str) -> str:
    # 256 random bits cannot be guessed: a plain fast hash keeps the handle out of the database.
    return hashlib.sha256(handle.encode("utf-8", "ignore")).hexdigest()


def _code_hash(vault: Vault, code_id: str, code: str) -> str:
    # Six digits can be tried out in a moment; the key, and the row they are bound to, make a stolen table worthless.
    return vault.keyed_hash(f"{code_id}\x00{code}", purpose="code")
