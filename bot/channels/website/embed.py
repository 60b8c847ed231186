"""The script that puts the chat's button on another site's page, and the lines that the site's people paste there.

The file's name holds the release, and its integrity (SRI, W3C) is computed from the very bytes that are served: the
page keeps running what its people have looked at, whatever happens to this server.
"""

from __future__ import annotations

import base64
import hashlib
from functools import lru_cache
from importlib.metadata import version

from aiohttp import web

from bot.channels.gateway import Gateway
from bot.channels.website.assets import FOR_GOOD, Asset, assets, response
from bot.channels.website.security_headers import OPEN_TO_OTHERS_KEY
from bot.channels.website.widget import PATH as WIDGET

_SOURCE = "embed.js"


def routes(_gateway: Gateway) -> list[web.RouteDef]:
    """The script at its versioned address."""
    script = loader()

    async def show(request: web.Request) -> web.Response:
        answer = response(request, script, cache=FOR_GOOD)
        answer[OPEN_TO_OTHERS_KEY] = True
        return answer

    return [web.get(path(), show)]


def path() -> str:
    """Where the script of this release lies."""
    return f"/embed-{version('madoguchi')}.js"


@lru_cache(maxsize=1)
def integrity() -> str:
    """What a browser must find in the script's bytes."""
    return "sha384-" + base64.b64encode(hashlib.sha384(loader().body).digest()).decode()


def loader() -> Asset:
    """The script itself."""
    return assets()[_SOURCE]


def snippet(public_url: str) -> str:
    """The lines to paste: a link that works without scripts, and the button that takes its place."""
    origin = public_url.rstrip("/")
    return (
        f'<a href="{origin}{WIDGET}" target="_blank" rel="noopener">プライバシー相談（新しいタブで開く）</a>\n'
        f'<script src="{origin}{path()}" integrity="{integrity()}" crossorigin="anonymous" defer></script>\n'
    )


def needed_policy(public_url: str) -> str:
    """What the page's Content-Security-Policy must allow, if it has one."""
    origin = public_url.rstrip("/")
    return f"script-src {origin}; frame-src {origin}"
