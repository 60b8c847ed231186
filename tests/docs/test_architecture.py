"""What docs/architecture.md names is there: files, functions, tables and who writes them, places to die at."""

from __future__ import annotations

import re
import tomllib

import pytest

import bot.evaluation.runs.models
import bot.incidents.models
import bot.policy.pgvector.models
import bot.policy.releases.models
import bot.register.tables
import bot.staff.models
import bot.storage.models
import bot.storage.rate_counts
import bot.storage.retiring  # noqa: F401 - all are imported for the tables they hang on Base.metadata
from bot.crash_points import CrashPoint
from bot.storage.engine import Base
from tests.support.source_tree import ROOT, names

_PAGE = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
_DIAGRAMS = re.findall(r"```mermaid\n(.*?)```", _PAGE, re.DOTALL)
_DRAWN = re.sub(r"flowchart TD|: inside.*?\"|\b(?:entry|shapes|ground|bottom)\b", "", _DIAGRAMS[0])
_CODE = re.findall(r"`([^`\n]+)`", re.sub(r"```.*?```", "", _PAGE, flags=re.DOTALL))
_DOTTED = re.compile(r"(?<![\w/.])[A-Za-z_]+(?:\.[A-Za-z_]+)+(?![\w/])")
_FILE = re.compile(r"\.(py|md|yml|toml|txt)$")
_TABLES = dict(re.findall(r"^\| `([a-z_]+)` \| `[A-Za-z]+` \| (.+) \|$", _PAGE, re.MULTILINE))
_CLASSES = dict(re.findall(r"^\| `([a-z_]+)` \| `([A-Za-z]+)` \|", _PAGE, re.MULTILINE))


def _named() -> set[str]:
    told = [word for text in (*_DIAGRAMS, *_CODE) for word in _DOTTED.findall(text)]
    return {word for word in told if not _FILE.search(word)}


def test_every_function_it_names_is_there() -> None:
    assert len(_named()) > 80
    assert sorted(_named() - names()) == []


def test_the_rooms_it_draws_are_those_that_the_arrows_are_checked_between() -> None:
    with (ROOT / "pyproject.toml").open("rb") as file:
        contract = tomllib.load(file)["tool"]["importlinter"]["contracts"][0]
    rooms = {room.strip().removeprefix("bot.") for layer in contract["layers"] for room in layer.split("|")}

    # What runs inside Rasa has a contract of its own.
    assert set(re.findall(r"[a-z_]{4,}|cli|app|pii", _DRAWN)) == rooms | {"components"}


def test_every_file_it_names_is_there() -> None:
    files = {code for code in _CODE if _FILE.search(code) or code.endswith("/")}

    assert len(files) > 40
    assert sorted(path for path in files if not (ROOT / path).exists() and path != "desk.yml") == []


def test_every_class_inside_rasa_that_it_names_is_there() -> None:
    ours = re.findall(r"\b[A-Z]\w+(?:Tokenizer|Featurizer|Classifier)\b", _PAGE)

    assert ours
    assert [name for name in ours if not any(each.endswith(f".{name}") for each in names())] == []


def test_every_table_says_who_writes_it() -> None:
    assert set(_TABLES) == set(Base.metadata.tables)


@pytest.mark.parametrize("table", sorted(_TABLES))
def test_who_writes_a_table_knows_its_class(table: str) -> None:
    (model,) = [each.class_ for each in Base.registry.mappers if each.local_table.description == table]

    assert _CLASSES[table] == model.__name__
    for writer in re.findall(r"`([^`]+)`", _TABLES[table]):
        assert re.search(rf"\b{model.__name__}\b", (ROOT / writer).read_text(encoding="utf-8")), writer


def test_every_place_to_die_at_says_what_is_left_behind() -> None:
    assert set(re.findall(r"`([a-z]+:[a-z-]+)`", _PAGE)) == set(CrashPoint)
