"""Nothing grows beyond what one reads in one go. How many parameters a function takes is ruff's matter."""

from __future__ import annotations

import ast

from tests.support.source_tree import EVERYTHING, Function, lines_of, modules, tree_of

LONGEST_MODULE = 400
LONGEST_FUNCTION = 70


def test_no_module_is_longer_than_one_reads_in_one_go() -> None:
    lengths = {str(module): lines_of(module) for module in modules(*EVERYTHING)}

    assert len(lengths) > 1000
    assert {module: lines for module, lines in lengths.items() if lines > LONGEST_MODULE} == {}


def test_no_function_is_longer_than_a_screen() -> None:
    # No shorter module can hold one; not to read those saves half of the time.
    functions = [
        (f"{module}:{node.lineno} {node.name}", (node.end_lineno or node.lineno) - node.lineno + 1)
        for module in modules(*EVERYTHING)
        if lines_of(module) > LONGEST_FUNCTION
        for node in ast.walk(tree_of(module))
        if isinstance(node, Function)
    ]

    assert [told for told, lines in functions if lines > LONGEST_FUNCTION] == []
