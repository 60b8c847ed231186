"""The limiter of chats: what it counts, and what it does when it cannot."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from limits.aio.storage import MemoryStorage
from limits.errors import StorageError
from structlog.testing import capture_logs

from bot.app import build_app
from bot.channels.gateway import open_gateway
from bot.channels.metrics import Metrics
from bot.channels.rates import limiter as limiter_module
from bot.channels.rates.limit import Limit, LimitIsReachedError
from bot.channels.rates.limiter import Limiter, open_storage
from bot.channels.rates.moments import Moments
from bot.clock import system_clock
from bot.errors import BadInputError
from bot.settings import Settings
from tests.support.channel_gateway import channel_settings

NOW = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)
SESSION, EVERYBODY = (Limit.SESSION_MESSAGES, "s"), (Limit.ALL_MESSAGES, "")


class AwayStorage(MemoryStorage):
    """As a server that nobody answers at."""

    async def acquire_entry(self, *_key: Any, **_amount: Any) -> bool:  # noqa: ANN401 - whatever is asked
        raise StorageError(ConnectionError("away"))

    async def get_moving_window(self, *_key: Any) -> tuple[float, int]:  # noqa: ANN401 - as above
        raise StorageError(ConnectionError("away"))


class HangingStorage(MemoryStorage):
    """As a server that takes the connection and says nothing."""

    async def get_moving_window(self, *_key: Any) -> tuple[float, int]:  # noqa: ANN401 - whatever is asked
        await asyncio.Event().wait()
        raise AssertionError


def settings(**changes: str) -> Settings:
    return channel_settings(Path("unused"), **changes)


def limiter(storage: MemoryStorage | None = None, **changes: str) -> tuple[Limiter, Metrics]:
    metrics, clock = Metrics(), lambda: NOW
    return Limiter(settings(**changes), storage or Moments(clock), metrics=metrics, clock=clock), metrics


def counted(metrics: Metrics, name: str, limit: Limit) -> float:
    return metrics.registry.get_sample_value(f"madoguchi_{name}_total", {"limit": limit}) or 0.0


async def test_the_limit_is_named_with_the_seconds_to_wait() -> None:
    counting, metrics = limiter(rate_session_messages="2/minute")
    for _ in range(2):
        await counting.admit(SESSION, EVERYBODY)

    with pytest.raises(LimitIsReachedError) as refusal:
        await counting.admit(SESSION, EVERYBODY)

    assert (refusal.value.limit, refusal.value.seconds) == (Limit.SESSION_MESSAGES, 60)
    assert "60秒ほどおいて、もう一度" in str(refusal.value)
    assert counted(metrics, "rate_refused", Limit.SESSION_MESSAGES) == 1
    await counting.admit((Limit.SESSION_MESSAGES, "another"), EVERYBODY)


async def test_who_is_over_the_own_limit_takes_nothing_of_everybodys() -> None:
    counting, metrics = limiter(rate_session_messages="1/minute", rate_all_messages="2/minute")
    await counting.admit(SESSION, EVERYBODY)
    for _ in range(5):
        with pytest.raises(LimitIsReachedError):
            await counting.admit(SESSION, EVERYBODY)

    await counting.admit((Limit.SESSION_MESSAGES, "another"), EVERYBODY)
    with pytest.raises(LimitIsReachedError):
        await counting.admit((Limit.SESSION_MESSAGES, "a third"), EVERYBODY)
    assert counted(metrics, "rate_refused", Limit.ALL_MESSAGES) == 1


async def test_an_empty_limit_is_none() -> None:
    counting, _ = limiter(rate_session_messages="", rate_all_messages="")
    for _ in range(1000):
        await counting.admit(SESSION, EVERYBODY)


async def test_the_longest_wait_of_several_windows_is_told() -> None:
    counting, _ = limiter(rate_session_messages="1/minute; 1/hour")
    await counting.admit(SESSION)
    with pytest.raises(LimitIsReachedError) as refusal:
        await counting.admit(SESSION)
    assert refusal.value.seconds == 3600
    assert "60分ほどおいて" in str(refusal.value)


@pytest.mark.parametrize("storage", [AwayStorage, HangingStorage])
async def test_without_storage_chats_go_on_and_it_is_counted_and_told_once(
    monkeypatch: pytest.MonkeyPatch, storage: type[MemoryStorage]
) -> None:
    monkeypatch.setattr(limiter_module, "_PATIENCE_SECONDS", 0.001)
    counting, metrics = limiter(storage(), rate_session_messages="1/minute")

    with capture_logs() as logs:
        for _ in range(3):
            await counting.admit(SESSION, EVERYBODY)

    assert counted(metrics, "rate_limit_errors", Limit.SESSION_MESSAGES) == 3
    assert [line["event"] for line in logs] == ["rate_storage_away"]


async def test_once_a_minute_and_not_at_all_without_storage() -> None:
    counting, _ = limiter()
    assert [await counting.is_first("m"), await counting.is_first("m"), await counting.is_first("n")] == [
        True,
        False,
        True,
    ]
    away, _ = limiter(AwayStorage())
    assert not await away.is_first("m")


async def test_the_librarys_own_storages_can_be_named() -> None:
    named = settings(rate_storage_url="async+memory://", rate_session_messages="1/minute")
    counting = Limiter(named, open_storage(named, system_clock), metrics=Metrics(), clock=system_clock)
    await counting.admit(SESSION)
    with pytest.raises(LimitIsReachedError) as refusal:
        await counting.admit(SESSION)
    assert timedelta(0) < timedelta(seconds=refusal.value.seconds) <= timedelta(minutes=1)


@pytest.mark.parametrize("url", ["memory://", "nowhere://x", "redis", "async+redis://user:secret@host:port"])
def test_a_storage_that_cannot_be_used_keeps_the_process_from_starting(url: str) -> None:
    with pytest.raises(BadInputError, match="MADOGUCHI_RATE_STORAGE_URL") as refusal:
        open_storage(settings(rate_storage_url=url), lambda: NOW)
    assert "secret" not in str(refusal.value)


def test_the_gateway_is_not_built_without_the_storage_it_was_told_to_use(tmp_path: Path) -> None:
    database_url = f"sqlite:///{tmp_path / 'madoguchi.db'}"
    gateway = open_gateway(settings(database_url=database_url, rate_storage_url="async+nowhere://"))
    with pytest.raises(BadInputError, match="MADOGUCHI_RATE_STORAGE_URL"):
        build_app(gateway)


def test_every_limit_has_a_setting_of_its_name_and_a_reason_to_tell() -> None:
    assert {f"rate_{limit}" for limit in Limit} <= set(Settings.model_fields)
    for limit in Limit:
        assert limit.rates(settings())
        assert str(LimitIsReachedError(limit, 100)).endswith("。2分ほどおいて、もう一度お試しください。")
    assert "3時間ほど" in str(LimitIsReachedError(Limit.ADDRESS_CODE_TRIES, 2 * 3600 + 1))
