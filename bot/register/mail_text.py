"""The bytes of a mail's text to its characters, in the encodings that Japanese mails come in, however labelled."""

from __future__ import annotations

import codecs
import re

# What the labels are taken to mean: the encodings that mailers really use under these names.
_MEANT = {
    "shift_jis": "cp932",
    "shift-jis": "cp932",
    "sjis": "cp932",
    "x-sjis": "cp932",
    "ms932": "cp932",
    "windows-31j": "cp932",
    "gb2312": "gb18030",
    "ks_c_5601-1987": "cp949",
}
# Labels that stand on mails by default and tell nothing: they fit any bytes, or ASCII alone.
_SAYS_NOTHING = {"iso8859-1", "cp1252", "ascii"}
_GUESSES = ("utf-8", "cp932", "euc_jp")
_ODD = re.compile(r"[\uff61-\uff9f\ue000-\uf8ff\x80-\x9f]")
_ESCAPES = re.compile(rb"\x1b[$(]")
_ESCAPE = re.compile(rb"\x1b(\$[@B]|\([BJI])")
_JIS = ("iso2022_jp_ext", "iso2022_jp_2", "iso2022_jp_2004")


def decoded(content: bytes, label: str | None) -> str:
    """The text of `content`; always one, with U+FFFD where nothing fits.

    ISO-2022-JP is known by its escapes, whatever the label says. Any other label is believed if it fits and tells
    anything; otherwise the Japanese encoding wins in which the text looks least odd.
    """
    if _ESCAPES.search(content):
        return _from_jis(content)
    believed = _codec(label)
    if believed and believed not in _SAYS_NOTHING and (text := _strictly(content, believed)) is not None:
        return text
    readings = [text for name in _GUESSES if (text := _strictly(content, name)) is not None]
    if readings:
        return min(readings, key=lambda text: len(_ODD.findall(text)))
    return content.decode("latin-1" if believed in {"iso8859-1", "cp1252"} else "utf-8", "replace")


def _codec(label: str | None) -> str | None:
    try:
        info = codecs.lookup(_MEANT.get((label or "").lower(), label or ""))
    except (LookupError, ValueError):
        return None
    # Python has codecs from bytes to bytes too; a mail can name them, and they give no text.
    return info.name if getattr(info, "_is_text_encoding", True) else None


def _strictly(content: bytes, codec: str) -> str | None:
    try:
        return content.decode(codec)
    except (UnicodeError, ValueError):
        return None


def _from_jis(content: bytes) -> str:
    for codec in _JIS:
        if (text := _strictly(content, codec)) is not None:
            return text
    # Python's codecs refuse the circled digits and Roman numerals (NEC row 13) that most Japanese mailers put into
    # ISO-2022-JP all the same. JIS X 0213 has them at the same places, so that its EUC form reads them.
    texts = []
    escape, start = "(B", 0
    for found in [*_ESCAPE.finditer(content), None]:
        texts.append(_jis_piece(content[start : found.start() if found else None], escape))
        if found:
            escape, start = found[1].decode("ascii"), found.end()
    return "".join(texts)


def _jis_piece(piece: bytes, escape: str) -> str:
    if escape in {"(B", "(J"}:
        return piece.decode("utf-8", "replace")
    high = bytes(byte | 0x80 if byte > ord(" ") else byte for byte in piece)
    return high.decode("cp932" if escape == "(I" else "euc_jis_2004", "replace")
