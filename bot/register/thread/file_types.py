"""Which files are taken: told by how they begin, since a name or a declared type says whatever its sender likes."""

from __future__ import annotations

from pathlib import PurePosixPath

from bot.register.thread.models import FilePurpose

PDF = "application/pdf"
_ZIP = "application/zip"

_SIGNATURES = (
    (b"%PDF-", PDF),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"PK\x03\x04", _ZIP),
)
# ISO/IEC 14496-12: the first box is `ftyp`; its brand says that an HEVC image follows (ISO/IEC 23008-12).
_HEIC_BRANDS = frozenset({b"heic", b"heix", b"heim", b"heis", b"mif1"})
_TEXTS = {".csv": "text/csv", ".txt": "text/plain", ".eml": "message/rfc822"}
_UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")

FROM_MEMBERS = frozenset({PDF, "image/jpeg", "image/png", "image/heic"})
FROM_STAFF = FROM_MEMBERS | {_ZIP} | set(_TEXTS.values())


def media_type_of(name: str, declared: str, content: bytes) -> str | None:
    """The type of a file by its first bytes; None when it is none that is taken for any purpose.

    Plain text has no signature: it is text when its name or its declared type says so and it holds no binary zero.
    """
    for signature, media_type in _SIGNATURES:
        if content.startswith(signature):
            return media_type
    if content[4:8] == b"ftyp" and content[8:12] in _HEIC_BRANDS:
        return "image/heic"
    if b"\x00" in content and not content.startswith(_UTF16_MARKS):
        return None
    return _TEXTS.get(PurePosixPath(name).suffix.lower(), declared if declared in _TEXTS.values() else None)


def is_taken(media_type: str, purpose: FilePurpose) -> bool:
    """Whether a file of this type is taken for this purpose."""
    by_members = purpose in (FilePurpose.IDENTITY, FilePurpose.EVIDENCE)
    return media_type in (FROM_MEMBERS if by_members else FROM_STAFF)
