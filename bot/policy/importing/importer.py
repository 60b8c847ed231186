"""From a file to a version in the corpus: read, structured, written beside, proven, and only then put in its place."""

from __future__ import annotations

import hashlib
import os
import re
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory

from bot.policy.check import check_policy
from bot.policy.documents import full_id, load_policy
from bot.policy.importing.blocks import Omission
from bot.policy.importing.doubts import Doubt
from bot.policy.importing.facts import effective_date_in, guess_controller
from bot.policy.importing.faults import FileCannotBeReadError, NameIsWrongError, VersionExistsError
from bot.policy.importing.front import Head, front_matter
from bot.policy.importing.lines import Document
from bot.policy.importing.reading import read_document
from bot.policy.importing.structure import Structure, structure_of
from bot.policy.importing.writing import markdown_of
from bot.policy.model import Policy

_RAW_CONTROLLER = "raw"
_RAW_VERSION = "2000-01-01"
_VERSION = re.compile(r"\d{4}-\d{2}-\d{2}")


@dataclass(frozen=True)
class Imported:
    """What was put into the corpus: the policy as it loads, its files, and what a person should look at."""

    policy: Policy
    files: tuple[Path, ...]
    doubts: tuple[Doubt, ...]


@dataclass(frozen=True)
class _Version:
    """One version that is to be written, whose names have been checked."""

    corpus: Path
    policy_id: str
    controller: str
    version: str

    @property
    def folder(self) -> Path:
        return self.corpus / self.policy_id


def import_policy(file: Path, *, policy_id: str, controller: str, version: str, corpus: Path) -> Imported:
    """Imports a file as a new version of a policy.

    Args:
        file: plain text, HTML, Markdown or PDF.
        policy_id: controller or controller/policy.
        controller: the legal name of the company.
        version: a date, YYYY-MM-DD.
        corpus: the folder of the policies; made when it is missing.

    Raises:
        BadInputError: the file holds no text that can be read, a name cannot be used, or the version exists. Nothing
            was written then.
    """
    chosen = _Version(corpus, full_id(policy_id), _checked_controller(controller), _checked_version(version))
    for existing in chosen.folder.glob(f"{version}.*"):
        raise VersionExistsError(existing)
    return _import(file, _content_of(file), chosen)


def import_for_reading(file: Path, corpus: Path) -> str:
    """Imports a file into a corpus that is a cache, and gives the id of the policy there.

    The id is made from what the file holds and from what this importer is: the same file is imported once,
    also when two processes ask for it at the same moment.

    Raises:
        BadInputError: the file holds no text that can be read.
    """
    content = _content_of(file)
    seed = f"{_importer_digest()} {file.suffix.lower()} ".encode()
    policy_id = f"{_RAW_CONTROLLER}/{hashlib.sha256(seed + content).hexdigest()[:24]}"
    chosen = _Version(corpus, policy_id, "", _RAW_VERSION)
    if not (chosen.folder / f"{_RAW_VERSION}.md").is_file():
        try:
            _import(file, content, chosen)
        except VersionExistsError:
            # Another process was faster; what it put there is the same.
            return policy_id
    return policy_id


@lru_cache(maxsize=1)
def _importer_digest() -> str:
    """Of this package's own files: whenever they change, what was imported for reading is made anew."""
    files = sorted(path for path in Path(__file__).parent.rglob("*") if path.suffix in {".py", ".yml"})
    return hashlib.sha256(b"".join(path.read_bytes() for path in files)).hexdigest()


def _checked_controller(controller: str) -> str:
    name = " ".join(controller.split())
    if not name or not name.isprintable():
        raise NameIsWrongError(f"{controller!r} is no controller: give the legal name of the company")
    return name


def _checked_version(version: str) -> str:
    try:
        date.fromisoformat(version)
    except ValueError:
        raise NameIsWrongError(f"{version!r} is no version: a date, written YYYY-MM-DD") from None
    if _VERSION.fullmatch(version) is None:
        raise NameIsWrongError(f"{version!r} is no version: a date, written YYYY-MM-DD")
    return version


def _content_of(file: Path) -> bytes:
    if not file.is_file():
        what = "there is no such file" if not file.exists() else "this is no file"
        raise FileCannotBeReadError(file, what, "ファイルがありません。")
    return file.read_bytes()


def _import(file: Path, content: bytes, chosen: _Version) -> Imported:
    document = read_document(file, content)
    structure = structure_of(document)
    chosen.corpus.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=chosen.corpus, prefix=".importing-") as beside:
        draft = _Version(Path(beside), chosen.policy_id, chosen.controller, chosen.version)
        written = _write(file, content, document, structure, draft)
        policy = load_policy(draft.corpus, draft.policy_id, draft.version)
        findings = check_policy(policy)
        if findings:
            what = f"cannot be imported: {findings[0].line}"
            raise FileCannotBeReadError(file, what, f"取り込めません。{findings[0].told}")
        files = _put(written, chosen.folder)
    return Imported(policy, files, structure.doubts)


def _write(file: Path, content: bytes, document: Document, structure: Structure, draft: _Version) -> list[Path]:
    """Writes every file of the version; the Markdown last, since it makes the version one."""
    draft.folder.mkdir(parents=True)
    source = draft.folder / f"{draft.version}.txt"
    source.write_bytes(document.text.encode())
    written = [source]
    if document.original_suffix:
        original = draft.folder / f"{draft.version}{document.original_suffix}"
        original.write_bytes(content)
        written.append(original)
    head = Head(
        controller=draft.controller or guess_controller(document.text),
        policy=draft.policy_id,
        title=structure.title,
        version=draft.version,
        effective_date=effective_date_in(document.text),
        source=" ".join(file.name.split()),
    )
    omitted = [(block.start, block.end) for block in structure.blocks if isinstance(block, Omission)]
    markdown = draft.folder / f"{draft.version}.md"
    body = markdown_of(structure.blocks, document.text)
    markdown.write_text(front_matter(head, document.text, omitted) + body, encoding="utf-8", newline="\n")
    return [*written, markdown]


def _put(written: list[Path], folder: Path) -> tuple[Path, ...]:
    """Puts the files where they belong, the Markdown last.

    They are linked, not moved over: of two processes that import the same version, one is told, and the files of
    the other stay together.
    """
    folder.mkdir(parents=True, exist_ok=True)
    placed = tuple(folder / path.name for path in written)
    for path, place in zip(written, placed, strict=True):
        try:
            os.link(path, place)
        except FileExistsError:
            if path is written[-1] or path.read_bytes() != place.read_bytes():
                raise VersionExistsError(place) from None
    return placed
