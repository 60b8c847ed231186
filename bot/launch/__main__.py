"""`make run`: brings everything up under a supervisor, prints the address when it is ready, stops it all on Ctrl-C."""

from __future__ import annotations

import argparse
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from types import FrameType

from bot import settings as configuration
from bot.controllers import load_controllers
from bot.errors import MadoguchiError
from bot.launch import first_admin, local_secrets, ports, processes, readiness, rolling, steps
from bot.launch.grown import Plan, grown, single
from bot.settings import Settings
from bot.storage.encryption import Vault

# A first start on a busy machine embeds every written question before it is ready.
READY_SECONDS = 480.0
# The supervisor ends one process after the other, and gives each up to 25 seconds before it kills it.
STOP_SECONDS = 180.0


class NotReadyError(MadoguchiError):
    """The processes were started, but the product does not answer."""


def main(arguments: list[str] | None = None) -> int:
    """Runs until stopped; the exit status is 0 after a clean stop, 2 when it cannot start."""
    parser = argparse.ArgumentParser(prog="python -m bot.launch", description=__doc__)
    parser.add_argument("--grown", action="store_true", help="several of each process, behind HAProxy, on PostgreSQL")
    parser.add_argument("--roll", action="store_true", help="restart what runs, one process after the other")
    parser.add_argument("--stop", action="store_true", help="stop what an earlier start left running")
    wanted = parser.parse_args(arguments)
    try:
        if wanted.stop:
            return _stop()
        plan_of = grown if wanted.grown else single
        return rolling.roll(plan_of(configuration.load()), say=_say) if wanted.roll else _run(plan_of)
    except MadoguchiError as error:
        print(f"madoguchi: {error}", file=sys.stderr)  # noqa: T201 - the launcher speaks on the terminal
        return 2


def _run(plan_of: Callable[[Settings], Plan]) -> int:
    begun = time.monotonic()
    for name in local_secrets.ensure_local_secrets(configuration.LOCAL_ENV):
        _say(f"made {name} in {configuration.LOCAL_ENV}")
    settings, *further = load_controllers()
    # A wrong key would end four processes again and again before anybody is told why.
    Vault.from_settings(settings)
    plan = plan_of(settings)
    ports.require_free(plan.addresses)
    steps.prepare(settings, *further, say=_say)
    supervisor = _start_supervisor(plan)
    try:
        return _announce_and_wait(supervisor, plan, further, begun)
    finally:
        _end(supervisor)


def _start_supervisor(plan: Plan) -> subprocess.Popen[bytes]:
    settings = plan.settings
    (settings.data_dir / "log").mkdir(parents=True, exist_ok=True)
    # What an earlier run gave up says nothing about this one.
    processes.log_file(settings.data_dir, "supervisor").unlink(missing_ok=True)
    file = settings.data_dir / "supervisord.conf"
    file.write_text(processes.supervisor_configuration(plan.commands, settings.data_dir), "utf-8")
    supervisord = Path(sys.executable).with_name("supervisord")
    *first, last = sorted(plan.commands)
    _say(f"starting {', '.join(first)} and {last}")
    # Its own process group: the Ctrl-C of the terminal reaches this process alone, which then stops the rest in order.
    return subprocess.Popen(
        [supervisord, "-n", "-c", str(file)],
        env=dict(plan.environment),
        stdin=subprocess.DEVNULL,
        process_group=0,
    )


def _announce_and_wait(
    supervisor: subprocess.Popen[bytes], plan: Plan, further: Sequence[Settings], begun: float
) -> int:
    settings, stopping = plan.settings, _catch_signals()
    ready = all(
        readiness.wait_until_ready(
            f"{gateway}/readyz",
            seconds=READY_SECONDS,
            alive=lambda: supervisor.poll() is None and not stopping and not processes.given_up(settings.data_dir),
            report=_say,
        )
        for gateway in plan.gateways
    )
    if not ready and not stopping:
        raise NotReadyError(_why_not_ready(settings, time.monotonic() - begun))
    if ready:
        _say(f"ready after {time.monotonic() - begun:.1f} s: {settings.public_url}")
        _say(f"staff's console: {settings.console_url} (Ctrl-C stops everything)")
        for each in further:
            _say(f"{each.controller}: {each.public_url}, staff's console: {each.console_url}")
        for how in map(first_admin.advice, (settings, *further)):
            if how:
                _say(how)
    while not stopping and supervisor.poll() is None:
        time.sleep(0.2)
    # `make stop` ends the supervisor in order, and that is no failure of this terminal's command.
    return 0 if stopping or supervisor.returncode == 0 else 2


def _why_not_ready(settings: Settings, seconds: float) -> str:
    process = processes.given_up(settings.data_dir)
    if process is None:
        return f"not ready after {seconds:.0f} s; look into {settings.data_dir / 'log'}/"
    said = processes.last_words(settings.data_dir, process)
    return f"{process} does not start: {said} ({processes.log_file(settings.data_dir, process)})"


def _catch_signals() -> list[int]:
    received: list[int] = []

    def note(number: int, _frame: FrameType | None) -> None:
        received.append(number)

    signal.signal(signal.SIGINT, note)
    signal.signal(signal.SIGTERM, note)
    return received


def _end(supervisor: subprocess.Popen[bytes]) -> None:
    if supervisor.poll() is None:
        _say("stopping")
        supervisor.terminate()
        supervisor.wait(STOP_SECONDS)
    _say("stopped")


def _stop() -> int:
    # A demo listens on the same ports, and whoever finds them taken is sent here.
    running = [place for place in (configuration.load().data_dir, processes.DEMO_DIR) if _running_supervisor(place)]
    for data_dir in running:
        _end_supervisor(data_dir)
    _say("stopped" if running else "nothing runs")
    return 0


def _end_supervisor(data_dir: Path) -> None:
    deadline = time.monotonic() + STOP_SECONDS
    pid = _running_supervisor(data_dir)
    if pid is not None:
        os.kill(pid, signal.SIGTERM)
    while _running_supervisor(data_dir) and time.monotonic() < deadline:
        time.sleep(0.1)


def _running_supervisor(data_dir: Path) -> int | None:
    try:
        pid = int(processes.pid_file(data_dir).read_text("utf-8"))
    except (OSError, ValueError):
        return None
    # After a crash the file stays, and the number may belong to a stranger by now: ask what it runs.
    # Twice `w`: else the line is cut at what COLUMNS says, and with it the name of the file.
    shown = subprocess.run(["ps", "-ww", "-o", "command=", "-p", str(pid)], capture_output=True, text=True, check=False)
    return pid if str(data_dir / "supervisord.conf") in shown.stdout else None


def _say(line: str) -> None:
    print(line, flush=True)  # noqa: T201 - the launcher speaks on the terminal


if __name__ == "__main__":
    raise SystemExit(main())
