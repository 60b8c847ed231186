"""Runs the tests of `bot/components` inside Rasa's own environment, so that one `make test` covers both."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PYTHON = ROOT / ".venv-rasa" / "bin" / "python"
CONFIG = "tests/unit/components/pytest.ini"


@pytest.mark.skipif(not PYTHON.exists(), reason="the Rasa environment is missing; `make test` sets it up")
def test_the_components_pass_their_tests_inside_rasas_environment() -> None:
    command = [str(PYTHON), "-m", "pytest", "-q", "-c", CONFIG, "tests/unit/components"]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=280)
    assert run.returncode == 0, run.stdout[-4000:] + run.stderr[-1000:]
