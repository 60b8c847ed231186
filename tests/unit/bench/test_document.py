from __future__ import annotations

from pathlib import Path

import pytest

from bench.document import Section, markdown_table, text_table, write_section


def test_sections_stand_in_their_order_whichever_is_written_first(tmp_path: Path) -> None:
    page = tmp_path / "quality.md"
    write_section(Section.SPEED, "fast\n", file=page)
    write_section(Section.SETS, "good", file=page)
    text = page.read_text(encoding="utf-8")
    assert text.index("## Question sets\n\nCommand: `make eval`\n\ngood") < text.index("## Search speed")
    assert text.endswith("## Search speed\n\nCommand: `make bench-search`\n\nfast\n")


def test_writing_a_section_again_leaves_the_others_as_they_are(tmp_path: Path) -> None:
    page = tmp_path / "quality.md"
    for section in Section:
        write_section(section, f"old {section.name}", file=page)
    before = page.read_text(encoding="utf-8")
    write_section(Section.FINDING, "new", file=page)
    assert page.read_text(encoding="utf-8") == before.replace("old FINDING", "new")
    assert [path.name for path in tmp_path.iterdir()] == ["quality.md"]


def test_a_page_with_a_section_that_nobody_writes_is_no_page_of_ours(tmp_path: Path) -> None:
    page = tmp_path / "quality.md"
    page.write_text("# Quality\n\n## Typed by hand\n\n1.0\n", encoding="utf-8")
    with pytest.raises(ValueError, match="Typed by hand"):
        write_section(Section.SETS, "x", file=page)


def test_tables() -> None:
    rows = [["a", "1"], ["bb", "10"]]
    assert markdown_table(["set", "n"], rows) == "| set | n |\n| --- | ---: |\n| a | 1 |\n| bb | 10 |"
    assert text_table(["set", "n"], rows) == "set   n\na     1\nbb   10"
