"""Fixtures that tests of every room share."""

from __future__ import annotations

import os
from pathlib import Path

import hypothesis

pytest_plugins = ["tests.support.chromium", "tests.support.databases"]

# An index depends on texts, model and code alone and is named by their digest, so one folder serves every test;
# embedding the written questions anew for each installation would take minutes.
os.environ.setdefault("MADOGUCHI_INDEX_DIR", str(Path(__file__).parents[1] / "var" / "tests" / "index"))

# A property says what holds, not how fast: a busy machine must not make it fail.
hypothesis.settings.register_profile("madoguchi", deadline=None)
hypothesis.settings.load_profile("madoguchi")
