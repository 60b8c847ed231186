"""Prints `docs/requests.md` from the table of a request's life and the grounds; a test keeps page and code equal."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterable, Iterator

from bot.register.decisions.grounds import all_grounds
from bot.register.decisions.models import Outcome
from bot.register.life import TERMINAL, TRANSITIONS, Move, Party
from bot.register.models import State

_HEAD = """# The life of a request

Made by `python -m bot.register.life_diagram > docs/requests.md`; do not edit by hand.

One table says where a request can stand, what can happen to it there, who can do it, and what the member is told
(`bot/register/life.py`). The code has no other way to change a state, and triggers of the database refuse whatever does
not stand in the table, whoever writes it. Every step is one event of the audit trail, written in the same transaction
as the state and the notice. No step moves a date: the clocks run from arrival and from verification, whatever happens
in between.

"""

_SEVERAL = """
## Of several companies

One request may go to several companies of an installation at once ([controllers.md](controllers.md)). Each has a
request of its own that takes these steps by itself: what one of them decides, asks or ends changes nothing with
another. Two steps are taken with all of them in one transaction, with an event in the trail of each: `give_details`,
when the page is sent, and `verify`, when what was shown on one page (a code from the mailbox, the word of a host site)
suffices by that company's own rules. What stands at an end by then stays there.
"""

_OUTCOMES = """
## Outcomes

Only staff decide. Routing and answering take effect at once; every other outcome, and every release of data, takes a
second person, which the database keeps too.

"""

_GROUNDS = """
## Grounds

What is not done as it was asked needs one of these grounds and an explanation that the member reads (法36条).
`MADOGUCHI_REFUSAL_REGIME` says which rules the company is bound by: the law alone (`appi`), or the law together with
JIS Q 15001 (`appi+jisq15001`).

"""

_DOCUMENTED = re.compile(r"^([A-Z_]+): (.+)$")


def requests_page() -> str:
    """The whole page as Markdown."""
    return "".join(
        (
            _HEAD,
            "\n".join(_diagram()),
            "\n\n## States\n\n",
            _table(("state", "meaning"), _states()),
            "\n## Steps\n\n",
            _table(("step", "from", "to", "by", "audit", "the member is told"), _steps()),
            _SEVERAL,
            _OUTCOMES,
            _table(("outcome", "meaning"), _documented(Outcome)),
            _GROUNDS,
            _table(("ground", "what the member reads", "kinds", "outcomes", "rules", "source", "since"), _grounds()),
        )
    )


def _diagram() -> Iterator[str]:
    yield "```mermaid"
    yield "stateDiagram-v2"
    yield f"    [*] --> {State.RECEIVED}"
    for step, row in TRANSITIONS.items():
        for source in row.sources:
            yield f"    {source} --> {row.target}: {step}"
    for state in State:
        if state in TERMINAL:
            yield f"    {state} --> [*]"
    yield "```"


def _states() -> Iterator[tuple[str, ...]]:
    for name, meaning in _documented(State):
        yield name, meaning + (" **An end.**" if State(name.strip("`")) in TERMINAL else "")


def _steps() -> Iterator[tuple[str, ...]]:
    for step in Move:
        row = TRANSITIONS[step]
        yield (
            f"`{step}`",
            _codes(row.sources),
            f"`{row.target}`",
            ", ".join(party for party in Party if party in row.parties),
            f"`{row.action}`",
            "" if row.notice is None else f"`{row.notice}`",
        )


def _grounds() -> Iterator[tuple[str, ...]]:
    for row in all_grounds():
        yield (
            f"`{row.id}`",
            row.title,
            _codes(sorted(row.kinds)),
            _codes(sorted(row.outcomes)),
            _codes(sorted(row.regimes)),
            row.source,
            str(row.in_force),
        )


def _documented(enum: type[State | Outcome]) -> Iterator[tuple[str, str]]:
    """Members of an enumeration with what its docstring says about each, in the order of the docstring."""
    for line in inspect.cleandoc(enum.__doc__ or "").splitlines():
        found = _DOCUMENTED.match(line.strip())
        if found is not None:
            yield f"`{enum[found[1]]}`", found[2]


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [head, ("---",) * len(head), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def _codes(values: Iterable[str]) -> str:
    return ", ".join(f"`{value}`" for value in values)


if __name__ == "__main__":
    print(requests_page(), end="")  # noqa: T201 - this module's work is to print
