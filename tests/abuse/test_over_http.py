"""Everything that the published document describes, sent by Schemathesis over HTTP, right and wrong."""

from __future__ import annotations

import asyncio
import os
import sys
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp
from aiohttp import web
from aiohttp.test_utils import TestServer

from bot.app import build_app
from bot.channels.rates.limit import Limit
from tests.support.abusing_names import COOKIE, HOOKS
from tests.support.channel_gateway import channel_settings, scripted_gateway
from tests.support.fake_line import FakeLine
from tests.support.fake_rasa import FakeRasa
from tests.support.fake_slack import FakeSlack

_REQUESTS = int(os.environ.get("MADOGUCHI_PROOF_REQUESTS", "300"))

_ROOT = Path(__file__).parents[2]
_CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_schema_conformance",
    "unsupported_method",
)
_SCHEMATHESIS = (
    *("-m", "schemathesis.cli", "run", str(_ROOT / "docs/openapi.json"), "--no-color", "--warnings", "off"),
    *("--checks", ",".join(_CHECKS), "--phases", "coverage,fuzzing", "--continue-on-failure"),
    *("--generation-database", "none", "--generation-with-security-parameters", "false"),
    *("--suppress-health-check", "all"),
)


@dataclass
class Counted:
    """How the gateway answered, by route and status."""

    url: str = ""
    answers: Counter[tuple[str, int]] = field(default_factory=Counter)

    async def count(self, request: web.Request, response: web.StreamResponse) -> None:
        resource = request.match_info.route.resource
        self.answers[f"{request.method} {resource.canonical if resource else '-'}", response.status] += 1

    def statuses(self) -> dict[int, int]:
        total: Counter[int] = Counter()
        for (_route, status), number in self.answers.items():
            total[status] += number
        return dict(sorted(total.items()))


@asynccontextmanager
async def _running(database_url: str) -> AsyncIterator[Counted]:
    """The whole gateway on a real database, with every channel on and nothing counted against the sender."""
    rasa, line, slack = (
        TestServer(FakeRasa().app()),
        TestServer(FakeLine(quota=None).app()),
        TestServer(FakeSlack().app()),
    )
    async with rasa, line, slack:
        rasa_url = str(rasa.make_url("")).rstrip("/")
        settings = channel_settings(
            Path("unused"),
            database_url=database_url,
            actions_url=rasa_url,
            rasa_url=rasa_url,
            line_api_url=str(line.make_url("")).rstrip("/"),
            slack_api_url=str(slack.make_url("/api/")),
            **{f"rate_{limit}": "" for limit in Limit},
        )
        gateway, _ = scripted_gateway(settings)
        app = build_app(gateway)
        counted = Counted()
        app.on_response_prepare.append(counted.count)
        async with TestServer(app) as server:
            counted.url = str(server.make_url("")).rstrip("/")
            yield counted


async def test_nothing_that_is_sent_breaks_the_gateway(database_url: str, tmp_path: Path) -> None:
    async with _running(database_url) as counted:
        rounds = 0
        while counted.answers.total() < _REQUESTS:
            rounds += 1
            await _send(counted.url, tmp_path, seed=rounds)
    print(f"\n{counted.answers.total()} requests in {rounds} rounds: {counted.statuses()}")  # noqa: T201 - a long run's figure
    assert {answer for answer in counted.answers if answer[1] >= 500} == set()
    assert {200, 201, 400, 404, 422} <= set(counted.statuses())


async def _send(url: str, folder: Path, *, seed: int) -> None:
    """One round; what Schemathesis finds fault with fails the test with its own words."""
    examples = min(100, max(1, _REQUESTS // 40))
    environment = {
        **os.environ,
        "PYTHONPATH": str(_ROOT),
        "SCHEMATHESIS_HOOKS": HOOKS,
        COOKIE: f"chat={await _session(url)}",
    }
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *_SCHEMATHESIS,
        *("--url", url, "--seed", str(seed), "--max-examples", str(examples)),
        cwd=folder,
        env=environment,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    output, _ = await process.communicate()
    assert process.returncode == 0, output.decode()


async def _session(url: str) -> str:
    async with aiohttp.ClientSession() as client, client.post(f"{url}/api/conversations", json={}) as response:
        return response.cookies["chat"].value
