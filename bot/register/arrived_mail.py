"""A mail that came to the desk, read for what staff enter: when it arrived, from whom, what it says, what it asks for.

Everything here is a proposal that staff confirm. Mails are written by strangers: whatever cannot be read in one is
left out, and only a file that is no mail at all is refused.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage, Message
from email.utils import getaddresses, parsedate_to_datetime
from functools import partial
from typing import TypeVar

from selectolax.lexbor import LexborHTMLParser

from bot.register.arrival import EARLIEST_ARRIVAL
from bot.register.errors import MailCannotBeReadError
from bot.register.kinds import Kind, detect
from bot.register.mail_text import decoded
from bot.register.thread.models import LARGEST_FILE

LONGEST_WORDS = 20_000
"""More than this of a mail's text is left to its original, which is stored whole."""

_HEADERS = ("from", "date", "received", "message-id")
_LONGEST_ID = 500

T = TypeVar("T")


@dataclass(frozen=True)
class ArrivedMail:
    """What a mail proposes; what it does not tell is None or empty.

    Attributes:
        received_at: when it arrived.
        dated_by: the header that says so, `received` or `date`.
        sender_name: the display name of its sender, or the address.
        sender_email: the address of its sender.
        words: its text.
        message_id: its Message-ID, by which another copy of it is known again.
        kinds: what its text asks for, without what it quotes.
    """

    received_at: datetime | None
    dated_by: str | None
    sender_name: str = field(repr=False)
    sender_email: str = field(repr=False)
    words: str = field(repr=False)
    message_id: str | None = field(repr=False)
    kinds: tuple[Kind, ...]


def read_mail(content: bytes) -> ArrivedMail:
    """Reads the bytes of an `.eml` file.

    Raises:
        MailCannotBeReadError: it is larger than what is stored, has no header of a mail, or is nested without end.
    """
    if len(content) > LARGEST_FILE:
        raise MailCannotBeReadError(f"the mail has {len(content)} bytes; at most {LARGEST_FILE} are stored")
    try:
        message = message_from_bytes(content, policy=policy.default)
        words = _words(message)
    except RecursionError:
        raise MailCannotBeReadError("the mail's parts are nested without end") from None
    if not any(name in message for name in _HEADERS):
        raise MailCannotBeReadError("the file has none of the headers of a mail")
    received_at, dated_by = _arrival(message)
    name, email = _sender(message)
    return ArrivedMail(
        received_at=received_at,
        dated_by=dated_by,
        sender_name=name,
        sender_email=email,
        words=words,
        message_id=_header(message, "message-id")[:_LONGEST_ID] or None,
        kinds=tuple(kind for kind in detect(_unquoted(words)) if kind.is_filed),
    )


def _tolerantly(read: Callable[[], T], otherwise: T) -> T:
    # Python's mail parser raises whatever it stumbles over in a malformed header or body: IndexError, ValueError,
    # LookupError, AttributeError and others, not the same ones in every release. What it cannot read is left out.
    try:
        return read()
    except RecursionError:
        raise
    except Exception:  # noqa: BLE001 - see above
        return otherwise


def _header(message: Message, name: str) -> str:
    return _tolerantly(lambda: str(message.get(name, "")).strip(), "")


def _arrival(message: Message) -> tuple[datetime | None, str | None]:
    # A request arrives when it comes into the sphere of whom it is addressed to (民法 97条1項): at the mail server of
    # our side, not when the sender's clock says it was written. Every server puts its line above those it found, so
    # that the topmost one is surely ours, while each line below it may have been written by anybody, the sender
    # among them. Servers of ours further down were seconds earlier; where one of them held a mail up for longer,
    # staff enter its time instead. A mail without such a line was saved from elsewhere, and its own date proposes.
    for name in ("received", "date"):
        moment = _moment(_header(message, name).rpartition(";")[2])
        if moment is not None:
            return moment, name
    return None, None


def _moment(text: str) -> datetime | None:
    def read() -> datetime:
        moment = parsedate_to_datetime(text.strip())
        # RFC 5322 writes -0000 when the zone is not known; the time is UTC then.
        return (moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment).astimezone(UTC)

    moment = _tolerantly(read, None)
    return None if moment is None or moment < EARLIEST_ARRIVAL else moment


def _sender(message: Message) -> tuple[str, str]:
    nobody: list[tuple[str, str]] = []
    addresses = _tolerantly(lambda: getaddresses([_header(message, "from")]), nobody)
    name, email = addresses[0] if addresses else ("", "")
    return name or email, email


def _words(message: EmailMessage) -> str:
    texts: dict[str, str] = {}
    for part in message.walk():
        if part.get_content_maintype() == "text" and not _is_attachment(part):
            texts.setdefault(part.get_content_subtype(), _tolerantly(partial(_text, part), ""))
    plain = texts.get("plain", "").strip() or _tolerantly(lambda: _read_html(texts.get("html", "")), "")
    return plain[:LONGEST_WORDS]


def _is_attachment(part: Message) -> bool:
    return _header(part, "content-disposition").lower().startswith("attachment")


def _text(part: Message) -> str:
    content = part.get_payload(decode=True)
    return decoded(content, part.get_content_charset()) if isinstance(content, bytes) else ""


def _read_html(html: str) -> str:
    page = LexborHTMLParser(html)
    page.strip_tags(["script", "style", "head"])
    return page.text(separator="\n", strip=True)


def _unquoted(words: str) -> str:
    return "\n".join(line for line in words.splitlines() if not line.lstrip().startswith((">", "＞")))
