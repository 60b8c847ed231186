"""Where regression sets lie, `<folder>/<controller>/<policy>/<set>.yml`, and how a case gets into one."""

from __future__ import annotations

import re
import threading
from collections.abc import Sequence
from pathlib import Path

from bot.errors import BadInputError
from bot.evaluation.regression.cases import RegressionSet, Way
from bot.evaluation.regression.reading import SUFFIXES, parse, read_set
from bot.evaluation.regression.schema import CaseShape
from bot.policy.documents import full_id
from bot.storage.whole_files import write_whole
from bot.yaml_text import dump_yaml

SET_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")

# Two people may add a case at once; each reads what the other has written.
_writing = threading.Lock()


class SetIsUnknownError(BadInputError):
    """There is no set of this name for this policy."""


class CaseIsUnusableError(BadInputError):
    """A case cannot be added; the message says why, for whoever adds it."""


def list_sets(folder: Path, policy_id: str) -> list[Path]:
    """The files of a policy's sets, by name; none when it has no folder."""
    place = folder / full_id(policy_id)
    return sorted(path for path in place.glob("*") if path.suffix in SUFFIXES and SET_NAME.fullmatch(path.stem))


def find_set(folder: Path, policy_id: str, name: str) -> RegressionSet:
    """One set by its name.

    Raises:
        SetIsUnknownError: there is none.
        BadInputError: it cannot be read.
    """
    path = next((path for path in list_sets(folder, policy_id) if path.stem == name), None)
    if path is None:
        raise SetIsUnknownError("この名前のセットはありません")
    return read_set(path)


def append_case(path: Path, case: CaseShape) -> RegressionSet:
    """Adds a case at the end of a YAML set, everything else as it was; readers see the old file or the new one.

    Raises:
        CaseIsUnusableError: the id is taken, or the file is none that a case can be added to.
        BadInputError: the file as it is cannot be read.
    """
    if path.suffix != ".yml":
        raise CaseIsUnusableError("このセットは表（TSV）のため、画面からは追加できません")
    with _writing:
        before, _ = parse(path, path.read_bytes())
        if case.id in {each.id for each in before.cases}:
            raise CaseIsUnusableError(f"ID「{case.id}」はすでにあります")
        text = path.read_text(encoding="utf-8")
        content = (text.rstrip("\n") + "\n" + _written([case], _indent(text))).encode()
        try:
            after, _ = parse(path, content)
        except BadInputError:
            raise CaseIsUnusableError("このセットのファイルには追加できません（casesが最後にありません）") from None
        if after.cases != [*before.cases, case]:
            raise CaseIsUnusableError("このセットのファイルには追加できません（casesが最後にありません）")
        _write(path, content)
    return read_set(path)


def create_set(path: Path, title: str, way: Way, case: CaseShape) -> RegressionSet:
    """A new set with its first case.

    Raises:
        CaseIsUnusableError: there is one of this name, or the name is none.
    """
    if not SET_NAME.fullmatch(path.stem):
        raise CaseIsUnusableError("セットの名前は、英小文字・数字・ハイフンで40文字以内にしてください")
    head = dump_yaml({"title": title, "way": way})
    content = f"{head}cases:\n{_written([case], 2)}".encode()
    parse(path, content)
    with _writing:
        if any(path.with_suffix(suffix).exists() for suffix in SUFFIXES):
            raise CaseIsUnusableError("この名前のセットはすでにあります")
        _write(path, content)
    return read_set(path)


def _write(path: Path, content: bytes) -> None:
    try:
        write_whole(path, content)
    except OSError as error:
        raise CaseIsUnusableError(f"ファイルに書き込めません（{error.strerror}）") from None


def _written(cases: Sequence[CaseShape], indent: int) -> str:
    told = dump_yaml([case.to_yaml() for case in cases])
    return "".join(f"{' ' * indent}{line}\n" for line in told.splitlines())


def _indent(text: str) -> int:
    """How far the cases of a set are written in from the edge."""
    lines = re.search(r"^cases:[^\n]*\n(?:\s*#[^\n]*\n|\s*\n)*( *)- ", text, re.MULTILINE)
    return len(lines[1]) if lines else 2
