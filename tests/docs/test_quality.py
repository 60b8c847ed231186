from __future__ import annotations

import re
from pathlib import Path

import pytest

from bench.document import COMMANDS, Section

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/quality.md").read_text(encoding="utf-8")
SECTIONS = dict(re.findall(r"^## (.+?)\n(.*?)(?=^## |\Z)", PAGE, flags=re.MULTILINE | re.DOTALL))


def test_the_page_has_the_sections_that_commands_write_and_no_others() -> None:
    assert list(SECTIONS) == [str(section) for section in Section]


@pytest.mark.parametrize("section", Section)
def test_every_section_begins_with_the_command_that_measured_it(section: Section) -> None:
    assert SECTIONS[section].strip().startswith(f"Command: `{COMMANDS[section]}`\n")
    assert re.search(r"\|\s*[\d.]+", SECTIONS[section]), "a section holds figures"


@pytest.mark.parametrize("command", sorted(set(COMMANDS.values())))
def test_every_command_is_a_target_of_the_makefile(command: str) -> None:
    tool, target = command.split()
    assert tool == "make"
    assert re.search(rf"^{target}:", (ROOT / "Makefile").read_text(encoding="utf-8"), flags=re.MULTILINE)


def test_no_figure_stands_outside_a_section() -> None:
    head = PAGE.partition("\n## ")[0]
    assert not re.search(r"\d\.\d", head)
    assert "|" not in head


@pytest.mark.parametrize("table", re.findall(r"(?:^\|.*\n)+", PAGE, flags=re.MULTILINE))
def test_every_row_of_a_table_is_whole(table: str) -> None:
    assert len({line.count("|") for line in table.splitlines()}) == 1
