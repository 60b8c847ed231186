"""Holds a process to a part of a core, by the kernel's own means: the quota of a control group."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

# The kernel's default of 100 ms would let a turn run through and the next one wait; ten are short beside a turn. A part
# of a period below one millisecond is not taken.
_PERIOD_US, _LEAST_US = 10_000, 1_000
_V1, _V2 = Path("/sys/fs/cgroup/cpu"), Path("/sys/fs/cgroup")


class CannotHoldError(Exception):
    """This machine has no control group that we may write."""


@contextmanager
def held(name: str, pid: int, cores: float) -> Iterator[Path]:
    """While the block runs, the process and its threads get no more than this part of a core; gives its group."""
    group = _root() / f"madoguchi-{name}-{pid}"
    group.mkdir()
    try:
        period = max(_PERIOD_US, round(_LEAST_US / cores))
        _limit(group, round(cores * period), period)
        (group / "cgroup.procs").write_text(str(pid))
        yield group
        (group.parent / "cgroup.procs").write_text(str(pid))
    finally:
        group.rmdir()


def throttled(group: Path) -> float:
    """In which part of the periods so far the process had used up what it may have."""
    told = dict(line.split() for line in (group / "cpu.stat").read_text("utf-8").splitlines())
    return int(told["nr_throttled"]) / max(1, int(told["nr_periods"]))


def means() -> str:
    """By what processes are held on this machine."""
    return "cgroup v1, cpu.cfs_quota_us" if _root() == _V1 else "cgroup v2, cpu.max"


def _root() -> Path:
    if (_V1 / "cpu.cfs_quota_us").exists() or (_V1 / "cpu.cfs_period_us").exists():
        return _V1
    controllers = _V2 / "cgroup.subtree_control"
    if controllers.exists() and "cpu" in controllers.read_text("utf-8").split():
        return _V2
    raise CannotHoldError("no control group for cpu can be written; as root on cgroup v1, or v2 with cpu delegated")


def _limit(group: Path, quota_us: int, period_us: int) -> None:
    if (group / "cpu.max").exists():
        (group / "cpu.max").write_text(f"{quota_us} {period_us}")
        return
    (group / "cpu.cfs_period_us").write_text(str(period_us))
    (group / "cpu.cfs_quota_us").write_text(str(quota_us))
