"""Lays a snapshot out as a corpus on disk, so that whatever opens a policy opens a release in the same way.

`<data>/releases/<controller>/<policy>/<digest>/` is a whole corpus: the policy's folder as published, and beside it
links to the other documents of the controller, which have no part in the snapshot. It is written beside its place and
renamed into it, so that a reader sees a whole one or none, and processes that lay it out at once end with one of them.
"""

from __future__ import annotations

import contextlib
import shutil
import tempfile
from pathlib import Path

from bot.policy.documents import full_id
from bot.policy.releases.faults import ReleaseIsDamagedError
from bot.policy.releases.snapshot import Files, digest_of, read_folder
from bot.settings import Settings


def folder_of(settings: Settings, policy_id: str, digest: str) -> Path:
    """The corpus that a snapshot of this digest is laid out as."""
    return settings.data_dir / "releases" / full_id(policy_id) / digest


def lay_out(settings: Settings, policy_id: str, files: Files) -> Path:
    """The corpus of these files, written when it is not there yet; one that was tampered with is written anew.

    Raises:
        ReleaseIsDamagedError: it cannot be written.
    """
    place = folder_of(settings, policy_id, digest_of(files))
    try:
        if not is_laid_out(settings, policy_id, place.name):
            shutil.rmtree(place, ignore_errors=True)
            _write(place, full_id(policy_id), files)
        _link_neighbours(place, settings.corpus_dir, full_id(policy_id))
    except OSError as error:
        raise ReleaseIsDamagedError(f"公開する内容を書き出せません（{type(error).__name__}）") from error
    return place


def is_laid_out(settings: Settings, policy_id: str, digest: str) -> bool:
    """Whether a corpus lies there whose files are exactly those of the digest."""
    place = folder_of(settings, policy_id, digest)
    if not (place / full_id(policy_id)).is_dir():
        return False
    try:
        return digest_of(read_folder(place, policy_id)) == digest
    except (OSError, ValueError):
        return False


def _write(place: Path, policy_id: str, files: Files) -> None:
    place.parent.mkdir(parents=True, exist_ok=True)
    scratch = Path(tempfile.mkdtemp(prefix=".writing-", dir=place.parent))
    try:
        folder = scratch / policy_id
        folder.mkdir(parents=True)
        for name, text in files.items():
            (folder / name).write_bytes(text.encode())
        with contextlib.suppress(OSError):
            # Another process may have put the same corpus there first: a folder that holds something is never replaced.
            scratch.rename(place)
        if not place.is_dir():
            raise OSError(f"{place} could not be written")
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def _link_neighbours(place: Path, corpus: Path, policy_id: str) -> None:
    """Companion documents are looked for beside a policy, in the corpus that it was opened from."""
    controller = corpus.resolve() / policy_id.partition("/")[0]
    if not controller.is_dir():
        return
    for neighbour in controller.iterdir():
        link = place / policy_id.partition("/")[0] / neighbour.name
        if neighbour.is_dir() and not link.exists():
            with contextlib.suppress(FileExistsError):
                link.symlink_to(neighbour, target_is_directory=True)
