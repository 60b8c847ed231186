from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.support.timeline_visitor import Visitor, visiting


@pytest.fixture
async def visitor(sqlite_template: Path, tmp_path: Path) -> AsyncIterator[Visitor]:
    database = tmp_path / "madoguchi.db"
    shutil.copy(sqlite_template, database)
    async with visiting(f"sqlite:///{database}") as opened:
        yield opened
