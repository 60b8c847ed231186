"""Makes a letter of a notice: to whom, in which words, and what follows when it was taken or can never be taken."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, getaddresses, parseaddr

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.channels.delivery import Afterwards, Notice, NoticeIsUndeliverableError
from bot.channels.mail.texts import Facts, House, Text, alert_text, member_text, report_owed_text
from bot.clock import in_tokyo
from bot.incidents.reminding import REPORT_OWED
from bot.pii import Pii
from bot.register import audit
from bot.register.alerts.models import AlertSort
from bot.register.alerts.raising import raise_alert
from bot.register.errors import CodeIsGoneError
from bot.register.identity.codes import forget_code, open_code
from bot.register.identity.models import Code
from bot.register.kinds import Kind
from bot.register.life import Move, can_move, locked_request, move
from bot.register.models import Contact, Request
from bot.register.notices import MEMBER, MemberNotice
from bot.register.staff import Staff
from bot.storage.encryption import Vault


@dataclass(frozen=True)
class Office:
    """What every letter is made with.

    Attributes:
        house: what mails say of this installation.
        staff: who works at the desk.
        vault: opens addresses and codes.
        sender: the address that mails come from.
    """

    house: House
    staff: Staff
    vault: Vault
    sender: str


@dataclass(frozen=True)
class Letter:
    """One mail, ready to be sent.

    Attributes:
        mail: what the server gets.
        recipients: the addresses of the envelope.
        once_taken: what follows when the server has taken it, in the transaction that marks it as sent.
        once_refused: what follows when the server will never take it.
    """

    mail: EmailMessage = field(repr=False)
    recipients: tuple[Pii, ...]
    once_taken: Afterwards | None = None
    once_refused: Afterwards | None = None


def letter_of(session: Session, notice: Notice, office: Office, *, now: datetime) -> Letter:
    """The letter that a notice stands for.

    Raises:
        NoticeIsUndeliverableError: there is nobody to write to by mail, or the code it should bring is over.
    """
    if notice.recipient == MEMBER:
        return _to_member(session, notice, office, now)
    text = _staff_text(notice, office.house.caution, in_tokyo(now).date())
    to = office.staff.address_of(notice.recipient)
    recipients = tuple(Pii(address) for _, address in getaddresses([to]) if address)
    if not recipients:
        raise NoticeIsUndeliverableError("nobody at the desk has a mail address")
    return Letter(_mail(notice, office, text, to, now), recipients)


def _staff_text(notice: Notice, caution: str, today: date) -> Text:
    body = notice.body
    if notice.kind == REPORT_OWED:
        by, is_first = date.fromisoformat(body["by"]), body["report"] == "first"
        return report_owed_text(body["incident"], by, today, is_first=is_first, caution=caution)
    # Rows from before there were alerts name no sort, and no urgency: they all tell of an arrival.
    sort, is_urgent = AlertSort(body.get("sort", AlertSort.ARRIVAL)), bool(body.get("urgent"))
    known = (body["number"], Kind(body["kind"]), sort, body.get("days_left"))
    return alert_text(*known, is_urgent=is_urgent, caution=caution)


def _to_member(session: Session, notice: Notice, office: Office, now: datetime) -> Letter:
    request = session.get(Request, notice.body["request_id"])
    if request is None:
        raise NoticeIsUndeliverableError("the request is gone")
    address = _address(session, request, notice, office)
    text = member_text(MemberNotice(notice.kind), office.house, _facts(session, request, notice, office, now))
    return Letter(
        _mail(notice, office, text, address.reveal(), now),
        (address,),
        once_taken=_once_taken(notice),
        once_refused=_once_refused(notice),
    )


def _address(session: Session, request: Request, notice: Notice, office: Office) -> Pii:
    contact = session.scalar(select(Contact).where(Contact.draft_id == request.draft_id))
    if contact is None or contact.sealed_email is None:
        raise NoticeIsUndeliverableError("no mail address was given", then=_task_for_staff(notice, contact))
    email = office.vault.open(contact.sealed_email, table="contact", row=contact.id, column="sealed_email")
    local, _, domain = email.rpartition("@")
    try:
        address = f"{local}@{domain.encode('idna').decode()}"
    except UnicodeError:
        address = ""
    if not address.isascii() or not address.isprintable() or not address:
        raise NoticeIsUndeliverableError("the mail address cannot be written to", then=_once_refused(notice))
    return Pii(address)


def _facts(session: Session, request: Request, notice: Notice, office: Office, now: datetime) -> Facts:
    known = (request.number, Kind(request.kind), request.received_at)
    if notice.kind != MemberNotice.CODE:
        return Facts(*known, ended_at=request.rests_since if notice.kind == MemberNotice.CLOSED else None)
    code = session.get(Code, notice.body["code_id"])
    if code is None or code.expires_at <= now:
        raise NoticeIsUndeliverableError("the time of the code is over", then=_forget_code(notice))
    try:
        return Facts(*known, open_code(session, code.id, office.vault), code.expires_at)
    except CodeIsGoneError:
        raise NoticeIsUndeliverableError("the code was sent before") from None


def _mail(notice: Notice, office: Office, text: Text, to: str, now: datetime) -> EmailMessage:
    name, sender = parseaddr(office.sender)
    mail = EmailMessage(policy=SMTP)
    mail["From"] = Address(name or f"{office.house.service} 個人情報の窓口", addr_spec=sender)
    mail["To"] = to
    mail["Subject"] = text.subject
    mail["Date"] = format_datetime(in_tokyo(now))
    # The same notice sent twice is one mail for a reader that knows about ids, and a bounce names the notice by it.
    mail["Message-ID"] = f"<{notice.id}@{sender.rpartition('@')[2]}>"
    # RFC 3834: no answering machine shall answer, and so tell a third party that there is a request.
    mail["Auto-Submitted"] = "auto-generated"
    mail["X-Auto-Response-Suppress"] = "All"
    mail.set_content(text.body, cte="base64")
    return mail


def _once_taken(notice: Notice) -> Afterwards | None:
    if notice.kind == MemberNotice.CODE:
        return _forget_code(notice)
    return _note_notified(notice) if notice.kind == MemberNotice.DECISION else None


def _note_notified(notice: Notice) -> Afterwards:
    def then(session: Session, now: datetime) -> None:
        request = locked_request(session, notice.body["request_id"])
        if can_move(request, Move.NOTIFY):
            move(session, request, Move.NOTIFY, actor=audit.SYSTEM, now=now)

    return then


def _once_refused(notice: Notice) -> Afterwards:
    def then(session: Session, now: datetime) -> None:
        request = locked_request(session, notice.body["request_id"])
        if notice.kind == MemberNotice.CODE:
            forget_code(session, notice.body["code_id"])
        raise_alert(session, request, AlertSort.BOUNCE, occasion=notice.id, now=now)

    return then


def _task_for_staff(notice: Notice, contact: Contact | None) -> Afterwards | None:
    # Nobody reads a code out or posts it, and who withdrew before giving any address was told in the chat.
    if notice.kind == MemberNotice.CODE:
        return _forget_code(notice)
    if contact is None and notice.kind == MemberNotice.WITHDRAWN:
        return None

    def then(session: Session, now: datetime) -> None:
        request = locked_request(session, notice.body["request_id"])
        raise_alert(session, request, AlertSort.NO_CONTACT, occasion=notice.id, now=now)

    return then


def _forget_code(notice: Notice) -> Afterwards:
    def then(session: Session, _now: datetime) -> None:
        forget_code(session, notice.body["code_id"])

    return then
