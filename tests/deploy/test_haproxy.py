"""The proxy of the grown layout, as it runs: who is asked, what is believed, what is tried again and what is not."""

from __future__ import annotations

import asyncio
import os
import shutil
import socket
import subprocess
import urllib.parse
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from yarl import URL

from bot.channels.line import webhook as line
from bot.channels.slack import webhook as slack
from bot.launch.grown import CONFIGURATION
from tests.support.deployments import ROOT
from tests.support.waiting import until

pytestmark = pytest.mark.skipif(shutil.which("haproxy") is None, reason="haproxy is not installed: `make system-deps`")

FILE = ROOT / CONFIGURATION
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass
class Behind:
    """A server behind the proxy: says how it is, remembers who came, and dies in the middle of a call if it has to."""

    name: str
    is_well: bool = True
    dies: bool = False
    came: list[web.Request] = field(default_factory=list)

    async def handle(self, request: web.Request) -> web.StreamResponse:
        if request.path in ("/healthz", "/ready"):
            return web.Response(status=200 if self.is_well else 503)
        await request.read()
        self.came.append(request)
        if self.dies:
            assert request.transport is not None
            request.transport.close()
        return web.Response(text=self.name)


@dataclass
class Proxy:
    """The real one, in front of two web servers and two action servers."""

    url: str
    actions_url: str
    log: Path
    webs: list[Behind]
    actions: list[Behind]

    async def wait_for(self, *well: Behind, url: str) -> None:
        """Until the proxy asks these alone; what came meanwhile is forgotten."""

        async def asked() -> set[str]:
            return {await self.text("GET", url) for _ in range(6)}

        names, deadline = {one.name for one in well}, asyncio.get_running_loop().time() + 30
        while await asked() != names:
            assert asyncio.get_running_loop().time() < deadline
        for one in (*self.webs, *self.actions):
            one.came.clear()

    async def text(self, method: str, url: str, **options: object) -> str:
        return (await self.ask(method, url, **options))[1]

    async def ask(self, method: str, url: str, **options: object) -> tuple[int, str]:
        async with aiohttp.ClientSession() as session, session.request(method, url, **options) as response:  # type: ignore[arg-type]
            return response.status, await response.text()


@pytest.fixture
async def proxy(tmp_path: Path) -> AsyncIterator[Proxy]:
    async with _running(tmp_path) as running:
        await running.wait_for(*running.webs, url=f"{running.url}/")
        await running.wait_for(*running.actions, url=f"{running.actions_url}/")
        yield running


@asynccontextmanager
async def _running(folder: Path) -> AsyncIterator[Proxy]:
    webs, actions = ([Behind(f"{kind}-{number}") for number in (1, 2)] for kind in ("web", "actions"))
    places, servers = {"WEB": _free_port(), "ACTIONS": _free_port()}, []
    for one in (*webs, *actions):
        app = web.Application(client_max_size=1024**3)
        app.router.add_route("*", "/{path:.*}", one.handle)
        server = TestServer(app)
        await server.start_server()
        servers.append(server)
        places[one.name.upper().replace("-", "_")] = server.port or 0
    environment = {**os.environ, **{f"PROXY_{name}": f"127.0.0.1:{port}" for name, port in places.items()}}
    log = folder / "proxy.log"
    with log.open("wb") as output:
        process = await asyncio.create_subprocess_exec(
            *("haproxy", "-W", "-f", str(FILE)), env=environment, stdout=output, stderr=output, cwd=ROOT
        )
    try:
        await until(lambda: _listens(places["WEB"]))
        url, actions_url = (f"http://127.0.0.1:{places[name]}" for name in ("WEB", "ACTIONS"))
        yield Proxy(url, actions_url, log, webs, actions)
    finally:
        process.terminate()
        await process.wait()
        for server in servers:
            await server.close()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def test_it_finds_nothing_wrong_with_its_configuration() -> None:
    names = ("WEB", "WEB_1", "WEB_2", "ACTIONS", "ACTIONS_1", "ACTIONS_2")
    environment = {**os.environ, **{f"PROXY_{name}": f"127.0.0.1:{4000 + at}" for at, name in enumerate(names)}}
    told = subprocess.run(
        ["haproxy", "-c", "-f", str(FILE)], env=environment, capture_output=True, text=True, check=False
    )

    assert (told.returncode, "WARNING" in told.stderr + told.stdout) == (0, False), told.stderr


@pytest.mark.parametrize("path", ["/metrics", "/readyz", "/%72eadyz", "/readyz?x=1", "/metric%73"])
async def test_what_is_for_the_inside_stays_there(proxy: Proxy, path: str) -> None:
    async with aiohttp.ClientSession() as session:
        url = urllib.parse.urljoin(proxy.url, path)
        async with session.get(URL(url, encoded=True)) as response:
            assert response.status == 404

    assert [one.came for one in proxy.webs] == [[], []]


async def test_only_what_the_proxy_saw_itself_is_told(proxy: Proxy) -> None:
    await proxy.ask("GET", f"{proxy.url}/", headers={"X-Forwarded-For": "198.51.100.7"})
    [request] = [request for one in proxy.webs for request in one.came]

    assert request.headers.getall("X-Forwarded-For") == ["127.0.0.1"]


async def test_both_get_their_share_and_one_that_is_not_well_gets_none(proxy: Proxy) -> None:
    for _ in range(6):
        await proxy.ask("GET", f"{proxy.url}/")
    assert [len(one.came) for one in proxy.webs] == [3, 3]

    proxy.webs[0].is_well = False
    await proxy.wait_for(proxy.webs[1], url=f"{proxy.url}/")


@pytest.mark.parametrize("path", ["/api/messages", line.PATH, *slack.PATHS])
async def test_a_call_with_an_id_is_made_again_when_its_server_dies(proxy: Proxy, path: str) -> None:
    proxy.webs[0].dies = True
    answers = [await proxy.ask("POST", f"{proxy.url}{path}", data=b"{}") for _ in range(4)]

    assert answers == [(200, "web-2")] * 4
    assert proxy.webs[0].came


@pytest.mark.parametrize("path", ["/api/conversations", "/request/token"])
async def test_any_other_call_is_made_once(proxy: Proxy, path: str) -> None:
    for one in proxy.webs:
        one.dies = True
    status, _ = await proxy.ask("POST", f"{proxy.url}{path}", data=b"{}")

    assert status == 502
    assert sum(len(one.came) for one in proxy.webs) == 1


async def test_an_action_is_called_once_whatever_comes_of_it(proxy: Proxy) -> None:
    for one in proxy.actions:
        one.dies = True
    status, _ = await proxy.ask("POST", f"{proxy.actions_url}/webhook", data=b"{}")

    assert status == 502
    assert sum(len(one.came) for one in proxy.actions) == 1


async def test_an_action_server_that_is_not_warm_is_not_called(proxy: Proxy) -> None:
    proxy.actions[1].is_well = False

    await proxy.wait_for(proxy.actions[0], url=f"{proxy.actions_url}/webhook")


async def test_a_body_beyond_what_any_page_takes_is_refused(proxy: Proxy) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", int(proxy.url.rpartition(":")[2]))
    writer.write(b"POST / HTTP/1.1\r\nHost: here\r\nContent-Length: 41943041\r\n\r\nbegun")
    status = await reader.readline()
    writer.close()
    await writer.wait_closed()

    assert status.split()[1] == b"413"
    assert [one.came for one in proxy.webs] == [[], []]


async def test_its_log_holds_no_path_and_no_address(proxy: Proxy) -> None:
    for one in proxy.webs:
        one.dies = True
    await proxy.ask("POST", f"{proxy.url}/request/secret-token")
    await until(lambda: "webs/web-" in proxy.log.read_text())
    log = proxy.log.read_text()

    assert "secret-token" not in log
    assert "127.0.0.1" not in log.partition("webs/web-")[2]
