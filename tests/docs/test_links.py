"""What the documentation names is there: settings, pictures, pages, targets."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from bot.crash_points import VARIABLE
from bot.settings import PREFIX, Settings

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted([ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").glob("*.md")])
TARGETS = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
# Variables that tests alone read, beside the sizes of proofs.
OF_TESTS = {"MADOGUCHI_SHARED", "MADOGUCHI_PICTURES", "MADOGUCHI_PRODUCT_SHOTS", VARIABLE}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
class TestPage:
    def test_its_links_lead_somewhere(self, page: Path) -> None:
        targets = re.findall(r"\]\(([^)#]+)[^)]*\)", page.read_text("utf-8"))
        gone = [target for target in targets if "://" not in target and not (page.parent / target).exists()]

        assert gone == []

    def test_its_settings_exist(self, page: Path) -> None:
        named = set(re.findall(rf"{PREFIX}(?!PROOF_)[A-Z_]+[A-Z]\b", page.read_text("utf-8")))
        known = {PREFIX + name.upper() for name in Settings.model_fields} | OF_TESTS
        # A name that an ellipsis follows stands for several.
        beginnings = {name for name in named if any(other.startswith(name + "_") for other in known)}

        assert named - known - beginnings == set()

    def test_its_targets_exist(self, page: Path) -> None:
        named = set(re.findall(r"`make ([a-z-]+)", page.read_text("utf-8")))

        assert named - TARGETS == set()
