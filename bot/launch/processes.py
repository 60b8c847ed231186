"""Which processes run, and the supervisor's configuration for them."""

from __future__ import annotations

import configparser
import io
import os
import re
import shlex
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path

from bot.channels.shares import RASA_ENDS_SECONDS
from bot.launch.model import CURRENT, RASA, rasa_environment
from bot.launch.ports import addresses, rasas
from bot.secret_split import SPLIT, held_by
from bot.settings import PREFIX, Settings

MODULES = {"actions": "actions", "web": "bot.app", "jobs": "bot.jobs", "console": "bot.console"}
"""What `python -m` runs, by the name of the process."""

RASA_KEEPS = held_by("rasa") | {"actions_url"}
"""The settings that Rasa finds in its environment: it reads no other, secret or not."""

DEMO_DIR = Path("var/demo")
"""Where `make demo` has an installation of its own."""

# How long a process has to end by itself: Rasa takes fifteen seconds though it has nothing to end, and web lets those
# pages end that wait for a turn.
_STOP_SECONDS, _WEB_STOP_SECONDS = 15, 25

_GAVE_UP = re.compile(r"gave up: ([\w-]+) entered FATAL state")
# A socket's path has 107 bytes, and the supervisor makes it under a longer name.
_LONGEST_SOCKET = 90


def commands(settings: Settings) -> dict[str, list[str]]:
    """The command line of every process, by name."""
    ours = {name: [*_without(SPLIT.keys() - held_by(name)), sys.executable, "-m", MODULES[name]] for name in MODULES}
    rasa = [*_without(Settings.model_fields.keys() - RASA_KEEPS), str(RASA.absolute())]
    places = addresses(settings)
    return {name: [*rasa, *rasa_arguments(str(CURRENT), *places[name])] for name in rasas(settings)} | ours


def rasa_arguments(model: str, host: str, port: int) -> list[str]:
    """What `rasa` is told in every deployment: one model, two files that say whom it talks to, no API."""
    return [
        *("run", "-m", model, "-i", host, "-p", str(port)),
        *(
            "--endpoints",
            "endpoints.yml",
            "--credentials",
            "credentials.yml",
            "--response-timeout",
            str(RASA_ENDS_SECONDS),
        ),
    ]


def _without(fields: Iterable[str]) -> list[str]:
    unset = [argument for name in sorted(fields) for argument in ("-u", PREFIX + name.upper())]
    return ["env", *unset]


def environment(settings: Settings) -> dict[str, str]:
    """What the supervisor and its children find in their environment."""
    return {
        **rasa_environment(),
        PREFIX + "INTERNAL_TOKEN": settings.internal_token.get_secret_value(),
        PREFIX + "ACTIONS_URL": settings.actions_url,
        PREFIX + "TRACKER_URL": settings.tracker_url.get_secret_value(),
        "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
        "PYTHONUNBUFFERED": "1",
    }


def supervisor_configuration(processes: Mapping[str, list[str]], data_dir: Path) -> str:
    """The text of a configuration file for supervisord.

    Args:
        processes: command lines by name, as `commands` gives them.
        data_dir: where the logs, the process id and the control socket go.
    """
    config = configparser.RawConfigParser()
    if (socket := control_socket(data_dir)) is not None:
        config["unix_http_server"] = {"file": _escaped(socket), "chmod": "0600"}
        config["rpcinterface:supervisor"] = {
            "supervisor.rpcinterface_factory": "supervisor.rpcinterface:make_main_rpcinterface"
        }
    config["supervisord"] = {
        "nodaemon": "true",
        "silent": "true",
        "logfile": _escaped(data_dir / "log" / "supervisor.log"),
        "pidfile": _escaped(pid_file(data_dir)),
    }
    for name, command in processes.items():
        config[f"program:{name}"] = {
            "command": _escaped(shlex.join(command)),
            "autorestart": "true",
            "startretries": "3",
            "stopasgroup": "true",
            "killasgroup": "true",
            "stopwaitsecs": str(_WEB_STOP_SECONDS if name.partition("-")[0] == "web" else _STOP_SECONDS),
            "redirect_stderr": "true",
            "stdout_logfile": _escaped(log_file(data_dir, name)),
        }
    text = io.StringIO()
    config.write(text)
    return text.getvalue()


def log_file(data_dir: Path, process: str) -> Path:
    """Where a process's output goes."""
    return data_dir / "log" / f"{process}.log"


def given_up(data_dir: Path) -> str | None:
    """The name of a process that the supervisor has given up, because it ended again and again while starting."""
    try:
        log = (data_dir / "log" / "supervisor.log").read_text("utf-8")
    except FileNotFoundError:
        return None
    found = _GAVE_UP.search(log)
    return found.group(1) if found else None


def last_words(data_dir: Path, process: str) -> str:
    """The last line a process has logged."""
    lines = log_file(data_dir, process).read_text("utf-8", errors="replace").strip().splitlines()
    return lines[-1] if lines else "it said nothing"


def pid_file(data_dir: Path) -> Path:
    """Where the supervisor writes its process id."""
    return data_dir / "supervisor.pid"


def control_socket(data_dir: Path) -> Path | None:
    """Where the supervisor takes orders; nowhere, if the path is too long, which keeps nothing from running."""
    socket = data_dir.absolute() / "supervisor.sock"
    return socket if len(os.fsencode(socket)) <= _LONGEST_SOCKET else None


def _escaped(value: object) -> str:
    # The supervisor expands %(…)s in every value.
    return str(value).replace("%", "%%")
