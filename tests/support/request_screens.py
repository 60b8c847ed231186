"""Requests on a running console: entered as staff enter them, and worked on through the pages' own forms."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from aiohttp import FormData
from sqlalchemy.orm import Session

from bot.register import audit
from bot.register.details import read_details
from bot.register.entry import Entry, EntryChannel, enter
from bot.register.kinds import Kind
from bot.register.models import Request
from tests.support.console import Desk, Staff

WORDS = "予約の記録を見せてください。"
BY_POST = {
    "role": "self",
    "name": "見本 花子",
    "reply_by": "post",
    "postal_code": "150-0001",
    "address": "東京都見本区見本町1-2-3",
}
PDF = b"%PDF-1.7\nbookings\n%%EOF\n"

_SEEN = re.compile(r'name="seen" value="(\d+)"')


async def enter_request(  # every test names what it means
    desk: Desk,
    kind: Kind = Kind.DISCLOSURE,
    *,
    scope: str | None = "予約履歴",
    days: float = 1,
    reachable: bool = True,
    is_test: bool = False,
) -> str:
    """A request that came by telephone some days ago; gives its id."""
    console = desk.console
    now = desk.clock()
    entry = Entry(
        channel=EntryChannel.PHONE,
        kinds=(kind,),
        received_at=now - timedelta(days=days),
        scope=scope,
        words=WORDS,
        details=read_details(BY_POST) if reachable else None,
        is_test=is_test,
    )

    def work(session: Session) -> str:
        filed = enter(session, entry, actor="staff:tel", now=now, vault=console.vault, controller=console.controller)
        return filed[0].request_id

    return await console.write(work)


@dataclass(frozen=True)
class Screen:
    """One person's browser on the page of one request."""

    staff: Staff
    request_id: str

    @property
    def path(self) -> str:
        """The page's address."""
        return f"/requests/{self.request_id}"

    async def look(self, status: int = 200) -> str:
        """The page's text."""
        return await self.staff.get(self.path, status=status)

    async def seen(self) -> str:
        """What a form on the page carries of the moment it was drawn."""
        found = _SEEN.search(await self.look())
        assert found, "the page has no form"
        return found.group(1)

    async def do(self, step: str, *, status: int = 303, seen: str = "", end: str = "", **fields: Any) -> str:  # noqa: ANN401 - texts and lists
        """Fills in a form of the page as it is now, or as it was seen, and sends it; gives what comes back."""
        form = FormData({"csrf": await self.staff.csrf(), "seen": seen or await self.seen()})
        for name, value in fields.items():
            for each in value if isinstance(value, list) else [value]:
                _add(form, f"{step}-{name}", each)
        response = await self.staff.client.post(
            f"{self.path}/{end or step}",
            data=form,
            headers={"Sec-Fetch-Site": "same-origin"},
            allow_redirects=False,
        )
        text = await response.text()
        assert response.status == status, (step, response.status, _told(text))
        return text

    async def verify(self) -> None:
        """Shows who asks, and that the address is theirs."""
        await self.do("proof", sort="collation", agrees="yes", fact=["氏名", "住所"], binds="yes")

    async def hidden(self, name: str) -> str:
        """The value of a hidden field of the page."""
        found = re.search(rf'name="{name}" value="([^"]+)"', await self.look())
        assert found, f"the page has no field {name}"
        return found.group(1)

    async def download(self, file_id: str, status: int = 200) -> Any:  # noqa: ANN401 - aiohttp's response
        """A file of the request."""
        form = {"csrf": await self.staff.csrf()}
        response = await self.staff.client.post(
            f"{self.path}/files/{file_id}", data=form, headers={"Sec-Fetch-Site": "same-origin"}
        )
        assert response.status == status
        return response


async def request_of(desk: Desk, request_id: str) -> Request:
    """The request as it stands."""
    return await desk.console.read(lambda session: session.get_one(Request, request_id))


async def trail_of(desk: Desk, request_id: str) -> list[str]:
    """What happened to a request, by the names of its trail."""

    def read(session: Session) -> list[str]:
        return [event.action for event in audit.trail(session, request_id)]

    return await desk.console.read(read)


def _add(form: FormData, name: str, value: object) -> None:
    if isinstance(value, bytes):
        form.add_field(name, value, filename="回答.pdf", content_type="application/pdf")
    else:
        form.add_field(name, str(value))


def _told(text: str) -> str:
    return " / ".join(re.findall(r'class="alert"[^>]*>(.*?)</', text, re.DOTALL)) or text[:1500]
