"""Fixtures that tests of every room share."""

from __future__ import annotations

import os
from pathlib import Path

import hypothesis
import pytest

from bot.settings import Settings

# Checks that stand in tests/support say what they compared, as those of a test module do.
pytest.register_assert_rewrite("tests.support")

pytest_plugins = [
    "tests.support.backups",
    "tests.support.chromium",
    "tests.support.databases",
    "tests.support.fast",
    "tests.support.otlp",
    "tests.support.pgvector",
    "tests.support.spreading",
    "tests.support.templates",
]

# What a developer's own installation is set to is nobody's business here, least of all its mail server.
Settings.model_config["env_file"] = None

# An index depends on texts, model and code alone and is named by their digest, so one folder serves every test;
# embedding the written questions anew for each installation would take minutes.
os.environ.setdefault("MADOGUCHI_INDEX_DIR", str(Path(__file__).parents[1] / "var" / "tests" / "index"))

# What members delete is listed outside the database; tests that do not ask for a list of their own share a place.
os.environ.setdefault("MADOGUCHI_DELETIONS_DIR", str(Path(__file__).parents[1] / "var" / "tests" / "deletions"))

# A property says what holds, not how fast: a busy machine must not make it fail.
hypothesis.settings.register_profile("madoguchi", deadline=None)
hypothesis.settings.load_profile("madoguchi")
