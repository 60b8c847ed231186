from __future__ import annotations

import re
from pathlib import Path

import pytest

_PAGE = Path("docs/security.md").read_text("utf-8")
_ROW = re.compile(r"^\| ([a-z0-9-]+) \| (\d[^ |]*) \|", re.MULTILINE)


def _pinned() -> dict[str, str]:
    text = Path("requirements/rasa.txt").read_text("utf-8")
    return dict(re.findall(r"^([a-z0-9-]+)(?:\[[^\]]*\])?==(\S+)", text, re.MULTILINE))


@pytest.mark.parametrize("path", sorted(set(re.findall(r"`(tests/[^`]+)`", _PAGE))))
def test_what_is_said_to_hold_a_promise_is_there(path: str) -> None:
    assert Path(path).is_file()


def test_every_threat_and_every_limit_names_what_holds_it() -> None:
    rows = [line for line in _PAGE.splitlines() if re.match(r"\| (?:[STRIDE]|3\.|14\.) ?", line)]
    assert len(rows) >= 30
    assert [row for row in rows if "`tests/" not in row] == []


def test_every_verdict_is_on_the_version_that_is_pinned() -> None:
    judged = dict(_ROW.findall(Path("docs/dependencies.md").read_text("utf-8")))
    pinned = _pinned()
    assert len(judged) >= 30
    assert {name: version for name, version in judged.items() if pinned.get(name) != version} == {}


def test_what_rasa_itself_holds_back_has_a_verdict() -> None:
    # Packages that were old when they were pinned: their first release year tells nothing, but these names do.
    judged = dict(_ROW.findall(Path("docs/dependencies.md").read_text("utf-8")))
    held_back = {
        "rasa",
        "sanic",
        "aiohttp",
        "tensorflow",
        "keras",
        "pydantic",
        "sqlalchemy",
        "joblib",
        "setuptools",
        "redis",
    }
    assert held_back <= set(judged)
