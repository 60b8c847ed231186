"""`python -m bot.console` serves the console; `make run` starts it under its supervisor."""

from __future__ import annotations

import sys

from aiohttp import web

from bot import logs, spans
from bot.clearance.check import require_cleared
from bot.console.app import build_apps
from bot.controllers import load_controllers
from bot.errors import MadoguchiError

_BAD_INPUT_STATUS = 2


def main() -> None:
    """Serves until a signal ends it; requests are not logged, since what is tried here may be a member's words."""
    try:
        first, *_ = served = load_controllers()
        logs.configure(first.log_level)
        spans.configure(first.traces_url, "console", share=first.traces_share)
        for settings in served:
            require_cleared(settings, "console")
        app = build_apps(served)
    except MadoguchiError as error:
        print(f"console: {error}", file=sys.stderr)  # noqa: T201 - a process that cannot start says why
        raise SystemExit(_BAD_INPUT_STATUS) from None
    web.run_app(app, host=first.console_host, port=first.console_port, access_log=None, print=None)


if __name__ == "__main__":
    main()
