"""docs/deploying.md tells the truth where it can be compared."""

from __future__ import annotations

import re
from pathlib import Path

from bot.secret_split import SPLIT
from bot.settings import PREFIX
from tests.support.deployments import PROCESSES, ROOT, final_stage

PAGE = (ROOT / "docs" / "deploying.md").read_text("utf-8")


def test_the_table_of_secrets_is_the_codes() -> None:
    rows = re.findall(rf"^\| `{PREFIX}(\w+)` \|((?:[ ○]*\|)+)$", PAGE, re.MULTILINE)
    told = {
        name.lower(): {
            process for process, cell in zip(PROCESSES, cells.split("|")[:-1], strict=True) if cell.strip() == "○"
        }
        for name, cells in rows
    }

    assert told == {name: set(holders) for name, holders in SPLIT.items()}


def test_the_releases_that_it_names_are_those_of_the_files() -> None:
    bases = {dict(final_stage(image))["FROM"] for image in ("app", "rasa")}
    named = set(re.findall(r"python:\d+\.\d+\.\d+-slim-bookworm", PAGE))
    pinned = set(re.findall(r"python:\S+", "".join(path.read_text("utf-8") for path in files())))

    assert bases == {"${PYTHON}"}
    assert named == pinned
    assert all(f"{name} {version}" in PAGE for name, version in tools())


def files() -> list[Path]:
    return sorted((ROOT / "deploy" / "images").glob("*.Dockerfile"))


def tools() -> list[tuple[str, str]]:
    lines = (ROOT / "requirements" / "dev.in").read_text("utf-8")
    found = re.findall(r"^(hadolint|check-jsonschema|kubernetes-validate)(?:-bin)?==(\S+)$", lines, re.MULTILINE)
    return [(name, version) for name, version in found]


def test_every_file_that_it_names_is_there() -> None:
    named = set(re.findall(r"\b(?:deploy|tests|bot)/[\w./-]+\w", PAGE))
    there = {name for name in named if (ROOT / name).exists()}

    assert named - there == {"deploy/secrets", "deploy/settings.env"}
