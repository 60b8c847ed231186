from __future__ import annotations

import shutil
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any

import pytest

from tests.support.web_member import Desk, running_desk

Open = Callable[..., AbstractAsyncContextManager[Desk]]


@pytest.fixture
def open_desk(sqlite_template: Path, tmp_path: Path) -> Open:
    """Opens a gateway with the limits that a test names."""
    database = tmp_path / "web.db"
    shutil.copy(sqlite_template, database)

    def opened(**changes: Any) -> AbstractAsyncContextManager[Desk]:  # noqa: ANN401 - any setting
        return running_desk(database, **changes)

    return opened
