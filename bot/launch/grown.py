"""The grown layout on one host: three Rasas, two of everything else but the console, behind HAProxy.

The same processes as ever, on more ports: the proxy takes those that the settings name, and what runs behind it those
beside them.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from bot.errors import BadInputError
from bot.launch import ports, processes
from bot.settings import PREFIX, Settings

CONFIGURATION = Path("deploy/haproxy/haproxy.cfg")
PROXY = "proxy"

_RASAS, _TWO = 3, (1, 2)
_WEBS_FROM = 10
_POSTGRESQL = "postgresql"


@dataclass(frozen=True)
class Plan:
    """What a launcher starts.

    Attributes:
        settings: as the processes shall find them.
        addresses: host and port of each process that listens.
        commands: the command line of each process.
        environment: what all of them find in their environment, but for what their commands take out.
        gateways: addresses of the web processes themselves.
    """

    settings: Settings
    addresses: Mapping[str, tuple[str, int]]
    commands: Mapping[str, list[str]]
    environment: Mapping[str, str]
    gateways: tuple[str, ...]


def single(settings: Settings) -> Plan:
    """One of each, and as many Rasas as the settings name."""
    return Plan(
        settings,
        ports.addresses(settings),
        processes.commands(settings),
        processes.environment(settings),
        (_url("web", ports.addresses(settings)),),
    )


def grown(settings: Settings) -> Plan:
    """More of each.

    Raises:
        BadInputError: something is missing that several processes need to share.
    """
    _require_what_is_shared(settings)
    wanted = settings.model_copy(update={"rasa_url": " ".join(_rasas(settings))})
    one, addresses = processes.commands(wanted), _addresses(wanted)
    commands = {name: command for name, command in one.items() if name.startswith("rasa")}
    for number in _TWO:
        commands[f"actions-{number}"] = _with("ACTIONS_URL", _url(f"actions-{number}", addresses), one["actions"])
        commands[f"web-{number}"] = _with("WEB_PORT", str(addresses[f"web-{number}"][1]), one["web"])
        commands[f"jobs-{number}"] = _jobs(wanted, number, one["jobs"])
    commands |= {"console": one["console"], PROXY: _proxy()}
    environment = processes.environment(wanted) | {PREFIX + "RASA_URL": wanted.rasa_url} | _places(addresses)
    gateways = tuple(_url(f"web-{number}", addresses) for number in _TWO)
    return Plan(wanted, addresses, commands, environment, gateways)


def _require_what_is_shared(settings: Settings) -> None:
    tracker = settings.tracker_url.get_secret_value()
    for name, url in (("DATABASE_URL", settings.database_url), ("TRACKER_URL", tracker)):
        if not url.startswith(_POSTGRESQL):
            raise BadInputError(f"{PREFIX}{name}: several processes share PostgreSQL, and no file")
    if shutil.which("haproxy") is None:
        raise BadInputError("haproxy is not on this machine (apt-get install haproxy)")


def _rasas(settings: Settings) -> tuple[str, ...]:
    """Those that are named; of one alone, the ports behind it too."""
    if len(settings.rasa_urls) > 1:
        return settings.rasa_urls
    host, port = ports.addresses(settings)["rasa"]
    return tuple(f"http://{host}:{port + number}" for number in range(_RASAS))


def _addresses(settings: Settings) -> dict[str, tuple[str, int]]:
    found = ports.addresses(settings)
    (web_host, web_port), (actions_host, actions_port) = found.pop("web"), found.pop("actions")
    found |= {PROXY: (web_host, web_port), f"{PROXY} of actions": (actions_host, actions_port)}
    for number in _TWO:
        found[f"web-{number}"] = web_host, web_port + _WEBS_FROM + number
        found[f"actions-{number}"] = actions_host, actions_port + number
    return found


def _url(name: str, addresses: Mapping[str, tuple[str, int]]) -> str:
    host, port = addresses[name]
    return f"http://{host}:{port}"


def _with(name: str, value: str, command: list[str]) -> list[str]:
    return ["env", f"{PREFIX}{name}={value}", *command]


def _jobs(settings: Settings, number: int, command: list[str]) -> list[str]:
    port = settings.jobs_metrics_port
    return command if port is None else _with("JOBS_METRICS_PORT", str(port + number - 1), command)


def _proxy() -> list[str]:
    ours = [argument for name in sorted(Settings.model_fields) for argument in ("-u", PREFIX + name.upper())]
    return ["env", *ours, "haproxy", "-W", "-f", str(CONFIGURATION)]


def _places(addresses: Mapping[str, tuple[str, int]]) -> dict[str, str]:
    """The names by which the proxy's configuration knows the addresses."""
    names = {PROXY: "WEB", f"{PROXY} of actions": "ACTIONS"}
    names |= {f"{kind}-{number}": f"{kind.upper()}_{number}" for kind in ("web", "actions") for number in _TWO}
    return {f"PROXY_{name}": "{}:{}".format(*addresses[process]) for process, name in names.items()}
