"""A policy's folder as one value: every file's text by its name, with a digest of all of them."""

from __future__ import annotations

import hashlib
import json
import re
import zlib
from collections.abc import Mapping
from pathlib import Path

from bot.policy.cards import FILE_NAME as CARDS
from bot.policy.documents import policy_folder
from bot.policy.everyday import FILE_NAME as WORDS
from bot.policy.faults import EncodingIsWrongError
from bot.policy.gaps import FILE_NAME as GAPS
from bot.policy.phrases import FILE_NAME as PHRASES
from bot.policy.releases.faults import ReleaseIsDamagedError

Files = Mapping[str, str]

DESK = "desk.yml"
_LISTS = frozenset({CARDS, GAPS, WORDS, PHRASES, DESK})
_VERSION = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*\.(?:txt|md)")
_MOST_UNPACKED = 64 * 1024 * 1024


def belongs(name: str) -> bool:
    """Whether a file of this name is part of a policy: its versions and the lists beside them, nothing else."""
    return name in _LISTS or _VERSION.fullmatch(name) is not None


def read_folder(corpus: Path, policy_id: str) -> Files:
    """Every file of a policy's folder, line ends untouched: offsets of quotes count them.

    Raises:
        BadInputError: there is no such policy, or a file is not UTF-8.
    """
    folder = policy_folder(corpus, policy_id)
    return {path.name: _text(path) for path in sorted(folder.iterdir()) if path.is_file() and belongs(path.name)}


def digest_of(files: Files) -> str:
    """The same for the same files, whatever their order."""
    return hashlib.sha256(_spelt(files)).hexdigest()


def pack(files: Files) -> bytes:
    """As a release is stored."""
    return zlib.compress(_spelt(files), 9)


def unpack(packed: bytes, digest: str) -> Files:
    """The files of a release, proven against its digest.

    Raises:
        ReleaseIsDamagedError: they are not what was published.
    """
    try:
        spelt = zlib.decompressobj().decompress(packed, _MOST_UNPACKED)
        files = json.loads(spelt)
    except (zlib.error, ValueError):
        raise ReleaseIsDamagedError("公開した内容が壊れています（読み出せません）") from None
    if not isinstance(files, dict) or digest_of(files) != digest or not all(map(belongs, files)):
        raise ReleaseIsDamagedError("公開した内容が壊れています（ハッシュが合いません）")
    return files


def _spelt(files: Files) -> bytes:
    return json.dumps(dict(files), ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def _text(path: Path) -> str:
    try:
        return path.read_bytes().decode("utf-8")
    except UnicodeDecodeError as error:
        raise EncodingIsWrongError(path, error.start) from None
