"""Adds the digest of an hour: the heads that changed since the last one, signed, in a file of its own."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from sqlalchemy.orm import Session

from bot.crash_points import CrashPoint, crash_point
from bot.errors import UnavailableError
from bot.register.digests.files import (
    Digest,
    file_hash,
    hour_in,
    hour_of,
    name_of,
    public_key,
    read_digest,
    write_digest,
)
from bot.register.digests.folder import Folder, add_file, digest_files
from bot.register.digests.heads import Changes, KnownHead, compare, heads_now

_KNOWN = "known-"
_NONE = "none"


class DigestsAreGoneError(UnavailableError):
    """The folder is not there, or the last digest is not in it; nothing is added to what may be another folder."""


def make_digest(session: Session, folder: Folder, *, now: datetime) -> Path | None:
    """Writes the digest of this hour, unless it or a later one is there.

    What all digests together know is kept beside them on this machine, one line a chain, so that a million heads are
    compared without holding them. Without that file it is put together from the digests.

    Args:
        session: one that only reads.
        folder: where it goes.
        now: the present moment.

    Returns:
        The file, if it was written now.

    Raises:
        DigestsAreGoneError: the folder is not the one that was written to last.
        DigestIsForgedError: what the digests know has to be put together, and one of them is not what was signed.
        OSError: it cannot be written.
    """
    last = _last(folder)
    hour = hour_of(now)
    if last is not None and (hour_in(last.name) or hour) >= hour:
        return None
    previous = None if last is None else file_hash(last.read_bytes())
    known = _known_after(folder, previous)
    handle, name = tempfile.mkstemp(prefix=".writing-", dir=folder.cache, text=True)
    scratch = Path(name)
    try:
        with os.fdopen(handle, "w", encoding="ascii") as lines:
            changes = compare(_read(known), heads_now(session), lines.write)
        content = write_digest(_digest(changes, hour, now, previous, public_key(folder.key)), folder.key)
        place = folder.place / name_of(hour)
        add_file(place, content)
        crash_point(CrashPoint.DIGEST_BEFORE_KNOWN)
        scratch.replace(_cached(folder, file_hash(content)))
    finally:
        scratch.unlink(missing_ok=True)
    known.unlink(missing_ok=True)
    return place


def _digest(changes: Changes, hour: datetime, now: datetime, previous: str | None, key: str) -> Digest:
    return Digest(
        hour=hour,
        at=now,
        chains=changes.chains,
        events=changes.events,
        heads_sha256=changes.sha256,
        changed=changes.changed,
        gone=changes.gone,
        previous=previous,
        key=key,
    )


def _last(folder: Folder) -> Path | None:
    try:
        files = list(digest_files(folder.place))
    except OSError as error:
        raise DigestsAreGoneError(f"digests: {folder.place} cannot be read ({type(error).__name__})") from error
    # A mount that is not there leaves an empty folder, and beginning anew in it would pass for a whole chain.
    seen = {path.stem.removeprefix(_KNOWN) for path in folder.cache.glob(f"{_KNOWN}*")} - {_NONE}
    if seen and not any(file_hash(path.read_bytes()) in seen for path in reversed(files)):
        raise DigestsAreGoneError(f"digests: the last one that was written is not in {folder.place}")
    return files[-1] if files else None


def _known_after(folder: Folder, previous: str | None) -> Path:
    """The file with the heads that the digests up to this one know, put together anew where it is missing."""
    folder.cache.mkdir(parents=True, exist_ok=True)
    known = _cached(folder, previous or _NONE)
    if known.exists():
        return known
    heads: dict[str, KnownHead] = {}
    for path in digest_files(folder.place):
        digest = read_digest(path.read_bytes(), folder.keys)
        heads.update((head.chain, head) for head in digest.changed)
        for chain in digest.gone:
            heads.pop(chain, None)
    for other in folder.cache.glob(f"{_KNOWN}*"):
        other.unlink()
    known.write_text("".join(head.line for head in sorted(heads.values(), key=lambda head: head.key)), "ascii")
    return known


def _cached(folder: Folder, previous: str) -> Path:
    return folder.cache / f"{_KNOWN}{previous}.txt"


def _read(known: Path) -> Iterator[KnownHead]:
    with known.open(encoding="ascii") as lines:
        yield from map(KnownHead.read, lines)
