"""Imported versions that a person still reviews: each in a folder of its own, apart from everything that answers.

A staged version is a corpus of one policy, so that whatever reads a corpus reads it too.
"""

from __future__ import annotations

import json
import re
import secrets
import shutil
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

from bot.console.frame.forms import Upload
from bot.errors import BadInputError
from bot.policy.check import check_policy
from bot.policy.documents import load_policy
from bot.policy.importing import import_policy
from bot.policy.importing.doubts import Doubt
from bot.policy.model import Policy
from bot.storage.whole_files import write_whole

_FOLDER = "staged"
_ABOUT = "about.json"
_ID = re.compile(r"[0-9a-f]{16}")
_BEGINS = re.compile(r"^effective_date:.*\n", re.MULTILINE)
_VERSION_LINE = re.compile(r"^version:.*\n", re.MULTILINE)


class StagedIsUnknownError(BadInputError):
    """There is no such import, or it has been dropped."""


class MarkdownIsWrongError(BadInputError):
    """What a person wrote does not fit the text; the message says where."""


@dataclass(frozen=True)
class Wish:
    """What a file is imported as."""

    policy_id: str
    controller: str
    version: str


@dataclass(frozen=True)
class Staged:
    """One import under review.

    Attributes:
        id: opaque, for addresses.
        folder: a corpus that holds this one version.
        policy: as it loads now.
        doubts: what the importer was unsure about, by its own first reading.
        markdown: the structure, as a person may correct it.
        by: who imported it, as trails call them.
    """

    id: str
    folder: Path
    policy: Policy
    doubts: tuple[Doubt, ...]
    markdown: str
    by: str

    @property
    def files(self) -> dict[str, bytes]:
        """What goes into the policy's folder, by name; the original it was made from stays here."""
        place = self.folder / self.policy.id
        names = (f"{self.policy.version}.txt", f"{self.policy.version}.md")
        return {name: (place / name).read_bytes() for name in names}


class Staging:
    """The folder of all imports under review."""

    def __init__(self, data_dir: Path) -> None:
        self._root = data_dir / _FOLDER

    def add(self, file: Upload, wish: Wish, *, by: str) -> str:
        """Imports a file and gives the id of the import.

        Raises:
            BadInputError: the file holds no text that can be read, or a name cannot be used. Nothing is kept then.
        """
        staged_id = secrets.token_hex(8)
        self._root.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(dir=self._root, prefix=".importing-") as beside:
            # The file's own name is its sender's and might be a path; only its ending says something.
            source = Path(beside) / f"upload{Path(file.name).suffix.lower()[:10]}"
            source.write_bytes(file.content)
            corpus = Path(beside) / "corpus"
            imported = import_policy(
                source, policy_id=wish.policy_id, controller=wish.controller, version=wish.version, corpus=corpus
            )
            about = {
                "policy": imported.policy.id,
                "version": imported.policy.version,
                "doubts": [asdict(doubt) for doubt in imported.doubts],
                "by": by,
            }
            (corpus / _ABOUT).write_text(json.dumps(about, ensure_ascii=False), encoding="utf-8")
            corpus.rename(self._root / staged_id)
        return staged_id

    def find(self, staged_id: str) -> Staged:
        """An import as it is now.

        Raises:
            StagedIsUnknownError: there is none of this id.
        """
        folder = self._folder(staged_id)
        about = json.loads((folder / _ABOUT).read_text(encoding="utf-8"))
        policy = load_policy(folder, about["policy"], about["version"])
        markdown = (folder / policy.id / f"{policy.version}.md").read_text(encoding="utf-8")
        doubts = tuple(Doubt(**doubt) for doubt in about["doubts"])
        return Staged(staged_id, folder, policy, doubts, markdown, about["by"])

    def all(self) -> list[Staged]:
        """Every import under review, by policy and version."""
        if not self._root.is_dir():
            return []
        ids = (path.name for path in self._root.iterdir() if _ID.fullmatch(path.name))
        return sorted((self.find(each) for each in ids), key=lambda staged: (staged.policy.id, staged.policy.version))

    def rewrite(self, staged_id: str, markdown: str, begins: date | None) -> None:
        """Puts a corrected structure in the place of the old one, if it fits the text.

        Args:
            staged_id: the import.
            markdown: the whole file, its head too.
            begins: the day from which the version answers; None: the day that is its name.

        Raises:
            StagedIsUnknownError: there is none of this id.
            MarkdownIsWrongError: it does not fit; the old one stays.
        """
        staged = self.find(staged_id)
        name = Path(staged.policy.id) / f"{staged.policy.version}.md"
        content = with_begin(markdown.replace("\r\n", "\n"), begins).encode()
        # It is tried on a copy: an import that cannot be loaded would keep its whole list from being shown.
        with TemporaryDirectory(dir=self._root, prefix=".trying-") as beside:
            corpus = Path(shutil.copytree(staged.folder, Path(beside) / "corpus"))
            (corpus / name).write_bytes(content)
            findings = _findings(corpus, staged.policy)
        if findings:
            raise MarkdownIsWrongError(findings[0])
        write_whole(staged.folder / name, content)

    def drop(self, staged_id: str) -> None:
        """Forgets an import.

        Raises:
            StagedIsUnknownError: there is none of this id.
        """
        shutil.rmtree(self._folder(staged_id))

    def _folder(self, staged_id: str) -> Path:
        folder = self._root / staged_id
        if not _ID.fullmatch(staged_id) or not folder.is_dir():
            raise StagedIsUnknownError("この取り込みはありません。公開候補に入れたか、取り消されています")
        return folder


def _findings(corpus: Path, policy: Policy) -> list[str]:
    try:
        return [finding.told for finding in check_policy(load_policy(corpus, policy.id, policy.version))]
    except BadInputError as error:
        return [error.told]


def with_begin(markdown: str, begins: date | None) -> str:
    """The structure with this day in its head as the one from which it holds; None takes the day out."""
    without = _BEGINS.sub("", markdown, count=1)
    if begins is None:
        return without
    return _VERSION_LINE.sub(lambda line: f"{line.group()}effective_date: {begins.isoformat()}\n", without, count=1)
