"""Which figures and labels an expression of PromQL asks for."""

from __future__ import annotations

from dataclasses import dataclass, field

import promql_parser
from promql_parser import AggregateExpr, Expr, MatrixSelector, VectorSelector


@dataclass
class Asked:
    """The names of figures, each with the labels it is narrowed by; and the labels that are grouped by."""

    figures: dict[str, set[str]] = field(default_factory=dict)
    grouped: set[str] = field(default_factory=set)


def asked(expression: str) -> Asked:
    """What an expression asks for.

    Raises:
        ValueError: it is no PromQL.
    """
    found = Asked()

    def visit(part: Expr) -> bool:
        selector = part.vector_selector if isinstance(part, MatrixSelector) else part
        if isinstance(selector, VectorSelector) and selector.name is not None:
            labels = {matcher.name for matcher in selector.matchers.matchers}
            found.figures.setdefault(selector.name, set()).update(labels)
        if isinstance(part, AggregateExpr) and part.modifier is not None:
            found.grouped.update(part.modifier.labels)
        return True

    promql_parser.walk(promql_parser.parse(expression), visit)
    return found
