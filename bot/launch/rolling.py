"""Restarts what a launcher runs, one process after the other: the next one only when the one before serves again."""

from __future__ import annotations

import http.client
import time
from collections.abc import Callable, Iterator
from typing import Any
from xmlrpc.client import Fault, ServerProxy

from supervisor.xmlrpc import SupervisorTransport

from bot.errors import MadoguchiError
from bot.launch.grown import PROXY, Plan
from bot.launch.processes import control_socket

# An action server that embeds anew what a release has changed takes the longest.
_SERVES_SECONDS = 480.0
_PAUSE_SECONDS = 0.2
# Each is asked what a proxy asks: whether it can do its own part, whatever is away behind it.
_PATHS = {"rasa": "/", "actions": "/ready", "web": "/healthz", "console": "/healthz"}
# Whoever is asked by others goes first, so that the new ones find the new ones.
_ORDER = ("rasa", "actions", "jobs", "web", "console")


class NotRestartedError(MadoguchiError):
    """A process did not come back; the rest was left as it is."""


def roll(plan: Plan, *, say: Callable[[str], None]) -> int:
    """Restarts each process of the plan but the proxy, which `SIGUSR2` makes read its configuration anew.

    Raises:
        NotRestartedError: nothing runs, or a process does not serve again.
    """
    socket = control_socket(plan.settings.data_dir)
    if socket is None or not socket.exists():
        raise NotRestartedError("nothing runs that could be restarted")
    # The transport takes the file from its own argument; the address only has to look like one.
    transport = SupervisorTransport(None, None, f"unix://{socket}")
    with ServerProxy("http://127.0.0.1", transport=transport) as server:
        for name in _in_order(plan):
            begun = time.monotonic()
            _restart(server.supervisor, name)
            _wait(plan, name)
            say(f"{name}: serves again after {time.monotonic() - begun:.1f} s")
    return 0


def _restart(supervisor: Any, name: str) -> None:  # noqa: ANN401 - whatever the other side answers to
    try:
        supervisor.stopProcess(name)
        supervisor.startProcess(name)
    except Fault as fault:
        raise NotRestartedError(f"{name}: {fault.faultString}") from None


def _in_order(plan: Plan) -> Iterator[str]:
    for kind in _ORDER:
        yield from sorted(name for name in plan.commands if _kind(name) == kind and name != PROXY)


def _kind(name: str) -> str:
    return name.partition("-")[0]


def _wait(plan: Plan, name: str) -> None:
    path = _PATHS.get(_kind(name))
    deadline = time.monotonic() + _SERVES_SECONDS
    while path is not None and not _serves(*plan.addresses[name], path):
        if time.monotonic() > deadline:
            raise NotRestartedError(f"{name} does not serve again")
        time.sleep(_PAUSE_SECONDS)


def _serves(host: str, port: int, path: str) -> bool:
    connection = http.client.HTTPConnection(host, port, timeout=5)
    try:
        connection.request("GET", path)
        return connection.getresponse().status == http.HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
