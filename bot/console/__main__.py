"""`python -m bot.console` serves the console; `make run` starts it under its supervisor."""

from __future__ import annotations

import sys

from aiohttp import web

from bot import logs
from bot.clearance.check import require_cleared
from bot.console.app import build_apps
from bot.controllers import load_controllers
from bot.errors import MadoguchiError

_BAD_INPUT_STATUS = 2


def main() -> None:
    """Serves until a signal ends it; requests are not logged, since what is tried here may be a member's words."""
    try:
        served = load_controllers()
        logs.configure(served[0].log_level)
        for settings in served:
            require_cleared(settings, "console")
        app = build_apps(served)
    except MadoguchiError as error:
        print(f"console: {error}", file=sys.stderr)  # noqa: T201 - a process that cannot start says why
        raise SystemExit(_BAD_INPUT_STATUS) from None
    web.run_app(app, host=served[0].console_host, port=served[0].console_port, access_log=None, print=None)


if __name__ == "__main__":
    main()
