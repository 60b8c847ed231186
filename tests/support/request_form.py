"""What a member sends from the secure page, what comes back, and what is kept then."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from aiohttp import ClientResponse
from pydantic import SecretStr
from selectolax.lexbor import LexborHTMLParser as HTMLParser
from sqlalchemy import func, select

from bot.register.contacts import Revealed, reveal
from bot.register.kinds import Kind
from bot.register.models import Request
from bot.storage.engine import transaction
from tests.support.request_pages import PERSON, FiledPage, multipart
from tests.support.web_member import Desk

SMTP = SecretStr("smtp://127.0.0.1:1")
BY_POST = {
    **PERSON,
    "reply_by": "post",
    "email": "",
    "email_again": "",
    "postal_code": "１０００００１",
    "address": "東京都千代田区1-1",
}


async def press(desk: Desk, page: FiledPage, fields: dict[str, str], *files: tuple[str, str, bytes]) -> ClientResponse:
    return await desk.client.post(page.path, data=multipart(fields, *files))


async def shown(response: ClientResponse) -> HTMLParser:
    return HTMLParser(await response.text())


def names(html: HTMLParser) -> list[str]:
    fields = html.css("form.fields input, form.fields textarea, form.fields button")
    found = [str(field.attributes["name"]) for field in fields if field.attributes.get("type") != "hidden"]
    return list(dict.fromkeys(found))


def heading(html: HTMLParser) -> str:
    found = html.css_first("h1")
    assert found is not None
    return found.text(strip=True)


def handle(html: HTMLParser) -> str:
    found = html.css_first("input[name=handle]")
    assert found is not None
    return str(found.attributes["value"])


def count(desk: Desk, table: type) -> int:
    with transaction(desk.gateway.engine) as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def look(desk: Desk, read: Callable[..., Any]) -> Any:  # noqa: ANN401 - whatever is read
    with transaction(desk.gateway.engine) as session:
        return read(session)


def revealed(desk: Desk, kind: Kind) -> Revealed:
    with transaction(desk.gateway.engine) as session:
        request = session.scalars(select(Request).where(Request.kind == kind)).one()
        return reveal(session, request.id, vault=desk.gateway.vault, actor="staff:sato", now=desk.clock())
