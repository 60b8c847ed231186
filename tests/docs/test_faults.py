"""docs/faults.md shows the very tables that members and the real processes are led through."""

from __future__ import annotations

from pathlib import Path

from tests.support import fault_processes
from tests.support.fault_table import FAULTS

_PAGE = (Path(__file__).parents[2] / "docs" / "faults.md").read_text(encoding="utf-8")
_HEAD = "| fault | on | a member reads | `/readyz` meanwhile |\n| --- | --- | --- | --- |\n"
_PROCESSES = "| fault of the processes | a member reads | `/readyz` meanwhile |\n| --- | --- | --- |\n"


def test_the_page_holds_every_row_and_no_other() -> None:
    table, _, _ = _PAGE.partition(_HEAD)[2].partition("\n\n")
    assert table.splitlines() == [fault.line() for fault in FAULTS]


def test_the_page_holds_every_row_of_the_processes_and_no_other() -> None:
    table, _, _ = _PAGE.partition(_PROCESSES)[2].partition("\n\n")
    assert table.splitlines() == [fault.line() for fault in fault_processes.FAULTS]
