"""The project's own code as trees, read once: so that what documentation names can be looked up."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PRODUCT = ("bot", "actions")
EVERYTHING = (*PRODUCT, "bench", "migrations", "tests")

Function = ast.FunctionDef | ast.AsyncFunctionDef


def modules(*folders: str) -> list[Path]:
    """Every module below these folders, from the root."""
    return sorted(path.relative_to(ROOT) for folder in folders for path in (ROOT / folder).rglob("*.py"))


def lines_of(module: Path) -> int:
    """How long a module is."""
    return len((ROOT / module).read_bytes().splitlines())


@cache
def tree_of(module: Path) -> ast.Module:
    """What a module says."""
    return ast.parse((ROOT / module).read_bytes())


@cache
def names() -> frozenset[str]:
    """Whatever a dotted name can mean: `dispatcher.answer`, `bot.channels.dispatcher`, `Steps.submit`."""
    return frozenset(end for path in modules(*PRODUCT) for name in _told(path) for end in _ends(name))


def _told(path: Path) -> Iterator[str]:
    module = ".".join(path.with_suffix("").parts)
    yield module
    for name in _defined(tree_of(path)):
        yield f"{module}.{name}"


def _defined(scope: ast.Module | ast.ClassDef) -> Iterator[str]:
    for node in scope.body:
        if isinstance(node, ast.ClassDef):
            yield node.name
            yield from (f"{node.name}.{name}" for name in _defined(node))
        elif isinstance(node, Function):
            yield node.name
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            yield from (target.id for target in targets if isinstance(target, ast.Name))


def _ends(name: str) -> Iterator[str]:
    steps = name.split(".")
    yield from (".".join(steps[first:]) for first in range(len(steps) - 1))
