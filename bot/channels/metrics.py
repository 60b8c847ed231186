"""What this process counts about itself; no label ever holds anything of a member."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Histogram

_TURN_SECONDS = (0.025, 0.05, 0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 6.4, 12.8)


class Metrics:
    """The counters of one process in a registry of their own, so that several gateways can live in one test run."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.turns = Counter(
            "madoguchi_turns", "Turns by channel and outcome.", ["channel", "outcome"], registry=self.registry
        )
        self.turn_seconds = Histogram(
            "madoguchi_turn_seconds",
            "Seconds from the call of Rasa to the stored answer.",
            buckets=_TURN_SECONDS,
            registry=self.registry,
        )
        self.masked = Counter("madoguchi_masked", "Personal data taken out of texts.", registry=self.registry)
        self.sent = Counter(
            "madoguchi_sent", "Notices by channel and outcome.", ["channel", "outcome"], registry=self.registry
        )
        self.rate_refused = Counter(
            "madoguchi_rate_refused", "What a limit refused, by its name.", ["limit"], registry=self.registry
        )
        self.rate_errors = Counter(
            "madoguchi_rate_limit_errors",
            "What could not be counted: chats were let through, codes were not.",
            ["limit"],
            registry=self.registry,
        )
        self.unlisted = Counter(
            "madoguchi_deletions_unlisted",
            "Deletions that are not on the list which a restored backup is held against.",
            registry=self.registry,
        )
