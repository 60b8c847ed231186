"""Which of several Rasas has which conversation: each has its share, and that of one that is away goes to the others.

Rendezvous (highest random weight) hashing, Thaler and Ravishankar 1998: every place draws a number for a conversation,
and the highest draw has it. Whoever knows the same places finds the same one without asking anybody, and a place that
comes or goes moves its own share only. The packages that do this had their last release in 2023, and are longer.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from hashlib import blake2b

RASA_ENDS_SECONDS = 30
"""After how long Rasa itself ends a turn that nobody waits for any more (`--response-timeout`)."""

# A place that is back gets its share again after so long, and one that is not costs a turn a refused connection.
_AWAY_SECONDS = 5.0


class Shares:
    """The places, in the order in which a conversation wants them; those found away lately come last."""

    def __init__(self, places: Sequence[str], now: Callable[[], float] = time.monotonic) -> None:
        self.places = tuple(places)
        self._now = now
        self._away_until: dict[str, float] = {}

    def order(self, conversation_id: str) -> list[str]:
        """Every place: the one that has the conversation, then whoever has it while that one is away."""
        drawn = sorted(self.places, key=lambda place: _draw(place, conversation_id), reverse=True)
        return sorted(drawn, key=self._is_away)

    def note(self, place: str, *, is_away: bool) -> None:
        """Remembers for a moment what asking this place showed."""
        if is_away:
            self._away_until[place] = self._now() + _AWAY_SECONDS
        else:
            self._away_until.pop(place, None)

    def is_one_there(self) -> bool:
        """Whether there is a place that was not found away lately."""
        return not all(map(self._is_away, self.places))

    def _is_away(self, place: str) -> bool:
        return self._away_until.get(place, 0.0) > self._now()


def _draw(place: str, conversation_id: str) -> bytes:
    return blake2b(f"{place} {conversation_id}".encode(), digest_size=8).digest()
