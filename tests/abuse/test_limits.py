"""What is too much is refused with a clear status, and every answer carries the headers that docs/security.md lists."""

from __future__ import annotations

import asyncio
import io
import json
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from aiohttp.test_utils import TestClient, TestServer

from bot.app import build_app
from bot.channels import limits
from bot.channels.timeline.visit import PATH as DOOR
from tests.support.channel_gateway import channel_settings, scripted_gateway
from tests.support.fake_line import signed, text_event
from tests.support.fake_slack import signed as signed_by_slack
from tests.support.web_member import Client

pytestmark = pytest.mark.asyncio(loop_scope="module")

_ID = "6f1e2c1e-8f37-4b53-9d4c-3f9a1b1f6a01"
_JSON = {"Content-Type": "application/json"}
_DEEP = '{"a":' * 33 + "1" + "}" * 33


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def client(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Client]:
    database = tmp_path_factory.mktemp("limits") / "web.db"
    shutil.copy(sqlite_template, database)
    gateway, _ = scripted_gateway(channel_settings(database, public_url="https://chat.example.jp"))
    async with TestClient(TestServer(build_app(gateway))) as client:
        answer = await client.post("/api/conversations", json={})
        client.session.headers["Cookie"] = f"__Host-chat={answer.cookies['__Host-chat'].value}"
        yield client


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (f'{{"id": "{_ID}", "text": "{"x" * 66_000}"}}', 413),
        (f'{{"id": "{_ID}", "text": "a", "text": "b"}}', 400),
        (f'{{"id": "{_ID}", "text": "a", "id": "{_ID}"}}', 400),
        (_DEEP, 400),
        ("[" * 30_000, 400),
        (f'{{"id": "{_ID}", "text": NaN}}', 400),
        (f'{{"id": "{_ID}", "text": {"9" * 5_000}}}', 400),
        (f'{{"id": "{_ID}", "choice": "\\u0000\\ud800"}}', 422),
        (f'{{"id": "{_ID}", "choice": "{"x" * 5_000}"}}', 422),
    ],
    ids=["large", "text twice", "id twice", "deep", "deeper", "NaN", "long number", "no id", "long id"],
)
async def test_the_chat_api_refuses(client: Client, body: str, status: int) -> None:
    response = await client.post("/api/messages", data=body, headers=_JSON)
    assert response.status == status
    problem = await response.json(content_type="application/problem+json")
    assert problem["status"] == status
    assert "\u3002" in problem["detail"]


@pytest.mark.parametrize("message", ["%00", "%ED%A0%80", "x" * 4_000, "..%2F..", "%FF"])
async def test_a_verdict_on_no_answer_is_refused(client: Client, message: str) -> None:
    response = await client.post(f"/api/messages/{message}/feedback", data='{"helpful": true}', headers=_JSON)
    assert response.status in {400, 404}


@pytest.mark.parametrize(
    "body", ['{"events": [], "events": []}', f'{{"events": [{_DEEP}]}}', "[" * 900_000, '{"events": [NaN]}']
)
async def test_line_refuses(client: Client, body: str) -> None:
    assert (await client.post("/line/webhook", data=body, headers=signed(body.encode()))).status == 400


@pytest.mark.parametrize(
    "body",
    [
        '{"type": "event_callback", "type": "x"}',
        f'{{"type": {_DEEP}}}',
        '{"a": ' + "9" * 5_000 + "}",
        "payload=" + "[" * 5_000,
    ],
)
async def test_slack_refuses(client: Client, body: str) -> None:
    assert (await client.post("/slack/events", data=body, headers=signed_by_slack(body))).status == 400


@pytest.mark.parametrize(
    ("path", "most"),
    [("/line/webhook", limits.LINE_WEBHOOK_BYTES), ("/slack/events", limits.SLACK_WEBHOOK_BYTES), (DOOR, 64 * 1024)],
)
async def test_too_large_a_body_is_refused(client: Client, path: str, most: int) -> None:
    body = b"a=" + b"x" * (most + 1)
    kind = {"Content-Type": "application/x-www-form-urlencoded"}
    assert (await client.post(path, data=io.BytesIO(body), headers=kind)).status == 413


@pytest.mark.parametrize("kind", ["multipart/form-data", "application/x-www-form-urlencoded; charset=none-such"])
@pytest.mark.parametrize("path", [DOOR, f"{DOOR}/case", f"{DOOR}/case/answer"])
async def test_what_is_no_form_is_refused(client: Client, path: str, kind: str) -> None:
    response = await client.post(path, data=b"a=%FF\xff", headers={"Content-Type": kind})
    assert response.status == 400


@pytest.mark.parametrize("path", ["/", "/widget", "/api/messages", "/nowhere", DOOR, "/healthz", "/openapi.json"])
async def test_every_answer_carries_the_headers(client: Client, path: str) -> None:
    headers = (await client.get(path)).headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert headers["Strict-Transport-Security"].startswith("max-age=31536000")
    assert headers["Content-Security-Policy"].startswith("default-src 'none'")
    assert "base-uri 'none'" in headers["Content-Security-Policy"]
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert headers["Cache-Control"] in {"no-store", "no-cache"}


async def test_a_refused_method_names_those_that_there_are(client: Client) -> None:
    response = await client.put("/api/messages")
    assert response.status == 405
    assert set(response.headers["Allow"].split(",")) == {"GET", "HEAD", "POST"}


@pytest.mark.parametrize("header", [b"Cookie: __Host-chat=\xff\xfe", b"Origin: \xff", b"User-Agent: \x80"])
async def test_headers_that_are_no_text_are_refused(client: Client, header: bytes) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", client.port)
    head = b"POST /api/conversations HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\nConnection: close\r\n"
    writer.write(head + header + b"\r\n\r\n")
    assert (await reader.readline()).startswith(b"HTTP/1.1 400 ")
    writer.close()
    await writer.wait_closed()


@pytest.mark.parametrize("name", ["userId", "replyToken"])
async def test_an_id_of_line_that_is_none_breaks_nothing(client: Client, name: str) -> None:
    event = text_event("開示", event_id=f"E{name}")
    torn = event | ({name: "\ud800\0"} if name in event else {"source": event["source"] | {name: "\ud800\0"}})
    body = json.dumps({"events": [torn]}).encode()
    assert (await client.post("/line/webhook", data=body, headers=signed(body))).status == 200
