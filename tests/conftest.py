"""Fixtures that tests of every room share."""

from __future__ import annotations

pytest_plugins = ["tests.support.chromium", "tests.support.databases"]
