"""What this process counts about itself; no label ever holds anything of a member."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from prometheus_client import CollectorRegistry, Counter, Histogram
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

_TURN_SECONDS = (0.025, 0.05, 0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 6.4, 12.8)


class Metrics:
    """The counters of one controller in one process, in a registry of their own."""

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


def registry_of(registries: Mapping[str, CollectorRegistry]) -> CollectorRegistry:
    """What a process shows: as it is when it serves one controller, else all figures with a label `controller`."""
    if len(registries) == 1:
        return next(iter(registries.values()))
    whole = CollectorRegistry()
    whole.register(_Labelled(registries))
    return whole


@dataclass(frozen=True, eq=False)
class _Labelled(Collector):
    """The same figures of several controllers, told apart by a label."""

    registries: Mapping[str, CollectorRegistry]

    def collect(self) -> Iterator[Metric]:
        whole: dict[str, Metric] = {}
        for controller, registry in self.registries.items():
            for metric in registry.collect():
                merged = whole.setdefault(metric.name, Metric(metric.name, metric.documentation, metric.type))
                merged.samples += [
                    sample._replace(labels={**sample.labels, "controller": controller}) for sample in metric.samples
                ]
        yield from whole.values()
