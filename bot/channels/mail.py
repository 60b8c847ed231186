"""Tells staff by mail that something was filed; the mail names the receipt number and nothing of the member."""

from __future__ import annotations

from email.message import EmailMessage
from urllib.parse import unquote, urlsplit

import aiosmtplib

from bot.channels.delivery import Notice, Sender
from bot.errors import BadInputError
from bot.register.kinds import Kind
from bot.settings import Settings

MAIL = "mail"
_PORTS = {"smtp": 25, "smtps": 465}
_TIMEOUT_SECONDS = 20.0


def mailing(settings: Settings) -> dict[str, Sender]:
    """The sender of the channel `mail`; none while mail is not configured, so that notices wait.

    Raises:
        BadInputError: there is a mail server but nobody to write to or from.
    """
    url = urlsplit(settings.smtp_url.get_secret_value())
    if not url.scheme:
        return {}
    if url.scheme not in _PORTS or not url.hostname:
        raise BadInputError("MADOGUCHI_SMTP_URL does not have the form smtp://user:password@host:port")
    if not settings.mail_from or not settings.staff_mail:
        raise BadInputError("MADOGUCHI_MAIL_FROM and MADOGUCHI_STAFF_MAIL must be set when MADOGUCHI_SMTP_URL is")

    async def send(notice: Notice) -> None:
        await aiosmtplib.send(
            staff_mail(notice, settings),
            hostname=url.hostname,
            port=url.port or _PORTS[url.scheme],
            username=unquote(url.username) if url.username else None,
            password=unquote(url.password) if url.password else None,
            use_tls=url.scheme == "smtps",
            timeout=_TIMEOUT_SECONDS,
        )

    return {MAIL: send}


def staff_mail(notice: Notice, settings: Settings) -> EmailMessage:
    """The mail of one filed request."""
    number, title = notice.body["number"], Kind(notice.body["kind"]).title
    mail = EmailMessage()
    mail["From"], mail["To"] = settings.mail_from, settings.staff_mail
    mail["Subject"] = f"受付番号 {number}（{title}）"
    # The same notice sent twice is one mail for a reader that knows about ids.
    mail["Message-ID"] = f"<{notice.id}@madoguchi.invalid>"
    mail.set_content(
        f"ご請求を受け付けました。\n\n受付番号：{number}\n種類：{title}\n\n内容は管理画面で確認してください。\n"
    )
    return mail
