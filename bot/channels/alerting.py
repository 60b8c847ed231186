"""Alerts by the clock: looks through the register now and then, with the desk's calendar and the list of staff."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache, partial

import structlog

from bot.channels.gateway import Gateway
from bot.channels.pacing import Pace
from bot.channels.slack import alerts as slack_alerts
from bot.desk import is_working_day
from bot.register.alerts.climbing import DeskHours, climb, is_one_late
from bot.register.alerts.watching import is_one_to_tell, watch
from bot.register.staff import read_staff
from bot.storage.engine import reading, transaction

log = structlog.get_logger()

_BETWEEN_SWEEPS = timedelta(minutes=1)
_AT_ONCE = 100


@dataclass
class Alerting:
    """The sweep of one jobs process."""

    gateway: Gateway
    hours: DeskHours
    pace: Pace = field(default_factory=lambda: Pace(_BETWEEN_SWEEPS), init=False)

    async def sweep(self) -> None:
        """Raises and climbs what is due, at most once a minute; what it tells goes out by the outbox."""
        now = self.gateway.clock()
        if self.pace.is_time(now):
            await asyncio.to_thread(self._sweep, now)

    def _sweep(self, now: datetime) -> None:
        # Whoever is invited or leaves at noon is told, or no longer told, from noon on.
        staff = read_staff(self.gateway.settings, self.gateway.engine)
        # Climbing goes first, so that what is raised now is not looked at twice.
        is_working_day = self.hours.is_working_day
        climbed = self._all(
            partial(climb, staff=staff, now=now, hours=self.hours), partial(is_one_late, now=now, hours=self.hours)
        )
        raised = self._all(
            partial(watch, now=now, is_working_day=is_working_day),
            partial(is_one_to_tell, now=now, is_working_day=is_working_day),
        )
        if slack_alerts.is_on(self.gateway.settings):
            self._all(
                partial(slack_alerts.enqueue_posts, now=now, is_working_day=is_working_day),
                partial(slack_alerts.is_one_to_post, now=now),
            )
        if raised or climbed:
            log.info("alerts_told", raised=raised, climbed=climbed)

    def _all(self, some: Callable[..., int], is_one: Callable[..., bool]) -> int:
        """Works in small transactions: on SQLite everybody else who writes waits for each of them.

        Most of the time there is nothing to do, and who only finds that out keeps nobody waiting.
        """
        controller, total = self.gateway.controller, 0
        with reading(self.gateway.engine) as session:
            if not is_one(session, controller=controller):
                return 0
        while True:
            with transaction(self.gateway.engine) as session:
                done = some(session, controller=controller, most=_AT_ONCE)
            total += done
            if done < _AT_ONCE:
                return total


def open_alerting(gateway: Gateway) -> Alerting:
    """The sweep of this installation.

    Raises:
        BadInputError: the list of staff cannot be used.
    """
    desk = gateway.desk
    # A sweep asks for the same few weeks again and again.
    hours = DeskHours(cache(partial(is_working_day, desk)), desk.hours.opens, desk.hours.closes)
    read_staff(gateway.settings, gateway.engine)
    return Alerting(gateway, hours)
