"""The folder of period keys: on the disk before use, the same for all processes, gone for good when destroyed."""

from __future__ import annotations

import os
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from bot.errors import BadInputError
from bot.storage.encryption import KeyIsUnknownError, Vault
from bot.storage.keyring import BY_PERIOD, BY_SETTINGS, Key, Keyring
from bot.storage.period_keys import PeriodKeyIsYoungError, PeriodKeys

_NOW, _NEXT, _HASH = b"n" * 32, b"x" * 32, b"h" * 32
_PLACE = {"table": "transcript", "row": "r1", "column": "sealed_message"}


class Hand:
    """A clock that is moved by hand."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 26, 14, 59, tzinfo=UTC)  # a minute before midnight in Japan

    def __call__(self) -> datetime:
        return self.now


def vault(folder: Path, clock: Hand, *keys: bytes) -> Vault:
    current, *before = keys or (_NOW,)
    return Vault(current, _HASH, keys_before=before, period_keys_dir=folder, clock=clock)


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.glob("*.key"))


def test_each_table_and_japanese_day_has_a_key(tmp_path: Path) -> None:
    clock = Hand()
    opened = vault(tmp_path, clock)
    sealed = [opened.seal("山田", **_PLACE), opened.seal("山田", **_PLACE | {"table": "inbox"})]
    clock.now += timedelta(minutes=2)
    sealed.append(opened.seal("山田", **_PLACE))

    assert names(tmp_path) == [
        "inbox.2026-11-26.2026-11-26.key",
        "transcript.2026-11-26.2026-11-26.key",
        "transcript.2026-11-27.2026-11-27.key",
    ]
    assert len({one[:9] for one in sealed}) == 3
    assert all((path.stat().st_mode & 0o777) == 0o600 for path in tmp_path.glob("*.key"))


def test_a_key_of_the_settings_names_the_period_keys_that_it_opens(tmp_path: Path) -> None:
    clock = Hand()
    opened = vault(tmp_path, clock)
    sealed = opened.seal("山田", **_PLACE)
    rotated = vault(tmp_path, clock, _NEXT, _NOW)
    period_keys = rotated.period_keys
    assert period_keys is not None

    assert [key.header for key in period_keys.wrapped_by(Key(_NOW).name)] == [sealed[:9]]
    assert period_keys.wrapped_by(Key(_NEXT).name) == []
    period_keys.rewrap()
    assert [key.header for key in period_keys.wrapped_by(Key(_NEXT).name)] == [sealed[:9]]


def test_what_is_sealed_beside_the_columns_stays_with_the_settings_key(tmp_path: Path) -> None:
    opened = vault(tmp_path, Hand())

    assert opened.seal("山田", table="cookie", row="r", column="begun")[:1] == BY_SETTINGS
    assert opened.seal("山田", **_PLACE)[:1] == BY_PERIOD


def test_another_process_opens_what_was_sealed_after_it_started(tmp_path: Path) -> None:
    clock = Hand()
    other = vault(tmp_path, clock)
    other.seal("早く", **_PLACE)
    clock.now += timedelta(days=1)
    sealed = vault(tmp_path, clock).seal("山田", **_PLACE)

    assert other.open(sealed, **_PLACE) == "山田"


def test_all_who_need_the_first_key_of_a_day_at_once_get_the_same(tmp_path: Path) -> None:
    clock = Hand()
    vaults = [vault(tmp_path, clock) for _ in range(16)]
    with ThreadPoolExecutor(16) as threads:
        sealed = list(threads.map(lambda one: one.seal("山田", **_PLACE), vaults))

    assert len({one[:9] for one in sealed}) == 1
    assert len(names(tmp_path)) == 1
    assert not list(tmp_path.glob(".unfinished-*"))


def test_a_file_under_another_name_is_no_key(tmp_path: Path) -> None:
    clock = Hand()
    sealed = vault(tmp_path, clock).seal("山田", **_PLACE)
    (tmp_path / names(tmp_path)[0]).rename(tmp_path / "inbox.2026-11-26.2026-11-26.key")
    opened = vault(tmp_path, clock)

    with pytest.raises(KeyIsUnknownError):
        opened.open(sealed, **_PLACE)
    with pytest.raises(BadInputError, match=r"inbox\.2026-11-26"):
        opened.seal("山田", **_PLACE | {"table": "inbox"})


def test_a_new_settings_key_wraps_every_file_and_the_values_stay(tmp_path: Path) -> None:
    clock = Hand()
    sealed = vault(tmp_path, clock).seal("山田", **_PLACE)
    before = (tmp_path / names(tmp_path)[0]).read_bytes()
    keys = vault(tmp_path, clock, _NEXT, _NOW).period_keys
    assert keys is not None

    assert [keys.rewrap(), keys.rewrap()] == [1, 0]
    assert (tmp_path / names(tmp_path)[0]).read_bytes() != before
    assert vault(tmp_path, clock, _NEXT).open(sealed, **_PLACE) == "山田"
    with pytest.raises(KeyIsUnknownError):
        vault(tmp_path, clock, _NOW).open(sealed, **_PLACE)


def test_files_that_no_set_key_opens_are_named(tmp_path: Path) -> None:
    vault(tmp_path, Hand()).seal("山田", **_PLACE)

    assert PeriodKeys(tmp_path, Keyring(_NEXT), Hand()).unopened() == names(tmp_path)


def test_a_destroyed_key_is_gone_from_every_link_to_its_file(tmp_path: Path) -> None:
    clock = Hand()
    sealed = vault(tmp_path, clock).seal("山田", **_PLACE)
    os.link(tmp_path / names(tmp_path)[0], tmp_path / "kept")
    clock.now += timedelta(days=2)
    opened = vault(tmp_path, clock)
    assert opened.period_keys is not None
    (doomed,) = opened.period_keys.look()
    opened.period_keys.destroy(doomed)

    assert names(tmp_path) == []
    assert not any((tmp_path / "kept").read_bytes())
    with pytest.raises(KeyIsUnknownError):
        opened.open(sealed, **_PLACE)


@pytest.mark.parametrize("later", [timedelta(0), timedelta(days=1, hours=23)])
def test_a_young_key_is_not_destroyed(tmp_path: Path, later: timedelta) -> None:
    clock = Hand()
    clock.now += timedelta(minutes=1)  # midnight in Japan
    vault(tmp_path, clock).seal("山田", **_PLACE)
    clock.now += later
    keys = vault(tmp_path, clock).period_keys
    assert keys is not None

    with pytest.raises(PeriodKeyIsYoungError):
        keys.destroy(keys.look()[0])
    assert len(names(tmp_path)) == 1


def test_what_outlives_its_key_goes_to_another_of_the_same_day(tmp_path: Path) -> None:
    clock = Hand()
    sealed = vault(tmp_path, clock).seal("山田", **_PLACE)
    clock.now += timedelta(days=5)
    opened = vault(tmp_path, clock)
    resealed = opened.reseal(sealed, **_PLACE)
    assert opened.period_keys is not None
    found = opened.period_keys.find(resealed[:9])

    assert opened.open(resealed, **_PLACE) == "山田"
    assert found is not None
    assert (found.day, found.made) == (date(2026, 11, 26), date(2026, 12, 1))


def test_leftovers_of_dead_processes_go(tmp_path: Path) -> None:
    clock = Hand()
    opened = vault(tmp_path, clock)
    opened.seal("山田", **_PLACE)
    half, fresh = tmp_path / ".unfinished-a", tmp_path / ".unfinished-b"
    half.write_bytes(b"x")
    fresh.write_bytes(b"x")
    os.utime(half, (time.time() - 7200, time.time() - 7200))
    (tmp_path / "inbox.2026-11-01.2026-11-01.key").write_bytes(bytes(100))
    assert opened.period_keys is not None
    opened.period_keys.tidy()

    assert sorted(path.name for path in tmp_path.iterdir()) == [fresh.name, "transcript.2026-11-26.2026-11-26.key"]


def test_a_folder_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    with pytest.raises(BadInputError, match="not there"):
        vault(tmp_path / "volume", Hand())
    assert not (tmp_path / "volume").exists()
