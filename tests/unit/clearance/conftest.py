from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from bot.settings import PREFIX, Settings
from tests.support.cleared import cleared_environment, with_administrator


@pytest.fixture
def environment(sqlite_template: Path, tmp_path: Path) -> dict[str, str]:
    """What an owner has set when everything is done."""
    database = tmp_path / "madoguchi.db"
    shutil.copy(sqlite_template, database)
    with_administrator(f"sqlite:///{database}")
    return cleared_environment(tmp_path, f"sqlite:///{database}")


@pytest.fixture
def settings(environment: dict[str, str]) -> Settings:
    values = {name.removeprefix(PREFIX).lower(): value for name, value in environment.items()}
    return Settings(_env_file=None, **values)  # type: ignore[arg-type]  # pydantic reads the texts
