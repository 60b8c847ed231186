"""Every table has its line in docs/retention.md, and every purge that is named there exists."""

from __future__ import annotations

import importlib
import re
from pathlib import Path

import pytest

import bot.evaluation.runs.models
import bot.incidents.models
import bot.policy.pgvector.models
import bot.policy.releases.models
import bot.register.tables
import bot.staff.models
import bot.storage.models
import bot.storage.rate_counts
import bot.storage.retiring  # noqa: F401 - all are imported for the tables they hang on Base.metadata
from bot.settings import Settings
from bot.storage.engine import Base

_PAGE = (Path(__file__).parents[2] / "docs" / "retention.md").read_text(encoding="utf-8")
_LINE = re.compile(r"^\| `([a-z_]+)` \| (.+) \| (.+) \| (.+) \|$", re.MULTILINE)
_LINES = {table: (holds, kept, by) for table, holds, kept, by in _LINE.findall(_PAGE)}


def test_every_table_says_how_long_it_is_kept() -> None:
    assert set(_LINES) == set(Base.metadata.tables)


@pytest.mark.parametrize("table", sorted(_LINES))
def test_what_removes_it_is_there_and_its_period_is_a_setting(table: str) -> None:
    _, kept, by = _LINES[table]
    purges = re.findall(r"`(bot\.[a-z_.]+)`", by)
    assert purges or kept.startswith("as long as the register"), "nothing removes it"
    for purge in purges:
        module, _, name = purge.rpartition(".")
        assert callable(getattr(importlib.import_module(module), name))
    for setting in re.findall(r"`([A-Z_]+)`", kept):
        assert setting.lower() in Settings.model_fields
