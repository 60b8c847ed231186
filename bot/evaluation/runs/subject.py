"""What a run is about: which texts answer, by which code; a figure says nothing without them."""

from __future__ import annotations

import importlib.metadata
import subprocess
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Literal

Sort = Literal["live", "candidate", "release"]

TITLES: dict[str, str] = {"live": "公開中", "candidate": "公開候補", "release": "過去の公開"}

_ROOT = Path(__file__).parents[3]


@dataclass(frozen=True)
class Subject:
    """One corpus that answers.

    Attributes:
        sort: what is published, what waits to be, or what was published before.
        policy: id of the policy.
        version: of the policy's text.
        digest: names exactly these files.
        release: number of the release; None for a candidate, and where nothing was ever published from the console.
        corpus: folder of the files; None for that of the settings.
    """

    sort: Sort
    policy: str
    version: str
    digest: str
    release: int | None = None
    corpus: Path | None = None

    @property
    def title(self) -> str:
        """公開中（公開番号 3）."""
        title = TITLES[self.sort]
        return title if self.release is None else f"{title}（公開番号 {self.release}）"


@lru_cache(maxsize=1)
def code_version() -> str:
    """The commit that runs, marked when files differ from it; where there is no repository, the package's version."""
    try:
        told = subprocess.run(
            ["git", "describe", "--always", "--dirty", "--tags"],
            cwd=_ROOT,
            capture_output=True,
            text=True,
            check=True,
            timeout=10,
        )
    except (OSError, subprocess.SubprocessError):
        return importlib.metadata.version("madoguchi")
    return told.stdout.strip()[:64]
