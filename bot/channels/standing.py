"""How long what waits has waited: asked of the database when somebody scrapes, the same whoever of us is asked.

Every label is one of our own words: a channel, a state, a clock, a job. While the database is away nobody knows, so
that these figures are not there (NaN), and all others still are.
"""

from __future__ import annotations

import math
import threading
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from time import monotonic

from prometheus_client import CollectorRegistry, Gauge
from sqlalchemy import Engine

from bot.clock import Clock
from bot.errors import UnavailableError
from bot.register.backlog import backlog
from bot.storage import inbox, leases, outbox
from bot.storage.beats import last_beats
from bot.storage.engine import reading

JOBS = "jobs"
"""The lease of the one process that works by the clock, for the first controller."""

CHANNELS = ("line", "slack", "slack_alerts", "mail", "rasa")
"""Those that notices wait for; one without any has 0."""

_FRESH_SECONDS = 5.0


class _Gauges:
    def __init__(self, registry: CollectorRegistry) -> None:
        def gauge(name: str, told: str, *labels: str) -> Gauge:
            return Gauge(f"madoguchi_{name}", told, labels, registry=registry)

        self.turns = gauge("turns_waiting", "Turns without an answer.")
        self.oldest_turn = gauge("oldest_turn_seconds", "Age of the oldest turn without an answer; 0: there is none.")
        self.notices = gauge("notices_waiting", "Notices that should have gone out by now.", "channel")
        self.oldest_notice = gauge("oldest_notice_seconds", "Age of the oldest of them.", "channel")
        self.given_up = gauge("notices_given_up", "Notices that cannot be delivered, as long as they are known.")
        self.requests = gauge("requests_open", "Requests that have not come to their end.", "state")
        self.overdue = gauge("requests_overdue", "Requests without an answer, past two weeks.", "clock")
        self.alerts = gauge("alerts_open", "Alerts to staff that nobody has taken up.", "sort")
        self.broken = gauge("trail_broken_places", "Broken places that the last look at the trails found.")
        self.held = gauge("jobs_held", "Whether some process works by the clock.")
        self.tasks = gauge("task_age_seconds", "Seconds since what recurs was last done.", "task")


@dataclass
class Standing:
    """The figures of one database; who scrapes at the same moment, or again within seconds, gets the same look."""

    engine: Engine
    controller: str
    clock: Clock
    registry: CollectorRegistry
    jobs_lease: str = JOBS
    _gauges: _Gauges = field(init=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, init=False)
    _looked_at: float = field(default=-math.inf, init=False)

    def __post_init__(self) -> None:
        self._gauges = _Gauges(self.registry)

    def look(self) -> None:
        """Brings the figures up to date."""
        with self._lock:
            if monotonic() - self._looked_at < _FRESH_SECONDS:
                return
            try:
                self._look(self.clock())
            except UnavailableError:
                self._forget()
            self._looked_at = monotonic()

    def _look(self, now: datetime) -> None:
        gauges = self._gauges
        with reading(self.engine) as session:
            waiting, oldest = inbox.count_waiting(session), inbox.oldest_waiting(session)
            notices, given_up = outbox.waiting_rows(session, now=now), outbox.count_given_up(session)
            work = backlog(session, now=now)
            is_held = leases.is_held(session, leases.of_company(self.controller, JOBS), now=now)
            beats = last_beats(session, self.controller)
        gauges.turns.set(waiting)
        gauges.oldest_turn.set(_age(oldest, now))
        by_channel = {one.channel: one for one in notices}
        for channel in CHANNELS:
            late = by_channel.get(channel)
            gauges.notices.labels(channel).set(late.count if late else 0)
            gauges.oldest_notice.labels(channel).set(_age(late.oldest if late else None, now))
        gauges.given_up.set(given_up)
        for gauge, counted in (
            (gauges.requests, work.open),
            (gauges.overdue, work.overdue),
            (gauges.alerts, work.alerts),
        ):
            for label, count in counted.items():
                gauge.labels(label).set(count)
        gauges.broken.set(math.nan if work.broken is None else work.broken)
        gauges.held.set(is_held)
        for name, at in beats.items():
            gauges.tasks.labels(name).set(_age(at, now))

    def _forget(self) -> None:
        gauges = self._gauges
        for gauge in (gauges.turns, gauges.oldest_turn, gauges.given_up, gauges.broken, gauges.held):
            gauge.set(math.nan)
        for gauge in (
            gauges.notices,
            gauges.oldest_notice,
            gauges.requests,
            gauges.overdue,
            gauges.alerts,
            gauges.tasks,
        ):
            gauge.clear()


def _age(since: datetime | None, now: datetime) -> float:
    return 0.0 if since is None else max(timedelta(), now - since).total_seconds()
