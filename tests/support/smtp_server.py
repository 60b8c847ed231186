"""A real mail server on this machine that keeps what it gets, or behaves as badly as a test wants."""

from __future__ import annotations

import asyncio
import email
import email.policy
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from enum import Enum, auto

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session


class Mood(Enum):
    """How the server behaves."""

    ACCEPT = auto()
    REFUSE_RECIPIENT = auto()
    DEFER = auto()
    REFUSE_DATA = auto()
    DROP = auto()


_TAKEN = "250 OK"
_TO_RECIPIENT = {
    Mood.REFUSE_RECIPIENT: "550 5.1.1 no such mailbox",
    Mood.DEFER: "451 4.3.0 try again later",
}


@dataclass
class LocalMailServer:
    """What a test looks at; set `mood` at any time.

    Attributes:
        mails: what was taken, in order.
        envelopes: sender and recipients of each mail that was taken.
        tries: recipients that were named, taken or not.
    """

    port: int = 0
    mood: Mood = Mood.ACCEPT
    mails: list[EmailMessage] = field(default_factory=list)
    envelopes: list[tuple[str, list[str]]] = field(default_factory=list)
    tries: list[str] = field(default_factory=list)

    @property
    def url(self) -> str:
        """As `MADOGUCHI_SMTP_URL` takes it."""
        return f"smtp://127.0.0.1:{self.port}"

    def reset(self) -> None:
        """As good as new."""
        self.mood = Mood.ACCEPT
        for kept in (self.mails, self.envelopes, self.tries):
            kept.clear()

    def to(self, address: str) -> list[EmailMessage]:
        """The mails to this address."""
        return [mail for mail, (_, to) in zip(self.mails, self.envelopes, strict=True) if address in to]

    async def handle_RCPT(  # noqa: N802 - the library's own name
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        """Answers to one recipient."""
        self.tries.append(address)
        answer = _TO_RECIPIENT.get(self.mood, _TAKEN)
        if answer == _TAKEN:
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(  # noqa: N802 - the library's own name
        self, server: SMTP, _session: Session, envelope: Envelope
    ) -> str:
        """Takes the mail itself."""
        if self.mood is Mood.REFUSE_DATA:
            return "554 5.7.1 refused"
        if self.mood is Mood.DROP:
            assert isinstance(server.transport, asyncio.Transport)
            server.transport.abort()
            return _TAKEN
        assert isinstance(envelope.content, bytes)
        mail = email.message_from_bytes(envelope.content, policy=email.policy.default)
        assert isinstance(mail, EmailMessage)
        self.mails.append(mail)
        self.envelopes.append((envelope.mail_from or "", [str(address) for address in envelope.rcpt_tos]))
        return _TAKEN


@contextmanager
def mail_server() -> Iterator[LocalMailServer]:
    """Runs the server in a thread of its own on a free port while the block runs."""
    server = LocalMailServer()
    controller = Controller(server, hostname="127.0.0.1", port=_free_port())
    controller.start()
    try:
        server.port = controller.port
        yield server
    finally:
        controller.stop()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
