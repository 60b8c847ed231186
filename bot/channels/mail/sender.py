"""The way out by mail: one notice of the outbox, one connection to the owner's mail server."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from http import HTTPStatus
from urllib.parse import SplitResult, unquote, urlsplit

import aiosmtplib

from bot.channels.delivery import Afterwards, Notice, NoticeIsUndeliverableError, Sender
from bot.channels.gateway import Gateway
from bot.channels.mail.letters import Letter, Office, letter_of
from bot.channels.mail.texts import house_of
from bot.errors import BadInputError
from bot.register.notices import MAIL, STAFF
from bot.register.staff import Staff, load_staff, read_staff
from bot.settings import Settings
from bot.storage.engine import reading

_PORTS = {"smtp": 25, "smtps": 465}
_TIMEOUT_SECONDS = 10.0
# RFC 5321, 4.2.1: from here on a reply is final; below it the same may be taken later.
_PERMANENT = HTTPStatus.INTERNAL_SERVER_ERROR


def mailing(gateway: Gateway) -> dict[str, Sender]:
    """The sender of the channel `mail`; none while mail is not configured, so that notices wait.

    Raises:
        BadInputError: there is a mail server but nobody to write to or from.
    """
    settings = gateway.settings
    if not settings.smtp_url.get_secret_value():
        return {}
    staff = read_staff(settings, gateway.engine)
    url = require_mail(settings, staff)
    office = Office(house_of(gateway.desk, settings), staff, gateway.vault, settings.mail_from)
    return {MAIL: MailSender(gateway, url, office).send}


def require_mail(settings: Settings, staff: Staff) -> SplitResult:
    """Checks that mails can be sent for this company; gives the mail server's address.

    Raises:
        BadInputError: the address cannot be used, or nobody to write to or from is set; names company and variable.
    """
    url = urlsplit(settings.smtp_url.get_secret_value())
    if url.scheme not in _PORTS or not url.hostname:
        raise BadInputError("MADOGUCHI_SMTP_URL does not have the form smtp://user:password@host:port")
    needed = {"MADOGUCHI_MAIL_FROM": settings.mail_from, "MADOGUCHI_STAFF_MAIL": staff.address_of(STAFF)}
    missing = [name for name, value in needed.items() if not value]
    if missing:
        named = " and ".join(missing)
        raise BadInputError(f"{settings.controller}: {named} must be set when MADOGUCHI_SMTP_URL is")
    return url


class MailSender:
    """Sends notices by SMTP (RFC 5321)."""

    def __init__(self, gateway: Gateway, url: SplitResult, office: Office) -> None:
        self._gateway = gateway
        self._url = url
        self._office = office

    async def send(self, notice: Notice) -> Afterwards | None:
        """Hands one letter to the mail server.

        Raises:
            NoticeIsUndeliverableError: nobody can be written to, or the server refuses for good.
            aiosmtplib.SMTPException: the server is away, or asks to come again.
        """
        letter = await asyncio.to_thread(self._letter, notice)
        try:
            await self._hand_over(letter)
        except aiosmtplib.SMTPRecipientsRefused as error:
            if any(refused.code < _PERMANENT for refused in error.recipients):
                raise
            raise _refused(letter, error.recipients[0].code) from None
        except aiosmtplib.SMTPDataError as error:
            if error.code < _PERMANENT:
                raise
            raise _refused(letter, error.code) from None
        return letter.once_taken

    def _letter(self, notice: Notice) -> Letter:
        # A letter may bring a paper, and making that takes a while: nobody who writes waits for it.
        with reading(self._gateway.engine) as session:
            # The list of staff as it stands now, not as it stood when this process began.
            office = replace(self._office, staff=load_staff(self._gateway.settings, session))
            return letter_of(session, notice, office, now=self._gateway.clock())

    async def _hand_over(self, letter: Letter) -> None:
        settings: Settings = self._gateway.settings
        url = self._url
        await aiosmtplib.send(
            letter.mail,
            sender=settings.mail_return_path or None,
            recipients=[recipient.reveal() for recipient in letter.recipients],
            hostname=url.hostname,
            port=url.port or _PORTS[url.scheme],
            username=unquote(url.username) if url.username else None,
            password=unquote(url.password) if url.password else None,
            use_tls=url.scheme == "smtps",
            timeout=_TIMEOUT_SECONDS,
        )


def _refused(letter: Letter, code: int) -> NoticeIsUndeliverableError:
    # The server's words may quote the address, so only the number is told.
    return NoticeIsUndeliverableError(f"the mail server refuses it: {code}", then=letter.once_refused)
