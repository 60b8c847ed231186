"""How a policy stands to the standard questions, as a table for people."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import groupby

from bot.policy.model import Policy
from bot.policy.standard_questions import Standing


def standing_table(policy: Policy, standings: Sequence[Standing]) -> str:
    """One line a matter, under its group: state, matter, law, and the section that answers."""
    counts = Counter(standing.state for standing in standings)
    told = ", ".join(f"{counts[state]} {state}" for state in ("answered", "in part", "open"))
    lines = [f"{policy.id} {policy.version}: {len(standings)} standard questions: {told}"]
    for group, members in groupby(standings, key=lambda standing: standing.question.group):
        lines += [f"  {group}", *_rows(policy, list(members))]
    return "\n".join(lines)


def _rows(policy: Policy, standings: Sequence[Standing]) -> Iterator[str]:
    for standing in standings:
        question = standing.question
        law = f"（{question.law}）" if question.law else ""
        yield f"    {standing.state:<8}  {question.topic}{law}{_place(policy, standing)}"


def _place(policy: Policy, standing: Standing) -> str:
    citation = standing.citation
    if citation is None:
        return ""
    document = "" if citation.policy == policy.id else f"{citation.policy} "
    # Headings of most policies begin with what the section is called by already.
    label = "" if citation.heading.startswith(citation.section) else f"{citation.section} "
    return f" → {document}{label}{citation.heading}"
