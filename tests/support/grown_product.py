"""The grown layout as `make run-grown` starts it: real processes on ports of the test's own, on a PostgreSQL server."""

from __future__ import annotations

import re
import secrets
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import sqlalchemy as sa

from tests.support.postgres import as_superuser, run_server
from tests.support.product import ROOT, START_SECONDS, Product

WEBS, ACTIONS, RASAS = 2, 2, 3
# Below the ports that the system hands out by itself.
_PORTS = range(20000, 30000, 16)


class GrownProduct(Product):
    """Several of each process; `url` is the proxy's."""

    arguments = ("--grown",)

    def __init__(self, folder: Path, database_url: str, tracker_url: str, **settings: str) -> None:
        [first, *_] = free_ports(_PORTS.step)
        self.web_urls = [f"http://127.0.0.1:{first + 11 + number}" for number in range(WEBS)]
        self.database_url = database_url
        places = {"RASA_URL": first + 2, "ACTIONS_URL": first + 5}
        own = {name: f"http://127.0.0.1:{port}" for name, port in places.items()}
        own |= {"WEB_PORT": str(first), "CONSOLE_PORT": str(first + 1), "PUBLIC_URL": f"http://127.0.0.1:{first}"}
        own |= {"DATABASE_URL": database_url, "TRACKER_URL": tracker_url}
        # All members of a test come from one address.
        own |= {"RATE_ADDRESS_SESSIONS": "", "RATE_ADDRESS_MESSAGES": ""}
        super().__init__(folder, **own | settings)
        self.url, self.console_url = (f"http://127.0.0.1:{first + number}" for number in range(2))
        self.rasa_url = own["RASA_URL"]
        self._whole = [f"{url}/readyz" for url in self.web_urls]
        self._whole += [f"{url}/healthz" for url in (self.url, self.console_url)]
        self._whole += [f"http://127.0.0.1:{first + 2 + number}/" for number in range(RASAS)]
        self._whole += [f"http://127.0.0.1:{first + 6 + number}/ready" for number in range(ACTIONS)]

    def is_ready(self) -> bool:
        """Whether every process answers for itself, and each web for all that it needs."""
        return all(map(answers, self._whole))

    def wait_until_ready(self) -> None:
        """Returns as soon as it is."""
        deadline = time.monotonic() + START_SECONDS
        while not self.is_ready():
            assert self.is_running(), self.log()
            assert time.monotonic() < deadline, self.log()
            time.sleep(0.5)

    def process(self, name: str) -> psutil.Process:
        """The process that the supervisor knows by this name, as it last started it."""
        log = (self.folder / "log" / "supervisor.log").read_text("utf-8")
        return psutil.Process(int(re.findall(rf"spawned: '{name}' with pid (\d+)", log)[-1]))

    def roll(self) -> str:
        """`make roll-grown`; gives what it printed."""
        told = subprocess.run(
            [sys.executable, "-m", "bot.launch", "--grown", "--roll"],
            cwd=ROOT,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert told.returncode == 0, told.stdout + told.stderr
        return told.stdout

    def count(self, statement: str) -> int:
        """What a query of the register's database counts, whichever company's rows they are."""
        engine = sa.create_engine(as_superuser(self.database_url))
        with engine.connect() as connection:
            found = int(connection.execute(sa.text(statement)).scalar_one())
        engine.dispose()
        return found


@contextmanager
def grown_product(folder: Path, programs: Path, **settings: str) -> Iterator[GrownProduct]:
    """One that runs, with a server of its own whose commits wait for the disk."""
    with run_server(programs, durable=True) as url:
        engine = sa.create_engine(url, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.execute(sa.text("CREATE DATABASE tracker"))
        engine.dispose()
        tracker = url.replace("postgresql+psycopg:", "postgresql:").replace("/postgres?", "/tracker?")
        product = GrownProduct(folder, url, tracker, **settings)
        product.start()
        try:
            yield product
        finally:
            product.stop()


def answers(url: str) -> bool:
    """Whether there is somebody who says 200."""
    try:
        with urllib.request.urlopen(url, timeout=10) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def free_ports(number: int) -> list[int]:
    """So many ports side by side that nobody listens at; sixteen at most."""
    while True:
        first = secrets.choice(_PORTS)
        block = range(first, first + _PORTS.step)
        if all(map(_is_free, block)):
            return list(block[:number])


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
