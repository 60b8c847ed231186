"""`python -m actions`: the action server, one process, on the private address that the settings name."""

from __future__ import annotations

import sys
from urllib.parse import urlsplit

from aiohttp import web

from actions.server import build_app
from actions.services import Services
from bot.errors import MadoguchiError
from bot.settings import load

BAD_INPUT_STATUS = 2


def main() -> None:
    """Serves until it is told to stop; a configuration that cannot work ends it at once, in one line."""
    try:
        settings = load()
        address = urlsplit(settings.actions_url)
        app = build_app(Services(settings))
    except MadoguchiError as error:
        print(f"actions: {error}", file=sys.stderr)  # noqa: T201 - a command speaks on standard error
        raise SystemExit(BAD_INPUT_STATUS) from None
    # aiohttp's access log would write a line a turn that nobody reads.
    web.run_app(app, host=address.hostname, port=address.port, access_log=None, print=None)


if __name__ == "__main__":
    main()
