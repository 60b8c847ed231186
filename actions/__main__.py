"""`python -m actions`: the action server, one process, on the private address that the settings name."""

from __future__ import annotations

import errno
import sys
from collections.abc import Sequence
from urllib.parse import urlsplit

from aiohttp import web

from actions.served import open_served
from actions.server import build_app
from bot import logs, spans
from bot.clearance.check import require_cleared
from bot.controllers import load_controllers
from bot.errors import BadInputError, MadoguchiError
from bot.settings import Settings

_BAD_INPUT_STATUS = 2


def main() -> None:
    """Serves until a signal ends it; what keeps it from starting is told in one line."""
    try:
        first, *_ = served = load_controllers()
        logs.configure(first.log_level)
        spans.configure(first.traces_url, "actions", share=first.traces_share)
        for settings in served:
            require_cleared(settings, "actions")
        _serve(served)
    except MadoguchiError as error:
        print(f"actions: {error}", file=sys.stderr)  # noqa: T201 - a process that cannot start says why
        raise SystemExit(_BAD_INPUT_STATUS) from None


def _serve(controllers: Sequence[Settings]) -> None:
    settings = controllers[0]
    address = urlsplit(settings.actions_url)
    if not address.hostname or not address.port:
        raise BadInputError("MADOGUCHI_ACTIONS_URL does not name a host and a port")
    if not settings.internal_token.get_secret_value():
        raise BadInputError("MADOGUCHI_INTERNAL_TOKEN is not set (`make run` writes one)")
    served = open_served(controllers)
    served.require()
    served.follow()
    try:
        # An access log would write a line a turn that nobody reads.
        web.run_app(build_app(served), host=address.hostname, port=address.port, access_log=None, print=None)
    except OSError as error:
        if error.errno != errno.EADDRINUSE:
            raise
        raise BadInputError(f"{address.netloc} is taken (MADOGUCHI_ACTIONS_URL)") from None


if __name__ == "__main__":
    main()
