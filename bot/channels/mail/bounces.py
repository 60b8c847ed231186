"""Mail that comes back: delivery status notifications (RFC 3464) tell which notice never reached its reader.

The owner's mail server delivers what comes to the return path into a Maildir; nobody's words are read from it but the
report's own fields, and nothing of it is logged.
"""

from __future__ import annotations

import asyncio
import email
import email.policy
import re
from dataclasses import dataclass
from datetime import datetime
from email.message import Message
from mailbox import Maildir, MaildirMessage
from pathlib import Path

import structlog
from sqlalchemy.orm import Session

from bot.channels.gateway import Gateway
from bot.register import audit
from bot.register.alerts.models import AlertSort
from bot.register.alerts.raising import raise_alert
from bot.register.errors import RequestIsUnknownError
from bot.register.life import Move, can_move, locked_request, move
from bot.register.models import Request
from bot.register.notices import MAIL, MEMBER, MemberNotice
from bot.storage import outbox
from bot.storage.engine import transaction
from bot.storage.models import Outbound

log = structlog.get_logger()

_MESSAGE_ID = re.compile(r"^Message-ID:\s*<([0-9a-f]{32})@[^<>\s]+>", re.IGNORECASE | re.MULTILINE)
_SEEN, _FLAGGED = "S", "F"
_REPORT = "message/delivery-status"
_RETURNED = ("message/rfc822", "text/rfc822-headers", "message/global", "message/global-headers")


@dataclass(frozen=True)
class Report:
    """What a delivery status notification says: which notice it is about, and whether it has failed for good."""

    notice_id: str
    has_failed: bool


async def read_bounces(gateway: Gateway) -> None:
    """Takes note of what has come back since the last time; does nothing while no Maildir is set.

    What was understood goes to `cur`, marked as seen (`S`); so does what was not, flagged (`F`) for a person. Neither
    is removed. The Maildir is for bounces alone: what another program took out of `new` first is not read.
    """
    folder = gateway.settings.bounce_maildir
    if folder is not None:
        await asyncio.to_thread(_read_folder, gateway, folder)


def note_bounce(session: Session, content: bytes, *, now: datetime) -> bool:
    """Takes note of one mail that came back; the same again changes nothing.

    The notice counts as failed, a decided request as not notified, and staff are told.

    Returns:
        Whether it reports the final failure of a notice of ours; a delay, or anything else, changes nothing.
    """
    report = read_report(content)
    return report is not None and report.has_failed and _note_failure(session, report.notice_id, now=now)


def read_report(content: bytes) -> Report | None:
    """What a mail reports about a notice of ours; None for any other mail, and for what is none at all."""
    try:
        return _report(email.message_from_bytes(content, policy=email.policy.default))
    except Exception:  # noqa: BLE001 - anybody can send anything there; the parser fails on some of it in many ways
        return None


def _report(message: Message) -> Report | None:
    if message.get_content_type() != "multipart/report" or message.get_param("report-type") != "delivery-status":
        return None
    fields = [block for part in _parts(message, _REPORT) for block in _blocks(part)]
    notice_id = _returned_notice(message)
    if not fields or notice_id is None:
        return None
    # RFC 3464, 2.3.3: delayed, relayed and expanded are no end; only failed is.
    return Report(notice_id, any(str(block.get("Action", "")).strip().lower() == "failed" for block in fields))


def _read_folder(gateway: Gateway, folder: Path) -> None:
    box = Maildir(folder, create=True)
    try:
        # What was filed away before stays unopened, however much of it there is.
        for path in sorted((folder / "new").iterdir()):
            _read_file(gateway, box, path.name)
    finally:
        box.close()


def _read_file(gateway: Gateway, box: Maildir, key: str) -> None:
    report = read_report(box.get_bytes(key))
    if report is None:
        log.warning("bounce_not_understood", file=key)
        _file_away(box, key, _FLAGGED)
        return
    if report.has_failed:
        with transaction(gateway.engine) as session:
            is_ours = _note_failure(session, report.notice_id, now=gateway.clock())
        log.info("bounce_read", notice=report.notice_id, is_ours=is_ours)
    _file_away(box, key, _SEEN)


def _file_away(box: Maildir, key: str, flag: str) -> None:
    message: MaildirMessage = box.get_message(key)
    message.set_subdir("cur")
    message.add_flag(flag)
    box[key] = message


def _note_failure(session: Session, notice_id: str, *, now: datetime) -> bool:
    notice = session.get(Outbound, notice_id)
    if notice is None or notice.channel != MAIL:
        return False
    request = _request_told(session, notice)
    if request is not None:
        if notice.kind == MemberNotice.DECISION and can_move(request, Move.BOUNCE):
            move(session, request, Move.BOUNCE, actor=audit.SYSTEM, now=now)
        raise_alert(session, request, AlertSort.BOUNCE, occasion=notice.id, now=now)
    if notice.state != "failed":
        outbox.mark_undeliverable(session, notice.id, now=now)
    return True


def _request_told(session: Session, notice: Outbound) -> Request | None:
    # A mail to staff that comes back is left for whoever looks at what failed: an alert about it would go the same way.
    if notice.recipient != MEMBER:
        return None
    try:
        return locked_request(session, notice.body["request_id"])
    except RequestIsUnknownError:
        return None


def _parts(message: Message, *types: str) -> list[Message]:
    return [part for part in message.walk() if part.get_content_type() in types]


def _blocks(part: Message) -> list[Message]:
    payload = part.get_payload()
    return [block for block in payload if isinstance(block, Message)] if isinstance(payload, list) else []


def _returned_notice(message: Message) -> str | None:
    # The mail that came back is a part of the report: whole, or its headers as text. Its own id is not the report's.
    for part in _parts(message, *_RETURNED):
        found = _MESSAGE_ID.search(_headers(part))
        if found is not None:
            return found[1]
    return None


def _headers(part: Message) -> str:
    whole = _blocks(part)
    if whole:
        return f"Message-ID: {whole[0].get('Message-ID', '')}"
    text = part.get_payload(decode=True)
    return text.decode("ascii", "replace") if isinstance(text, bytes) else ""
