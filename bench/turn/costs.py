"""What processes cost: milliseconds of CPU between two looks, and the memory they hold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import psutil

Processes = Mapping[str, Sequence[psutil.Process]]

# How the processes of the product are told apart: by what is in their command lines.
_OURS = {"web": "bot.app", "actions": "actions", "jobs": "bot.jobs", "console": "bot.console", "rasa": ".venv-rasa"}


def named(processes: Sequence[psutil.Process]) -> dict[str, list[psutil.Process]]:
    """The product's processes by their names; the launcher and the supervisor are told as `launcher`."""
    found: dict[str, list[psutil.Process]] = {}
    for process in processes:
        line = process.cmdline()
        name = next((name for name, mark in _OURS.items() if mark in line or mark in " ".join(line[:2])), "launcher")
        found.setdefault(name, []).append(process)
    return found


def cpu(processes: Processes) -> dict[str, float]:
    """Seconds of CPU so far, by name."""
    return {name: sum(sum(each.cpu_times()[:2]) for each in group) for name, group in processes.items()}


def resident(processes: Processes) -> dict[str, float]:
    """MB held, by name; what forked processes share counts in each."""
    return {name: sum(each.memory_info().rss for each in group) / 1e6 for name, group in processes.items()}


def between(before: Mapping[str, float], after: Mapping[str, float]) -> dict[str, float]:
    """What was spent."""
    return {name: spent - before[name] for name, spent in after.items()}
