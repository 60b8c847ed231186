"""What a process loads before anybody asks it anything."""

import subprocess
import sys

import pytest


@pytest.mark.parametrize("module", ["bot.app", "bot.jobs", "bot.console.app", "bot.cli"])
def test_torch_is_not_imported_before_it_is_needed(module: str) -> None:
    code = f"import sys, {module}; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-W", "ignore", "-c", code], check=False).returncode == 0


@pytest.mark.parametrize("module", ["bot.app", "bot.jobs", "bot.console.app", "bot.cli"])
def test_what_draws_papers_is_not_imported_before_one_is_wanted(module: str) -> None:
    code = f"import sys, {module}; sys.exit('fpdf' in sys.modules)"
    assert subprocess.run([sys.executable, "-W", "ignore", "-c", code], check=False).returncode == 0
