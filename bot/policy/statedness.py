"""How likely a policy states what is asked: one figure from many weak signs.

A logistic function whose weights are data, fitted by `bench/answerability.py` on the tuning sets; each set's rows are
judged there by the weights of the other sets.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass

from bot.policy.logistic import likelihood


@dataclass(frozen=True)
class Signs:
    """What speaks for and against.

    Attributes:
        thing_missing: 1 when a thing with a name of its own is asked for and the policy never says it.
        value_missing: 1 when a value is asked for by name and no sentence on the subject holds one.
        beside: how much a kind of fact is wanted that the best passage does not hold.
        far: how much the most wanted kind is wanted, times how far the nearest sentence with such a fact lies.
        said: how many of the question's words the policy says.
        read: how surely the best sentence states it, for the reader (a logit).
    """

    thing_missing: float
    value_missing: float
    beside: float
    far: float
    said: float
    read: float


def statedness(signs: Signs) -> float:
    """The likelihood that the policy states what is asked, 0 to 1."""
    return likelihood("statedness", asdict(signs))
