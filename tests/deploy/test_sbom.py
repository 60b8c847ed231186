"""The check at the end of `make sbom` finds what a bill of materials leaves out."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from tests.support.deployments import ROOT
from tests.support.sbom import main, pins

LINES = "# a comment\nAio.HTTP==3.14.5\n    # via -r app.in\npsycopg[binary]==3.3.9 ; python_version > '3'\n"
COMPONENTS = [{"name": "aio-http", "version": "3.14.5"}, {"name": "psycopg", "version": "3.3.9"}]


@pytest.fixture
def told(tmp_path: Path) -> tuple[Path, Path]:
    (tmp_path / "pins.txt").write_text(LINES, "utf-8")
    return tmp_path / "bom.json", tmp_path / "pins.txt"


def check(told: tuple[Path, Path], components: list[dict[str, str]], *more: str) -> int:
    told[0].write_text(json.dumps({"components": components}), "utf-8")
    return main([*map(str, told), *more])


def test_a_whole_bill_passes(told: tuple[Path, Path]) -> None:
    assert check(told, COMPONENTS) == 0


def test_a_pin_that_is_left_out_is_named(told: tuple[Path, Path], capsys: pytest.CaptureFixture[str]) -> None:
    assert check(told, COMPONENTS[:1]) == 1
    assert "missing: psycopg 3.3.9" in capsys.readouterr().err


def test_another_version_is_another_package(told: tuple[Path, Path]) -> None:
    assert check(told, [COMPONENTS[0], {"name": "psycopg", "version": "3.3.8"}]) == 1


def test_what_is_installed_beside_the_file_counts(told: tuple[Path, Path]) -> None:
    assert check(told, COMPONENTS, "torch==2.13.0") == 1
    assert check(told, [*COMPONENTS, {"name": "torch", "version": "2.13.0"}], "torch==2.13.0") == 0


def test_an_empty_bill_of_an_empty_file_is_no_success(tmp_path: Path) -> None:
    (tmp_path / "pins.txt").write_text("", "utf-8")

    assert check((tmp_path / "bom.json", tmp_path / "pins.txt"), []) == 1


@pytest.mark.parametrize("name", ["app", "dev", "rasa"])
def test_every_package_of_our_files_is_a_pin(name: str) -> None:
    lines = (ROOT / "requirements" / f"{name}.txt").read_text("utf-8").splitlines()

    assert len(pins(lines)) == len([line for line in lines if re.match(r"[A-Za-z0-9]", line)]) > 50
