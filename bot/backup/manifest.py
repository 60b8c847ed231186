"""What a backup says of itself: the hash of each of its files, and what the database in it holds, in numbers.

It holds names of keys, which tell nothing of them (`bot.storage.keyring`), and never a key.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from bot.errors import BadInputError

NAME = "manifest.json"
_PIECE = 1 << 20


class BackupIsUnusableError(BadInputError):
    """What is there is no whole backup of ours."""


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class KeptFile(_Part):
    """One file of the backup."""

    bytes: int
    sha256: str


class Heads(_Part):
    """The ends of all trails together, as the hourly digests count them (`bot.register.digests`)."""

    chains: int
    events: int
    sha256: str


class NeededKey(_Part):
    """A key without which some values do not open: its name, and how many; no name for values of before names."""

    name: str
    by_period: bool
    values: int


class LastDigest(_Part):
    """The newest digest that stood in the digests' folder when the backup was begun."""

    name: str
    sha256: str


class Manifest(_Part):
    """The whole of it; `begun_at` is the moment by which everything acknowledged before is in the backup."""

    format: Literal[1] = 1
    id: str = Field(pattern="^[0-9a-f]{32}$")
    begun_at: datetime
    ended_at: datetime
    backend: Literal["sqlite", "postgresql"]
    revision: str
    database: str
    files: dict[str, KeptFile]
    rows: dict[str, int]
    heads: Heads
    last_digest: LastDigest | None
    keys: list[NeededKey]

    @field_validator("files")
    @classmethod
    def _stay_inside(cls, files: dict[str, KeptFile]) -> dict[str, KeptFile]:
        if any(PurePosixPath(name).is_absolute() or ".." in PurePosixPath(name).parts for name in files):
            raise ValueError("a file outside the backup")
        return files


def read_manifest(folder: Path) -> Manifest:
    """The manifest of a backup.

    Raises:
        BackupIsUnusableError: there is none that can be read.
    """
    try:
        return Manifest.model_validate_json((folder / NAME).read_bytes())
    except OSError as error:
        raise BackupIsUnusableError(f"{folder / NAME}: {error.strerror or type(error).__name__}") from None
    except ValidationError:
        raise BackupIsUnusableError(f"{folder / NAME} is no manifest of a backup") from None


def describe(folder: Path, files: list[Path]) -> dict[str, KeptFile]:
    """Size and hash of files below a folder, by their paths in it."""
    return {path.relative_to(folder).as_posix(): _describe(path) for path in sorted(files)}


def broken_files(folder: Path, manifest: Manifest) -> Iterator[str]:
    """One sentence for each file that is not what the manifest says."""
    there = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()} - {NAME}
    for name, said in manifest.files.items():
        if name not in there:
            yield f"{name} is missing"
        elif _describe(folder / name) != said:
            yield f"{name} is not what was written"
    for name in sorted(there - manifest.files.keys()):
        yield f"{name} does not belong to the backup"


def _describe(path: Path) -> KeptFile:
    digest, size = hashlib.sha256(), 0
    with path.open("rb") as file:
        while piece := file.read(_PIECE):
            digest.update(piece)
            size += len(piece)
    return KeptFile(bytes=size, sha256=digest.hexdigest())
