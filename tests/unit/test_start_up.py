"""What a process loads before anybody asks it anything."""

import json
import subprocess
import sys

import pytest

MODULES = ["bot.app", "bot.jobs", "bot.console.app", "bot.cli"]
# What one of them loads stays loaded for those after it, so that the first that is named is the one to look at.
_LOADING = """
import importlib, json, sys
modules, dear = json.loads(sys.argv[1])
for module in modules:
    importlib.import_module(module)
    print(json.dumps([name for name in dear if name in sys.modules]))
"""


@pytest.fixture(scope="module")
def loaded() -> dict[str, list[str]]:
    """What is dear and loaded once a module and those before it are."""
    asked = json.dumps([MODULES, ["torch", "fpdf"]])
    command = [sys.executable, "-W", "ignore", "-c", _LOADING, asked]
    told = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return dict(zip(MODULES, map(json.loads, told.splitlines()), strict=True))


@pytest.mark.parametrize("module", MODULES)
def test_torch_is_not_imported_before_it_is_needed(loaded: dict[str, list[str]], module: str) -> None:
    assert "torch" not in loaded[module]


@pytest.mark.parametrize("module", MODULES)
def test_what_draws_papers_is_not_imported_before_one_is_wanted(loaded: dict[str, list[str]], module: str) -> None:
    assert "fpdf" not in loaded[module]
