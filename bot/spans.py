"""Traces of a turn across our processes (OpenTelemetry), off unless the settings name a collector.

Off, nothing of OpenTelemetry is imported, nothing is kept and nothing sent. On, a span tells what was done, how long it
took and whether it failed; what it may carry besides is named here, so that no member's word gets into one by mistake.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from bot.span_export import Exporting

Kind = Literal["internal", "server", "client", "producer", "consumer"]
Fact = str | int | float | bool

FACTS = frozenset({"channel", "reference", "attempt", "door", "action", "notice"})
"""Names of what a span may carry: words of ours and counts, and the number that a member quotes."""

_WORD = re.compile(r"[A-Za-z0-9_.:-]{1,64}")

_exporting: Exporting | None = None


def configure(endpoint: str, process: str, *, share: float = 1.0) -> None:
    """Has this process export its spans from now on; an empty endpoint leaves everything off.

    Args:
        endpoint: where OTLP is taken over HTTP (`…/v1/traces`).
        process: which of ours this is.
        share: of traces that begin here, how many are kept, from 0 to 1.
    """
    global _exporting  # noqa: PLW0603 - one a process, as its logs are
    if endpoint:
        from bot.span_export import Exporting  # noqa: PLC0415 - the SDK is loaded by who wants traces alone

        _exporting = Exporting(endpoint, process, share)


def close() -> None:
    """Sends what is left, and ends exporting."""
    global _exporting  # noqa: PLW0603 - as above
    if _exporting is not None:
        _exporting.close()
        _exporting = None


@contextmanager
def span(name: str, *, kind: Kind = "internal", parent: str | None = None, **facts: Fact) -> Iterator[None]:
    """Times the block, below the span that is open here or below `parent`; an exception marks it, by its type alone.

    Args:
        name: what is done, a fixed word of ours.
        kind: which side of a call this is.
        parent: `traceparent()` of another place or process; empty for what is open here.
        facts: of `FACTS` only; a text that is no plain word is left out.
    """
    if _exporting is None:
        yield
        return
    with _exporting.span(name, kind, parent or "", permitted(facts)):
        yield


def traceparent() -> str:
    """What another process continues the trace by (W3C Trace Context); empty when nothing is traced."""
    return "" if _exporting is None else _exporting.traceparent()


def trace_id() -> str:
    """The trace that is going on here, in hex; empty when nothing is traced."""
    return traceparent().partition("-")[2][:32]


def permitted(facts: Mapping[str, Fact]) -> dict[str, Fact]:
    """Those that a span may carry."""
    return {name: fact for name, fact in facts.items() if name in FACTS and _is_plain(fact)}


def _is_plain(fact: Fact) -> bool:
    return not isinstance(fact, str) or _WORD.fullmatch(fact) is not None
