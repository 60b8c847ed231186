"""How many turns one, two and three Rasas carry, each held to a part of a core: `python -m bench.grown`.

    python -m bench.grown [--cores 0.3] [--seconds 40] [--rounds 2] [--users 12] [--out var/bench/grown.json]

As root, for the control groups. All Rasas run all the time, and one `web` is started anew with the first one, two or
three of their addresses, in turns. All share one PostgreSQL server. In place of the action server stands one that
says a fixed text, so that two cores are left for what is measured; `bench.turn` has the whole turn.
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import json
import os
import secrets
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import psutil
import sqlalchemy as sa

from bench.grown import hold
from bench.grown.stand_in import standing_in
from bench.turn import costs
from bench.turn.asking import Slice, ask_for, ours
from bench.turn.questions import endless
from bot.launch.model import ensure_trained
from bot.launch.processes import commands, environment
from bot.settings import PREFIX, Settings
from bot.storage.migrate import upgrade
from tests.support.grown_product import answers, free_ports
from tests.support.postgres import run_server, server_programs
from tests.support.product import ROOT

Json = dict[str, Any]

_MOST = 3
_START_SECONDS = 600.0
# A Rasa has what it works on, and what it works on next.
_TURNS_A_RASA = 4


def main() -> None:
    """Starts everything, asks, writes what came of it."""
    options = _options()
    with tempfile.TemporaryDirectory() as name, ExitStack() as stack:
        programs = server_programs()
        assert programs is not None, "PostgreSQL's server programs are not installed"
        url = stack.enter_context(run_server(programs, durable=True))
        world = _World(Path(name), url)
        stack.enter_context(standing_in(world.settings))
        rasas = [stack.enter_context(world.running(name)) for name in world.names]
        for place, process in zip(world.names, rasas, strict=True):
            world.wait_for(place, process)
        groups = [
            stack.enter_context(hold.held(place, process.pid, options.cores))
            for place, process in zip(world.names, rasas, strict=True)
        ]
        load, rounds = os.getloadavg(), []
        for _ in range(options.rounds):
            rounds += [_measure(world, number, rasas, options) for number in range(1, _MOST + 1)]
        held = [hold.throttled(group) for group in groups]
    result: Json = {"cores": options.cores, "users": options.users, "seconds": options.seconds, "load_before": load}
    result |= {"load_after": os.getloadavg(), "held_by": hold.means(), "throttled": held, "nice": os.nice(0)}
    result["levels"] = [_level(number, rounds) for number in range(1, _MOST + 1)]
    options.out.parent.mkdir(parents=True, exist_ok=True)
    options.out.write_text(json.dumps(result, indent=1), encoding="utf-8")
    print(json.dumps(result, indent=1))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.grown")
    parser.add_argument("--cores", type=float, default=0.3, help="what each Rasa may have of a core")
    parser.add_argument("--seconds", type=float, default=40.0, help="how long each number of Rasas is asked in a round")
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--users", type=int, default=12, help="members who ask, wait for the answer and ask again")
    parser.add_argument("--out", type=Path, default=Path("var/bench/grown.json"))
    return parser.parse_args()


class _World:
    """The processes of one measurement, and how each is started."""

    def __init__(self, folder: Path, database_url: str) -> None:
        ensure_trained(ROOT)
        self._folder = folder
        rasas, (actions, self.web_port) = free_ports(_MOST), free_ports(2)
        engine = sa.create_engine(database_url, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.execute(sa.text("CREATE DATABASE tracker"))
        engine.dispose()
        upgrade(database_url)
        self._values = {
            "data_dir": str(folder),
            "database_url": database_url,
            "tracker_url": database_url.replace("+psycopg:", ":").replace("/postgres?", "/tracker?"),
            "encryption_key": base64.b64encode(secrets.token_bytes(32)).decode(),
            "hash_key": base64.b64encode(secrets.token_bytes(32)).decode(),
            "internal_token": secrets.token_urlsafe(32),
            "rasa_url": " ".join(f"http://127.0.0.1:{port}" for port in rasas),
            "actions_url": f"http://127.0.0.1:{actions}",
            "web_port": str(self.web_port),
            "public_url": f"http://127.0.0.1:{self.web_port}",
            "rasa_timeout": "30",
        } | dict.fromkeys(("rate_address_sessions", "rate_address_messages", "rate_all_messages"), "")
        self.settings = Settings.model_validate(self._values)
        self.names = [f"rasa-{number}" for number in range(1, _MOST + 1)]

    @contextmanager
    def running(self, name: str, **changes: str) -> Iterator[psutil.Process]:
        """The process of this name, until the block ends."""
        variables = environment(self.settings)
        variables |= {PREFIX + key.upper(): value for key, value in (self._values | changes).items()}
        with (self._folder / f"{name}.log").open("ab") as output:
            process = subprocess.Popen(
                commands(self.settings)[name],
                cwd=ROOT,
                env=os.environ | variables,
                stdout=output,
                stderr=output,
            )
        try:
            yield psutil.Process(process.pid)
        finally:
            process.terminate()
            process.wait(60)

    def wait_for(self, name: str, process: psutil.Process) -> None:
        """Returns as soon as the process of this name answers."""
        place = self.web_url + "/healthz" if name == "web" else self.settings.rasa_urls[self.names.index(name)] + "/"
        deadline = time.monotonic() + _START_SECONDS
        while not answers(place):
            assert process.is_running(), (self._folder / f"{name}.log").read_text("utf-8")[-2000:]
            assert time.monotonic() < deadline, f"{name} does not answer"
            time.sleep(0.3)

    @property
    def web_url(self) -> str:
        """Where members ask."""
        return f"http://127.0.0.1:{self.web_port}"


def _measure(world: _World, number: int, rasas: list[psutil.Process], options: argparse.Namespace) -> Json:
    first = " ".join(world.settings.rasa_urls[:number])
    with world.running("web", rasa_url=first, turns_at_once=str(_TURNS_A_RASA)) as web:
        world.wait_for("web", web)
        processes = {"rasa": rasas[:number], "web": [web]}
        begin, texts = ours(world.web_url), endless()
        asyncio.run(ask_for(5.0, begin, options.users, texts))
        before = costs.cpu(processes)
        found: Slice = asyncio.run(ask_for(options.seconds, begin, options.users, texts))
        spent = costs.between(before, costs.cpu(processes))
    told = {"rasas": number, "seconds": found.seconds, "waits": found.milliseconds, "spent": spent}
    print(f"{number}: {found.per_second:.1f}/s, {dict(found.failures)}, CPU s {spent}", file=sys.stderr, flush=True)
    return told | {"failed": sum(found.failures.values())}


def _level(number: int, rounds: list[Json]) -> Json:
    mine = [each for each in rounds if each["rasas"] == number]
    waits = sorted(wait for each in mine for wait in each["waits"])
    spent = sum((Counter(each["spent"]) for each in mine), Counter[str]())
    return {
        "rasas": number,
        "n": len(waits),
        "failed": sum(each["failed"] for each in mine),
        "per_second": len(waits) / sum(each["seconds"] for each in mine),
        "p50": waits[len(waits) // 2],
        "p95": waits[int(len(waits) * 0.95)],
        "cpu_ms_a_turn": {name: 1000 * seconds / max(1, len(waits)) for name, seconds in spent.items()},
    }


if __name__ == "__main__":
    main()
