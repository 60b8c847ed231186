"""Which files beside the database belong to a backup, and where they go back to."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

from bot.backup.manifest import Manifest
from bot.settings import Settings

_FILES = "files"


def gather_files(settings: Settings, folder: Path) -> None:
    """Copies what staff and owner keep in files: policies, cases of the console, who works here, the table of proofs.

    Raises:
        OSError: something cannot be copied.
    """
    for name, place in _places(settings).items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        if place.is_dir():
            shutil.copytree(place, folder / name)
        elif place.exists():
            shutil.copyfile(place, folder / name)


def put_back(settings: Settings, folder: Path, manifest: Manifest) -> Iterator[str]:
    """Puts files where there are none; gives a sentence for each that differs, and stays for its owner to compare."""
    for name in manifest.files:
        for root, place in _places(settings).items():
            if name != root and not name.startswith(f"{root}/"):
                continue
            target = place / name.removeprefix(root).lstrip("/")
            if not target.exists():
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(folder / name, target)
            elif target.read_bytes() != (folder / name).read_bytes():
                yield f"{target} is another one than in the backup, and was left as it is"


def _places(settings: Settings) -> dict[str, Path]:
    places = {
        "corpus": settings.corpus_dir,
        "regression": settings.regression_dir,
        "staff.yml": settings.staff_file,
        "proofs.yml": settings.proofs_file,
    }
    return {f"{_FILES}/{name}": place for name, place in places.items() if place is not None}
