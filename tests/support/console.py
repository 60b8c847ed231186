"""A console on a migrated database, and people in it: real accounts, real sessions, the real guard."""

from __future__ import annotations

import base64
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from pydantic import SecretStr

from bot.clock import Clock, system_clock
from bot.console.app import build_app
from bot.console.frame.parts import CONSOLE, Console
from bot.settings import Settings
from bot.staff.accounts import NewAccount, invite
from bot.staff.models import Account
from bot.staff.roles import Role
from bot.staff.sessions import open_session

Client = TestClient[web.Request, web.Application]

_TOKEN = re.compile(r'name="csrf" value="([0-9a-f]{64})"')


def console_settings(database_url: str, **changes: Any) -> Settings:  # noqa: ANN401 - any setting
    """Settings of a console on this database."""
    values: dict[str, Any] = {
        "database_url": database_url,
        "encryption_key": SecretStr(base64.b64encode(b"e" * 32).decode()),
        "hash_key": SecretStr(base64.b64encode(b"h" * 32).decode()),
        "internal_token": SecretStr("internal"),
    }
    return Settings(**values | changes)


class Staff:
    """A browser of somebody at the desk; `get` and `post` as they would, `post` with the form's token."""

    def __init__(self, client: Client, account_id: str) -> None:
        self.client = client
        self.account_id = account_id
        self._csrf = ""

    @property
    def actor(self) -> str:
        """What trails call them."""
        return f"staff:{self.account_id}"

    async def get(self, path: str, *, status: int = 200) -> str:
        """A page's text."""
        response = await self.client.get(path, allow_redirects=False)
        text = await response.text()
        assert response.status == status, (path, response.status, text[:2000])
        return text

    async def post(self, path: str, data: dict[str, Any] | None = None, *, status: int = 303) -> tuple[str, str]:
        """Sends a form as the page would; gives where it leads and what it says."""
        form = {"csrf": await self.csrf()} | (data or {})
        response = await self.client.post(
            path, data=form, headers={"Sec-Fetch-Site": "same-origin"}, allow_redirects=False
        )
        text = await response.text()
        assert response.status == status, (path, response.status, text[:2000])
        return response.headers.get("Location", ""), text

    async def csrf(self) -> str:
        """The token that every form of this session carries: the one of the log-out stands on every page."""
        if not self._csrf:
            page = await (await self.client.get("/nowhere-at-all")).text()
            found = _TOKEN.search(page)
            assert found, page[:2000]
            self._csrf = found.group(1)
        return self._csrf


class Desk:
    """One running console and the people who work in it."""

    def __init__(self, server: TestServer, console: Console, clock: Clock) -> None:
        self.server = server
        self.console = console
        self.clock = clock
        self._clients: list[Client] = []

    async def signed_in(
        self, role: Role = Role.OFFICER, account_id: str | None = None, *, sees_sensitive: bool = False
    ) -> Staff:
        """Somebody of this role with a browser of their own; the account is made when there is none of the id."""
        account_id = account_id or role.value
        token = await self.token(role, account_id, sees_sensitive=sees_sensitive)
        client: Client = TestClient(self.server, cookies={"console": token})
        self._clients.append(client)
        return Staff(client, account_id)

    async def token(self, role: Role, account_id: str | None = None, *, sees_sensitive: bool = False) -> str:
        """What the cookie of such a session holds, for a real browser."""
        account_id = account_id or role.value
        new = NewAccount(account_id, f"見本 {account_id}", f"{account_id}@example.jp", role, sees_sensitive)
        return await self.console.write(lambda session: self._log_in(session, new))

    async def stranger(self) -> Client:
        """A browser without a session."""
        client: Client = TestClient(self.server)
        self._clients.append(client)
        return client

    async def close(self) -> None:
        """Closes every browser."""
        for client in self._clients:
            await client.session.close()

    def _log_in(self, session: Any, new: NewAccount) -> str:  # noqa: ANN401 - the database's session
        now = self.clock()
        account = session.get(Account, (new.id, self.console.controller))
        if account is None:
            account = invite(session, new, controller=self.console.controller, by="test", now=now)
        return open_session(session, account, opened_by="test", agent="test", now=now)


@asynccontextmanager
async def running_console(settings: Settings, clock: Clock = system_clock) -> AsyncIterator[Desk]:
    """The console on a port of loopback."""
    app = build_app(settings, clock)
    server = TestServer(app)
    await server.start_server()
    desk = Desk(server, app[CONSOLE], clock)
    try:
        yield desk
    finally:
        await desk.close()
        await server.close()
