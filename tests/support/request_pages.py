"""A filed request with its secure page, and what a member would send from there."""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass

from aiohttp import FormData
from sqlalchemy import select

from bot.channels.gateway import Gateway
from bot.register.drafts import open_draft
from bot.register.filing import file_draft
from bot.register.identity import codes
from bot.register.identity.models import Code
from bot.register.kinds import ADVERTISING, Kind
from bot.register.pages import issue_page
from bot.storage.engine import transaction

PERSON = {
    "step": "submit",
    "consent_version": "1",
    "role": "self",
    "name": "山田 花子",
    "reply_by": "email",
    "email": "hanako@example.com",
    "email_again": "hanako@example.com",
}
PDF = b"%PDF-1.7\n" + b"x" * 2000
PNG = b"\x89PNG\r\n\x1a\n" + b"x" * 100


@dataclass(frozen=True)
class FiledPage:
    """The page of one draft."""

    draft_id: str
    token: str

    @property
    def path(self) -> str:
        return f"/request/{self.token}"


def file_with_page(
    gateway: Gateway, *kinds: Kind, scope: str | None = "予約履歴", conversation_id: str | None = None
) -> FiledPage:
    """Files a request of these kinds as the chat would, and gives its page."""
    now = gateway.clock()
    with transaction(gateway.engine) as session:
        draft_id = open_draft(
            session,
            controller="eparkrelax",
            conversation_id=conversation_id,
            channel="web",
            kinds=kinds or (Kind.DISCLOSURE,),
            scope=scope,
            words=None,
            vault=gateway.vault,
            now=now,
            stops_advertising=scope == ADVERTISING,
        )
        file_draft(session, draft_id, now=now, vault=gateway.vault)
        return FiledPage(draft_id, issue_page(session, draft_id, now=now))


def latest_code(gateway: Gateway) -> str:
    """What the jobs process would do and the newest mail would say."""
    now = gateway.clock()
    with transaction(gateway.engine) as session:
        codes.make_wanted(session, controller=gateway.controller, now=now, vault=gateway.vault)
        newest = session.scalars(select(Code).order_by(Code.asked_at.desc())).first()
        assert newest is not None
        return codes.open_code(session, newest.id, gateway.vault)


def multipart(fields: Mapping[str, str], *files: tuple[str, str, bytes]) -> FormData:
    """A form as a browser sends it; files are field, name and content, before the button as on the page."""
    form = FormData(quote_fields=False)
    for name, value in fields.items():
        if name != "step":
            form.add_field(name, value)
    for field, name, content in files:
        form.add_field(field, io.BytesIO(content), filename=name, content_type="application/octet-stream")
    if "step" in fields:
        form.add_field("step", fields["step"])
    # One empty field of files makes the form multipart, as the page's is.
    form.add_field("evidence_files", io.BytesIO(), filename="", content_type="application/octet-stream")
    return form
