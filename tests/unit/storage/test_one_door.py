"""Whose rows are meant is said where a database is opened, and nobody goes round the sessions that keep to it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

_ROOT = Path(__file__).parents[3]
_SOURCES = sorted(path for room in ("bot", "actions", "migrations") for path in (_ROOT / room).rglob("*.py"))

# Sessions without a wall: of a copied SQLite file, of the moment that a dump is taken at, and the wall's own.
_BARE_SESSIONS = {"bot/backup/dumping.py", "bot/backup/making.py"}
# Tables instead of classes, past the wall of sessions: long trails, which are read by company, and columns by name.
_BARE_TABLES = {
    "bot/register/identity/code_days.py",
    "bot/register/trail/joined.py",
    "bot/register/trail/links.py",
    "bot/staff/trail_links.py",
    "bot/storage/forgetting.py",
    "bot/storage/rate_counts.py",
}


def calls(tree: ast.AST, name: str) -> Iterator[ast.Call]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            called = node.func
            if name in (getattr(called, "id", None), getattr(called, "attr", None)):
                yield node


def using(name: str) -> set[str]:
    texts = {path: path.read_text("utf-8") for path in _SOURCES}
    trees = {path: ast.parse(text) for path, text in texts.items() if name in text}
    return {str(path.relative_to(_ROOT)) for path, tree in trees.items() if any(calls(tree, name))}


def unnamed(source: str) -> int:
    """How many calls of `open_engine` do not say whose rows are meant."""
    opened = calls(ast.parse(source), "open_engine")
    return sum("controller" not in {keyword.arg for keyword in call.keywords} for call in opened)


@pytest.mark.parametrize("path", [path for path in _SOURCES if "open_engine(" in path.read_text("utf-8")], ids=str)
def test_who_opens_a_database_says_whose_rows_are_meant(path: Path) -> None:
    assert unnamed(path.read_text("utf-8")) == 0


def test_an_engine_for_nobody_would_be_found() -> None:
    assert unnamed("engine = open_engine(url, patience=5)") == 1
    assert unnamed("engine = open_engine(url, controller=EVERY)") == 0


def test_sessions_are_made_in_few_places() -> None:
    assert using("Session") == _BARE_SESSIONS
    assert using("WalledSession") == {"bot/storage/engine.py"}


def test_tables_are_read_past_their_classes_in_few_places() -> None:
    found = {
        str(path.relative_to(_ROOT))
        for path in _SOURCES
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Attribute) and node.attr == "__table__"
    }

    assert found == _BARE_TABLES


def test_one_module_goes_through_the_door_between_companies() -> None:
    assert using("speaking_for") == {"bot/register/groups.py"}


def test_where_other_companies_requests_stand_is_asked_for_by_members_pages_alone() -> None:
    assert using("standings_of") == {
        "bot/channels/request_page/steps.py",
        "bot/channels/timeline/case.py",
        "bot/register/timeline.py",
    }
    assert using("case_file") == {"bot/channels/timeline/case.py"}
    assert using("for_each_of_group") == {"bot/register/identity/group_proofs.py"}
