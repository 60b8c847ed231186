"""Finds out before anything starts whether the ports are free."""

from __future__ import annotations

import socket
from collections.abc import Mapping
from urllib.parse import urlsplit

from bot.errors import BadInputError
from bot.settings import Settings


class PortIsTakenError(BadInputError):
    """Another program listens where one of ours should."""


def addresses(settings: Settings) -> dict[str, tuple[str, int]]:
    """Host and port of every process that listens, by the process's name."""
    return {
        **{name: _host_and_port("MADOGUCHI_RASA_URL", url) for name, url in rasas(settings).items()},
        "actions": _host_and_port("MADOGUCHI_ACTIONS_URL", settings.actions_url),
        "web": (settings.web_host, settings.web_port),
        "console": (settings.console_host, settings.console_port),
    }


def rasas(settings: Settings) -> dict[str, str]:
    """The address of every Rasa by the name of its process: one alone has no number."""
    first, *more = settings.rasa_urls
    if not more:
        return {"rasa": first}
    return {f"rasa-{number}": url for number, url in enumerate((first, *more), 1)}


def require_free(places: Mapping[str, tuple[str, int]]) -> None:
    """Checks that each address can be bound.

    Raises:
        PortIsTakenError: names the process, the port and the setting's way out.
    """
    for process, (host, port) in places.items():
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        with socket.socket(family) as probe:
            # The real servers set SO_REUSEADDR too: connections still in TIME_WAIT must not look like a server.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((host, port))
            except OSError as error:
                raise PortIsTakenError(
                    f"{process} cannot use {host}:{port} ({error.strerror}); stop what runs there, or run `make stop`"
                ) from None


def _host_and_port(name: str, url: str) -> tuple[str, int]:
    parts = urlsplit(url)
    if not parts.hostname or not parts.port:
        raise BadInputError(f"{name}: {url} does not name a host and a port")
    return parts.hostname, parts.port
