"""The real product beside a fake platform: what `make demo-line` and `make demo-slack` talk to.

The fake is served in this process, so that a demonstration sees what the platform was sent; everything else runs as
`make run` starts it, on free ports and in a folder that goes away with it.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

from aiohttp import ClientSession, web
from aiohttp.test_utils import TestServer

from tests.support.product import ROOT, Product

# What the tests embedded once need not be embedded again.
_INDEX = ROOT / "var" / "tests" / "index"

SettingsFor = Callable[[str], Mapping[str, str]]
"""Gets the fake platform's address without a slash at its end; gives settings by their names without the prefix."""


@asynccontextmanager
async def product_beside(platform: web.Application, settings_for: SettingsFor) -> AsyncIterator[Product]:
    """Runs the whole product, with a real Rasa, until the block ends; its channels call `platform`."""
    async with TestServer(platform) as server:
        settings = {"INDEX_DIR": str(_INDEX), **settings_for(str(server.make_url("")).rstrip("/"))}
        with tempfile.TemporaryDirectory(prefix="madoguchi-demo-") as folder:
            product = Product(Path(folder), **settings)
            say("starting the product (Rasa takes half a minute) …")
            try:
                await asyncio.to_thread(product.start)
                yield product
            finally:
                await asyncio.to_thread(product.stop)


async def deliver(product: Product, path: str, body: bytes, headers: Mapping[str, str]) -> int:
    """Hands the product a signed webhook, as the platform would; gives the status it was answered with."""
    async with ClientSession() as client, client.post(product.url + path, data=body, headers=headers) as answer:
        return answer.status


def say(line: str = "") -> None:
    """One line on the terminal, at once."""
    print(line, flush=True)  # noqa: T201 - a demonstration speaks on the terminal


async def asked(prompt: str) -> str | None:
    """What whoever sits at the terminal types; None at the end of input."""
    sys.stdout.write(prompt)
    sys.stdout.flush()
    line = await asyncio.to_thread(sys.stdin.readline)
    return line.strip() if line else None
