"""Keys that can be destroyed: one for each table and day, in files outside the database.

PostgreSQL keeps deleted rows in heap and log for as long as it likes, and every dump keeps them longer. What a day's
key has sealed is gone everywhere at once when its file is. The file holds the key sealed with the settings' key, bound
to the file's name: `<table>.<day of its rows>.<day it was made>.key`.

A day has a second key, made later, when rows of the day outlive the first. No key is destroyed within two days of its
making: whoever seals takes a key of today, so that nobody can still be sealing with one that goes.
"""

from __future__ import annotations

import fcntl
import os
import re
import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from cryptography.exceptions import InvalidTag

from bot.clock import Clock, in_tokyo
from bot.errors import BadInputError
from bot.storage.keyring import BY_PERIOD, HEADER_BYTES, KEY_BYTES, Key, Keyring, name_of
from bot.storage.whole_files import reach_disk

_NAME = re.compile(r"(?P<table>[a-z0-9_]+)\.(?P<day>\d{4}-\d\d-\d\d)\.(?P<made>\d{4}-\d\d-\d\d)\.key", re.ASCII)
_UNFINISHED = ".unfinished-"
_UNFINISHED_SECONDS = 3600
_LEAST_DAYS = 2
_OURS_ALONE = 0o600


class PeriodKeyIsYoungError(BadInputError):
    """The key may still be sealing; nothing was destroyed."""


@dataclass(frozen=True)
class PeriodKey:
    """The key of one table's day, and the name of its file."""

    name: str
    table: str
    day: date
    made: date
    key: Key

    def is_old(self, today: date) -> bool:
        """Whether nobody seals with it any more."""
        return (today - self.made).days >= _LEAST_DAYS


class PeriodKeys:
    """The folder of period keys. Any number of processes may use it at once."""

    def __init__(self, folder: Path, keyring: Keyring, clock: Clock) -> None:
        # Making it would be worse than refusing: keys written beneath a volume that is not mounted are lost with it.
        if not folder.is_dir():
            raise BadInputError(f"the folder of period keys {folder} is not there")
        self._folder = folder
        self._keyring = keyring
        self._clock = clock
        self._found: dict[str, PeriodKey] = {}
        self._by_header: dict[bytes, PeriodKey] = {}
        self._sealing: dict[str, PeriodKey] = {}
        self._lock = threading.RLock()

    def __repr__(self) -> str:
        return f"PeriodKeys({self._folder})"

    @property
    def today(self) -> date:
        """The day on the Japanese calendar."""
        return in_tokyo(self._clock()).date()

    def of_today(self, table: str) -> Key:
        """The key that seals what the table gets today; it is on the disk before anything is sealed with it."""
        today, known = self.today, self._sealing.get(table)
        if known is None or known.day != today:
            with self._lock:
                self.look()  # what was destroyed meanwhile is no longer opened here either
                known = self._sealing[table] = self._take(table, today, today)
        return known.key

    def heir_of(self, before: PeriodKey) -> Key:
        """The key, made today, for what outlives another key of its day."""
        return self._take(before.table, before.day, self.today).key

    def find(self, header: bytes) -> PeriodKey | None:
        """The key of a header; other processes make keys too, so that a miss looks into the folder again."""
        found = self._by_header.get(header)
        if found is None and header[:1] == BY_PERIOD:
            self.look()
            found = self._by_header.get(header)
        return found

    def look(self) -> list[PeriodKey]:
        """Every key there is now that can be opened; forgets those that have gone."""
        with self._lock:
            names = self._names()
            for gone in self._found.keys() - names:
                self._by_header.pop(self._found.pop(gone).key.header, None)
            for name in names - self._found.keys():
                self._read(name)
            return list(self._found.values())

    def unopened(self) -> list[str]:
        """The names of files that no key of the settings opens."""
        known = {key.name for key in self.look()}
        return sorted(self._names() - known)

    def wrapped_by(self, key_id: str) -> list[Key]:
        """The keys whose files are sealed with this key of the settings: whoever has it and the files has them."""
        return [one.key for one in self.look() if name_of(self._header(one.name) or b"") == key_id]

    def stale(self) -> list[str]:
        """The names of files that a key of before opens."""
        return sorted(key.name for key in self.look() if not self._is_current(key.name))

    def rewrap(self) -> int:
        """Seals every file with the current key of the settings; gives how many had another."""
        with self._alone():
            stale = self.stale()
            for name in stale:
                self._rewrap(name)
            reach_disk(self._folder)
        return len(stale)

    def destroy(self, doomed: PeriodKey) -> None:
        """Overwrites a key's file and removes it: what it sealed is gone wherever a copy of it may be.

        Raises:
            PeriodKeyIsYoungError: somebody may be sealing with it at this moment.
        """
        if not doomed.is_old(self.today):
            raise PeriodKeyIsYoungError(f"the key {doomed.key.name} is too young to be destroyed")
        with self._alone():
            with suppress(FileNotFoundError):  # another process was as quick
                with (self._folder / doomed.name).open("r+b") as file:
                    _overwrite(file.fileno())
                (self._folder / doomed.name).unlink()
            reach_disk(self._folder)
        self.look()

    def tidy(self) -> None:
        """Removes what a process that died while writing or destroying has left."""
        for path in self._folder.glob(f"{_UNFINISHED}*"):
            with suppress(FileNotFoundError):
                if path.stat().st_mtime < time.time() - _UNFINISHED_SECONDS:
                    path.unlink()
        for name in self.unopened():
            with suppress(FileNotFoundError):
                if not any((self._folder / name).read_bytes()):
                    (self._folder / name).unlink()

    def _names(self) -> set[str]:
        return {path.name for path in self._folder.iterdir() if _NAME.fullmatch(path.name)}

    def _take(self, table: str, day: date, made: date) -> PeriodKey:
        name = f"{table}.{day}.{made}.key"
        with self._lock:
            if name not in self._found:
                if not (self._folder / name).exists():
                    self._make(name)
                # Also for a key that another process has just made: its entry may not have reached the disk yet.
                reach_disk(self._folder)
                if self._read(name) is None:
                    raise BadInputError(f"the period key {name} cannot be opened with the keys of the settings")
            return self._found[name]

    def _make(self, name: str) -> None:
        unfinished = self._write(self._keyring.current.seal(secrets.token_bytes(KEY_BYTES), name.encode()))
        try:
            # A link never replaces: of all who make the key of a day at the same moment, the first one's counts.
            with suppress(FileExistsError):
                os.link(unfinished, self._folder / name)
        finally:
            unfinished.unlink()

    def _write(self, content: bytes) -> Path:
        path = self._folder / f"{_UNFINISHED}{secrets.token_hex(8)}"
        with open(path, "xb", opener=_for_us_alone) as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        return path

    def _read(self, name: str) -> PeriodKey | None:
        parts = _NAME.fullmatch(name)
        secret = self._secret(name)
        if parts is None or secret is None:
            return None
        day, made = date.fromisoformat(parts["day"]), date.fromisoformat(parts["made"])
        found = PeriodKey(name, parts["table"], day, made, Key(secret, BY_PERIOD))
        self._found[name] = self._by_header[found.key.header] = found
        return found

    def _secret(self, name: str) -> bytes | None:
        # A file that is written anew between opening and reading is overwritten under our hands: there is a newer one.
        return self._secret_once(name) or self._secret_once(name)

    def _secret_once(self, name: str) -> bytes | None:
        try:
            sealed = (self._folder / name).read_bytes()
        except FileNotFoundError:  # destroyed since it was listed
            return None
        key = self._keyring.get(sealed[:HEADER_BYTES])
        if key is None:
            return None
        try:
            return key.open(sealed, name.encode())
        except (InvalidTag, ValueError):  # another file's content
            return None

    def _is_current(self, name: str) -> bool:
        return self._header(name) in (None, self._keyring.current.header)

    def _header(self, name: str) -> bytes | None:
        with suppress(FileNotFoundError), (self._folder / name).open("rb") as file:
            return file.read(HEADER_BYTES)
        return None

    def _rewrap(self, name: str) -> None:
        secret = self._secret(name)
        if secret is None:
            return
        path = self._folder / name
        unfinished = self._write(self._keyring.current.seal(secret, name.encode()))
        with path.open("r+b") as before:
            unfinished.replace(path)
            reach_disk(self._folder)
            _overwrite(before.fileno())

    @contextmanager
    def _alone(self) -> Iterator[None]:
        # Writing a file anew and destroying it exclude each other, or the one would bring back what the other removed.
        with (self._folder / ".lock").open("a") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield


def _for_us_alone(path: str, flags: int) -> int:
    return os.open(path, flags, _OURS_ALONE)


def _overwrite(descriptor: int) -> None:
    os.pwrite(descriptor, bytes(os.fstat(descriptor).st_size), 0)
    os.fsync(descriptor)
