"""The dates a request is measured by, counted in calendar days on the Japanese calendar.

The policy promises an answer within two weeks of the identity check; the law counts two weeks from arrival. The
date that is safe under both readings is counted from arrival, and the first day does not count.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta

from bot.clock import in_tokyo

_TWO_WEEKS = timedelta(days=14)


def policy_due_from_receipt(received_at: datetime) -> date:
    """The last day of the two weeks that begin with the arrival; staff see it, members are never promised it."""
    return in_tokyo(received_at).date() + _TWO_WEEKS


def suit_possible_from(received_at: datetime) -> date:
    """The first day on which a member could go to court: two weeks from arrival have passed."""
    return policy_due_from_receipt(received_at) + timedelta(days=1)
