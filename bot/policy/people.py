"""Names of people in a text, as the dictionary knows them."""

from __future__ import annotations

from collections.abc import Iterator

from bot.policy.lexical import open_analyzer


def people_in(text: str) -> Iterator[int]:
    """Where surnames and given names begin in a folded text."""
    position = 0
    for token in open_analyzer().tokens(text):
        if token.is_person:
            yield position
        position += len(token.surface)
