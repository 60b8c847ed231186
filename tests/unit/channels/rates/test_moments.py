"""The storage of one process: what a moving window promises, whatever the times."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st
from limits import parse
from limits.aio.strategies import MovingWindowRateLimiter

from bot.channels.rates.moments import Moments

START = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)


@dataclass
class SetClock:
    now: datetime = START

    def __call__(self) -> datetime:
        return self.now


def let_through(steps: list[int], rate: str) -> list[float]:
    """The seconds at which hits came through that came after so many quarters of a second each."""
    clock = SetClock()
    windows = MovingWindowRateLimiter(Moments(clock))

    async def hit_all() -> list[float]:
        through = []
        for step in steps:
            clock.now += timedelta(seconds=step / 4)
            if await windows.hit(parse(rate), "k"):
                through.append((clock.now - START).total_seconds())
        return through

    return asyncio.run(hit_all())


@given(st.lists(st.integers(0, 300), max_size=80), st.integers(1, 6))
def test_never_more_than_the_rate_in_any_window(steps: list[int], amount: int) -> None:
    through = let_through(steps, f"{amount}/minute")

    for place, begun in enumerate(through):
        assert len([at for at in through[place:] if at < begun + 60]) <= amount


@given(st.lists(st.integers(0, 300), min_size=1, max_size=80), st.integers(1, 6))
def test_whoever_keeps_to_the_rate_is_never_refused(steps: list[int], amount: int) -> None:
    through = let_through(steps, f"{amount}/minute")
    at, refused = 0.0, []
    for step in steps:
        at += step / 4
        if at not in through:
            refused.append(at)

    for moment in refused:
        assert len([other for other in through if moment - 60 < other <= moment]) == amount


async def test_what_is_full_says_when_it_is_free_again() -> None:
    clock = SetClock()
    windows, rate = MovingWindowRateLimiter(Moments(clock)), parse("2/minute")
    await windows.hit(rate, "k")
    clock.now += timedelta(seconds=20)
    await windows.hit(rate, "k")

    stats = await windows.get_window_stats(rate, "k")
    assert (stats.reset_time - clock.now.timestamp(), stats.remaining) == (40.0, 0)

    clock.now += timedelta(seconds=40)
    assert await windows.hit(rate, "k")
    assert not await windows.hit(rate, "k")


async def test_keys_go_when_their_windows_have_passed() -> None:
    clock = SetClock()
    storage = Moments(clock)
    windows = MovingWindowRateLimiter(storage)
    for name in range(50):
        await windows.hit(parse("3/minute"), str(name))
        await windows.get_window_stats(parse("3/hour"), f"only looked at {name}")
    await windows.hit(parse("3/hour"), "long")
    assert len(storage) == 51

    clock.now += timedelta(minutes=2)
    await windows.hit(parse("3/minute"), "new")
    assert len(storage) == 2
