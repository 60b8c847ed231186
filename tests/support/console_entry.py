"""A browser of somebody who has no session yet: shows a page's form, and sends it as the page would."""

from __future__ import annotations

import re

from aiohttp import ClientResponse

from tests.support.console import Client

_TOKEN = re.compile(r'name="csrf" value="([0-9a-f]{64})"')
_HERE = {"Sec-Fetch-Site": "same-origin"}


async def form_of(client: Client, path: str, *, status: int = 200) -> str:
    """The token of the form on a page."""
    response = await client.get(path, allow_redirects=False)
    text = await response.text()
    assert response.status == status, (response.status, text[:2000])
    found = _TOKEN.search(text)
    assert found, text[:2000]
    return found.group(1)


async def send(client: Client, path: str, page: str | None = None, **fields: str) -> ClientResponse:
    """Opens the page and sends its form."""
    token = await form_of(client, page or path)
    return await client.post(path, data={"csrf": token, **fields}, headers=_HERE, allow_redirects=False)


def cookie_of(response: ClientResponse, name: str = "console") -> str:
    """The value of a cookie that a response gives."""
    return response.cookies[name].value
