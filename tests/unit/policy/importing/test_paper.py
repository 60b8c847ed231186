from __future__ import annotations

from pathlib import Path

import pytest

from bot.policy.importing.faults import FileCannotBeReadError
from bot.policy.importing.paper import read_paper
from tests.support.small_pdf import small_pdf
from tests.unit.policy.importing.conftest import FIXTURES, Import

FILE = Path("policy.pdf")


def test_lines_are_put_together_and_what_repeats_goes(import_file: Import, tmp_path: Path) -> None:
    lines = (FIXTURES / "wrapped.txt").read_text(encoding="utf-8").splitlines()
    file = tmp_path / "policy.pdf"
    file.write_bytes(small_pdf([["社外秘", *lines[:9], "- 1 -"], ["社外秘", *lines[9:], "- 2 -"]]))

    imported = import_file(file)

    assert [section.label for section in imported.policy.sections] == ["個人情報の取扱いについて", "1", "2", "3"]
    assert "現地で取扱いの様子を確かめています。" in imported.policy.text
    assert "社外秘" not in imported.policy.text
    assert [doubt.reason for doubt in imported.doubts] == [
        "4 page numbers and lines that repeat on every page were left away"
    ]
    assert imported.files[1].read_bytes() == file.read_bytes()


def test_numbers_inside_a_page_stay() -> None:
    document = read_paper(small_pdf([["手数料", "880", "円です。", "以上", "終わり"]]), FILE)

    assert "880" in document.text
    assert document.notes == ()


@pytest.mark.parametrize(
    ("content", "says"), [(small_pdf([[]]), "no text"), (b"%PDF-1.4\nnothing", "cannot be read as a PDF")]
)
def test_a_paper_without_text_is_refused(content: bytes, says: str) -> None:
    with pytest.raises(FileCannotBeReadError, match=says):
        read_paper(content, FILE)
