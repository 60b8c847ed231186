"""What can be wrong with a file or a name that is given for importing; nothing has been written then."""

from __future__ import annotations

from pathlib import Path

from bot.errors import BadInputError


class FileCannotBeReadError(BadInputError):
    """There is no such file, or it holds nothing that could be a policy; `told` is the same without the file's name."""

    def __init__(self, file: Path, what: str, told: str) -> None:
        super().__init__(f"{file}: {what}")
        self._told = told


class NameIsWrongError(BadInputError):
    """An id, a version or a controller is written in a way that no corpus folder can carry."""

    _told = "事業者名か、版の日付（2026-12-01 のように書きます）が使えません。"


class VersionExistsError(BadInputError):
    """The corpus holds this version already; what a person may have reviewed is never overwritten."""

    _told = "この日付の版はすでにあります。別の日付にしてください。"

    def __init__(self, path: Path) -> None:
        super().__init__(f"{path} exists: take another --version, or delete its files first")
