"""`make demo-web`: the whole product, and beside it a site of another origin whose policy page shows the widget."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys

from aiohttp import web

from bot import settings as configuration
from bot.channels.website.demo_site import MemberKey, build_demo_site
from bot.errors import MadoguchiError
from bot.launch import ports
from bot.settings import PREFIX, Settings

_HOST = "127.0.0.1"


def main() -> int:
    """Runs until stopped; the exit status is the product's own."""
    try:
        settings = configuration.load()
        ports.require_free({"demo site": (_HOST, settings.demo_port)})
    except MadoguchiError as error:
        print(f"madoguchi: {error}", file=sys.stderr)  # noqa: T201 - the launcher speaks on the terminal
        return 2
    key = MemberKey()
    product = subprocess.Popen([sys.executable, "-m", "bot.launch"], env=os.environ | introduced(settings, key))
    return asyncio.run(_serve_beside(product, settings, key))


def introduced(settings: Settings, key: MemberKey) -> dict[str, str]:
    """What the product must know of the site: that it may show the widget, and the key it signs with."""
    return {
        PREFIX + "EMBED_ORIGINS": f"http://{_HOST}:{settings.demo_port}",
        PREFIX + "MEMBER_TOKEN_KEYS": key.public_set(),
    }


async def _serve_beside(product: subprocess.Popen[bytes], settings: Settings, key: MemberKey) -> int:
    # The site stays until the product has stopped: whoever stops this stops that.
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, product.terminate)
    runner = web.AppRunner(build_demo_site(settings, key), access_log=None)
    await runner.setup()
    await web.TCPSite(runner, _HOST, settings.demo_port).start()
    print(f"demo site with the widget: http://{_HOST}:{settings.demo_port}", flush=True)  # noqa: T201 - as above
    try:
        return await asyncio.to_thread(product.wait)
    finally:
        await runner.cleanup()


if __name__ == "__main__":
    raise SystemExit(main())
