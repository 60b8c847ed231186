"""What is worked out of a policy's statements is kept, and made anew when the file is damaged."""

from collections.abc import Sequence
from pathlib import Path

import pytest
import torch

from bot.policy.reader.network import Side
from bot.policy.reader.prepared import prepared
from bot.policy.reader.reader import open_reader

TEXTS = ["録画は30日間保存します。", "第三者には提供しません。"]


class Counting:
    """The real reader, counting what it is asked."""

    release = open_reader().release

    def __init__(self) -> None:
        self.asked = 0

    def prepared(self, statements: Sequence[str]) -> Side:
        self.asked += 1
        return open_reader().prepared(statements)


def _read(folder: Path, reader: Counting, texts: Sequence[str] = TEXTS) -> Side:
    return prepared(folder, texts, reader)  # type: ignore[arg-type] # all of it that is used


def test_they_are_made_once(tmp_path: Path) -> None:
    reader = Counting()
    made, read = _read(tmp_path, reader), _read(tmp_path, reader)
    assert reader.asked == 1
    assert all(torch.equal(a, b) for a, b in zip(made, read, strict=True))
    assert [path.name.partition("-")[0] for path in tmp_path.iterdir()] == ["statements"]


def test_other_statements_have_a_file_of_their_own(tmp_path: Path) -> None:
    reader = Counting()
    _read(tmp_path, reader)
    assert len(_read(tmp_path, reader, TEXTS[:1]).mask) == 1
    assert reader.asked == 2


@pytest.mark.parametrize("left", [b"", b"\x10\0\0\0\0\0\0\0{}", None])
def test_a_damaged_file_is_made_anew(tmp_path: Path, left: bytes | None) -> None:
    reader = Counting()
    made = _read(tmp_path, reader)
    (file,) = tmp_path.iterdir()
    file.write_bytes(file.read_bytes()[:-100] if left is None else left)
    again = _read(tmp_path, reader)
    assert reader.asked == 2
    assert all(torch.equal(a, b) for a, b in zip(made, again, strict=True))
