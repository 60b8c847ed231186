"""The jobs process: what runs by the clock, in one process at a time however many are started."""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from functools import partial

import structlog

from bot import logs
from bot.channels import alerting, chores, deletion, delivery, dispatcher
from bot.channels.delivery import Sender
from bot.channels.gateway import Gateway, open_gateway
from bot.channels.leasing import HeldLease, LeaseIsTakenError, alone
from bot.channels.mail import bounces
from bot.channels.mail import sender as mail
from bot.channels.slack import alerts as slack_alerts
from bot.errors import MadoguchiError
from bot.register.staff import load_staff
from bot.settings import load

log = structlog.get_logger()

_LEASE_SECONDS = 30.0
_ROUND_SECONDS = 2.0
_BAD_INPUT_STATUS = 2

Step = Callable[[], Awaitable[object]]
"""One part of a round."""


async def run(gateway: Gateway, senders: Mapping[str, Sender]) -> None:
    """Works round by round until it is cancelled; while another process has the lease it only waits.

    Raises:
        BadInputError: a file that the owner keeps for the jobs cannot be used.
    """
    steps = _steps(gateway, senders)
    while True:
        try:
            async with alone(gateway, "jobs", seconds=_LEASE_SECONDS) as lease:
                log.info("jobs_active")
                await _rounds(steps, lease)
        except LeaseIsTakenError:
            await asyncio.sleep(_ROUND_SECONDS)
        except Exception:  # a database that is away for a while must not end the process
            log.exception("jobs_round_failed")
            await asyncio.sleep(_ROUND_SECONDS)


def _steps(gateway: Gateway, senders: Mapping[str, Sender]) -> dict[str, Step]:
    # What causes notices stands before what sends them.
    steps: dict[str, Step] = {
        "turns": partial(dispatcher.answer_overdue, gateway),
        "deletion": partial(deletion.delete_expired, gateway),
        "codes": partial(chores.make_codes, gateway),
        "bounces": partial(bounces.read_bounces, gateway),
        "alerts": alerting.open_alerting(gateway).sweep,
        "tidying": chores.open_tidying(gateway).sweep,
    }
    for channel, sender in senders.items():
        steps[f"outbox:{channel}"] = partial(delivery.drain, gateway, channel, sender)
    return steps


async def _rounds(steps: Mapping[str, Step], lease: HeldLease) -> None:
    while True:
        await asyncio.to_thread(lease.prolong)
        async with asyncio.timeout(_LEASE_SECONDS):
            for name, step in steps.items():
                await _take(name, step)
        await asyncio.sleep(_ROUND_SECONDS)


async def _take(name: str, step: Step) -> None:
    try:
        await step()
    except LeaseIsTakenError:  # what it needs is in use: the rest is for the next round
        return
    except Exception:  # one step's trouble must not keep the others, and with them every mail, from their turn
        log.exception("jobs_step_failed", step=name)


async def _serve(gateway: Gateway) -> None:
    senders = {
        deletion.RASA: deletion.forgetting(gateway),
        **mail.mailing(gateway),
        **slack_alerts.posting(gateway.settings, load_staff(gateway.settings)),
    }
    work = asyncio.create_task(run(gateway, senders))
    loop = asyncio.get_running_loop()
    for signal_number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(signal_number, work.cancel)
    with suppress(asyncio.CancelledError):
        await work
    await gateway.close()


def main() -> None:
    """Runs until a signal ends it; what keeps it from starting is told in one line."""
    try:
        settings = load()
        logs.configure(settings.log_level)
        asyncio.run(_serve(open_gateway(settings)))
    except MadoguchiError as error:
        print(f"jobs: {error}", file=sys.stderr)  # noqa: T201 - a process that cannot start says why
        raise SystemExit(_BAD_INPUT_STATUS) from None


if __name__ == "__main__":
    main()
