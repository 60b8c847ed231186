"""Bytes of a file to its text, in the encodings Japanese policies come in."""

from __future__ import annotations

import codecs
import re
from pathlib import Path

from bot.policy.importing.faults import FileCannotBeReadError

# Strict UTF-8 is almost never met by accident, so it is asked first. A text that both others can read is Japanese in
# one of them and odd half-width katakana in the other.
_JAPANESE = ("cp932", "euc_jp")
_DECLARED = re.compile(rb"""charset\s*=\s*["']?\s*([\w-]+)""", re.IGNORECASE)
_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_HEAD = 2048
_UNKNOWN_ENCODING = "文字コードを読み取れません。UTF-8 で保存し直してください。"
_BINARY = re.compile(r"[\x00-\x08\x0e-\x1a]")
_ODD = re.compile(r"[\uff61-\uff9f\ue000-\uf8ff]")


def decode(content: bytes, file: Path) -> str:
    """The text of a file; line ends stay as they are, a byte order mark is no text.

    Raises:
        FileCannotBeReadError: it is empty, blank, binary, or in none of the encodings.
    """
    if not content:
        raise FileCannotBeReadError(file, "the file is empty", "ファイルが空です。")
    text = _decoded(content, file)
    found = _BINARY.search(text)
    if found is not None:
        what = f"no text but binary data (character {found.start()} is {found[0]!r})"
        raise FileCannotBeReadError(file, what, "文字のファイルではありません。文書、HTML、PDFを選んでください。")
    if not text.strip():
        raise FileCannotBeReadError(file, "the file holds white space only", "ファイルに文字がありません。")
    return text


def _decoded(content: bytes, file: Path) -> str:
    if content.startswith(_UTF16):
        return _strictly(content, "utf-16", file)
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        utf8_fault = error.start
    readings = [reading for name in _candidates(content) if (reading := _or_none(content, name)) is not None]
    if not readings:
        what = f"neither UTF-8 (byte {utf8_fault}) nor Shift_JIS nor EUC-JP: save it as UTF-8"
        raise FileCannotBeReadError(file, what, _UNKNOWN_ENCODING)
    return min(readings, key=lambda reading: len(_ODD.findall(reading)))


def _candidates(content: bytes) -> tuple[str, ...]:
    """The encodings to try; a page that declares one of them is believed."""
    declared = _DECLARED.search(content[:_HEAD])
    name = declared[1].decode("ascii", "replace").lower().replace("-", "_") if declared else ""
    believed = {"shift_jis": "cp932", "sjis": "cp932", "x_sjis": "cp932", "windows_31j": "cp932"}.get(name, name)
    return (believed,) if believed in _JAPANESE else _JAPANESE


def _or_none(content: bytes, encoding: str) -> str | None:
    try:
        return content.decode(encoding)
    except UnicodeDecodeError:
        return None


def _strictly(content: bytes, encoding: str, file: Path) -> str:
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as error:
        raise FileCannotBeReadError(file, f"not {encoding.upper()} (byte {error.start})", _UNKNOWN_ENCODING) from None
