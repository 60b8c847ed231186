"""The jobs process: what runs by the clock, in one process at a time however many are started."""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from functools import partial
from typing import TypeVar
from wsgiref.simple_server import WSGIServer

import structlog
from prometheus_client import start_http_server

from bot import logs, spans
from bot.channels import alerting, chores, deletion, delivery, digesting, dispatcher
from bot.channels.beating import BACKUP, Beating
from bot.channels.counting import Counting
from bot.channels.delivery import Sender
from bot.channels.digesting import DIGEST
from bot.channels.forgetting.journal import Journal
from bot.channels.forgetting.rooms import rooms_of
from bot.channels.forgetting.running import PAUSES, PURGE, Forgetting
from bot.channels.gateway import Gateway, open_gateways
from bot.channels.key_keeping import KeyKeeping
from bot.channels.leasing import HeldLease, LeaseIsTakenError, alone
from bot.channels.mail import bounces
from bot.channels.mail import sender as mail
from bot.channels.metrics import registry_of
from bot.channels.reminding import Reminding
from bot.channels.slack import alerts as slack_alerts
from bot.channels.standing import JOBS
from bot.clearance.check import require_cleared
from bot.controllers import load_controllers
from bot.errors import BadInputError, MadoguchiError, UnavailableError
from bot.evaluation.runs.forgetting import trial_rooms
from bot.register.staff import read_staff
from bot.storage.own_rows import across

_T = TypeVar("_T")

log = structlog.get_logger()

_LEASE_SECONDS = 30.0
_ROUND_SECONDS = 2.0
_BAD_INPUT_STATUS = 2

Step = Callable[[], Awaitable[object]]
"""One part of a round."""


async def run(gateway: Gateway, open_senders: Callable[[Gateway], Mapping[str, Sender]]) -> None:
    """Works for one controller round by round until it is cancelled; while another process has the lease it only waits.

    What is sent goes its own way beside the rounds: a server that is away keeps those waiting who are to hear from it,
    and nobody else. A database that is away when this begins is waited for.

    Args:
        gateway: what everything works with.
        open_senders: opens whoever sends.

    Raises:
        BadInputError: a file that the owner keeps for the jobs cannot be used.
    """
    steps = await _once_there(_steps, gateway)
    senders = await _once_there(open_senders, gateway)
    while True:
        try:
            async with alone(gateway, gateway.lease_of(JOBS), seconds=_LEASE_SECONDS) as lease:
                log.info("jobs_active")
                await _work(gateway, steps, senders, lease)
        except LeaseIsTakenError:
            await asyncio.sleep(_ROUND_SECONDS)
        except UnavailableError as error:
            log.warning("jobs_wait_for_database", error=type(error).__name__)
            await asyncio.sleep(_ROUND_SECONDS)
        except Exception:  # whatever else fails for a while must not end the process
            log.exception("jobs_round_failed")
            await asyncio.sleep(_ROUND_SECONDS)


async def _once_there(make: Callable[[Gateway], _T], gateway: Gateway) -> _T:
    """What `make` gives as soon as the database answers that it asks for the list of staff."""
    while True:
        try:
            return await asyncio.to_thread(make, gateway)
        except UnavailableError as error:
            log.warning("jobs_wait_for_database", error=type(error).__name__)
            await asyncio.sleep(_ROUND_SECONDS)


async def _work(gateway: Gateway, steps: Mapping[str, Step], senders: Mapping[str, Sender], lease: HeldLease) -> None:
    beating = Beating(gateway)
    has_digests = gateway.settings.is_first and gateway.settings.digests_dir is not None
    await beating.begin({*steps, PURGE, BACKUP, *([DIGEST] if has_digests else [])})
    sending = asyncio.create_task(delivery.deliver(gateway, senders))
    try:
        await _rounds(steps, lease, beating)
    finally:
        sending.cancel()
        with suppress(asyncio.CancelledError):
            await sending


def _steps(gateway: Gateway) -> dict[str, Step]:
    return _own_steps(gateway) | (_steps_of_installation(gateway) if gateway.settings.is_first else {})


def _own_steps(gateway: Gateway) -> dict[str, Step]:
    return {
        "turns": partial(dispatcher.answer_overdue, gateway),
        "deletion": partial(deletion.delete_expired, gateway),
        "codes": partial(chores.make_codes, gateway),
        "bounces": partial(bounces.read_bounces, gateway),
        "alerts": alerting.open_alerting(gateway).sweep,
        "incidents": Reminding(gateway).sweep,
        "tidying": chores.open_tidying(gateway).sweep,
        "forgetting": open_forgetting(gateway).sweep,
        "journal": Journal(gateway).sweep,
        "figures": Counting(gateway).sweep,
        "keys": KeyKeeping(gateway).sweep,
    }


def _steps_of_installation(gateway: Gateway) -> dict[str, Step]:
    """What is done once for all controllers: a digest holds the ends of everybody's trails."""
    return {"digests": digesting.open_digesting(replace(gateway, engine=across(gateway.engine))).sweep}


def open_forgetting(gateway: Gateway, *, pauses: int = PAUSES) -> Forgetting:
    """Every purge of this controller; it rests after a batch `pauses` times as long as that took."""
    settings, controller = gateway.settings, gateway.controller
    rooms = (*rooms_of(settings, controller), *trial_rooms(settings, controller))
    return Forgetting(gateway, rooms, pauses=pauses)


async def _rounds(steps: Mapping[str, Step], lease: HeldLease, beating: Beating) -> None:
    while True:
        await asyncio.to_thread(lease.prolong)
        async with asyncio.timeout(_LEASE_SECONDS):
            done = [name for name, step in steps.items() if await _take(name, step)]
            await beating.note(done)
        await asyncio.sleep(_ROUND_SECONDS)


async def _take(name: str, step: Step) -> bool:
    try:
        await step()
    except LeaseIsTakenError:  # what it needs is in use: the rest is for the next round
        return True
    except Exception:  # one step's trouble must not keep the others, and with them every mail, from their turn
        log.exception("jobs_step_failed", step=name)
        return False
    return True


def _senders(gateway: Gateway) -> dict[str, Sender]:
    return {
        deletion.RASA: deletion.forgetting(gateway),
        **mail.mailing(gateway),
        **slack_alerts.posting(gateway.settings, partial(read_staff, gateway.settings, gateway.engine)),
    }


async def _serve(*gateways: Gateway) -> None:
    # Each controller has rounds of its own: what keeps one waiting keeps no other.
    work = asyncio.gather(*(run(gateway, _senders) for gateway in gateways))
    loop = asyncio.get_running_loop()
    for signal_number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(signal_number, work.cancel)
    with suppress(asyncio.CancelledError):
        await work
    for gateway in gateways:
        await gateway.close()


def _show_figures(*gateways: Gateway) -> WSGIServer | None:
    """Serves what this process counts (mails sent, turns tried again), where the settings name a port."""
    settings = gateways[0].settings
    shown = registry_of({gateway.controller: gateway.metrics.registry for gateway in gateways})
    if settings.jobs_metrics_port is None:
        return None
    try:
        server, _ = start_http_server(settings.jobs_metrics_port, settings.jobs_metrics_host, shown)
    except OSError as error:
        raise BadInputError(f"MADOGUCHI_JOBS_METRICS_PORT: {error.strerror or type(error).__name__}") from error
    return server


def main() -> None:
    """Runs until a signal ends it; what keeps it from starting is told in one line."""
    try:
        first, *_ = served = load_controllers()
        logs.configure(first.log_level)
        spans.configure(first.traces_url, "jobs", share=first.traces_share)
        for settings in served:
            require_cleared(settings, "jobs")
        gateways = open_gateways(served)
        for gateway in gateways:
            gateway.houses.start()
        _show_figures(*gateways)
        asyncio.run(_serve(*gateways))
    except MadoguchiError as error:
        print(f"jobs: {error}", file=sys.stderr)  # noqa: T201 - a process that cannot start says why
        raise SystemExit(_BAD_INPUT_STATUS) from None


if __name__ == "__main__":
    main()
