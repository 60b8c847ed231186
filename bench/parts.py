"""The product with one part switched off, to see what the part is worth.

A switch replaces names of `bot.policy` while it is on; the product knows nothing of switches. A name that is no longer
there makes its switch fail loudly.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, cast
from unittest.mock import patch

import numpy as np

from bot.policy import gates
from bot.policy.assistant import Assistant
from bot.policy.cards import Card
from bot.policy.embedding import Vectors
from bot.policy.kinds import Kinds
from bot.policy.model import Sentence
from bot.policy.reader.policy_reader import PolicyReader
from bot.policy.search import Hit, Query

if TYPE_CHECKING:
    from bot.policy.index import FlatIndex


@dataclass(frozen=True)
class Part:
    """One part of the product.

    Attributes:
        name: as the table says it.
        replaced: dotted names and what stands in their place.
        change: what is done to an assistant once it is open.
        is_written: whether people wrote it for one policy, so that policies imported raw have none of it.
    """

    name: str
    replaced: tuple[tuple[str, object], ...] = ()
    change: Callable[[Assistant], None] | None = None
    is_written: bool = False

    @contextmanager
    def switched_off(self) -> Iterator[None]:
        """Assistants opened and asked within do without the part."""
        with ExitStack() as stack:
            for name, stand_in in self.replaced:
                stack.enter_context(patch(name, stand_in))
            yield


def _without_hub(assistant: Assistant) -> None:
    searcher = assistant._searcher  # noqa: SLF001 - no other way in, and none should be made for this
    index = cast("FlatIndex", searcher.index)  # a bench runs on the files
    searcher.index = replace(index, hub=np.zeros_like(index.hub))


def _unread(assistant: Assistant) -> None:
    assistant._readers = replace(assistant._readers, policy=_Doubtful())  # noqa: SLF001 - as above


class _Doubtful(PolicyReader):
    """Holds every statement for as likely as the next."""

    def __init__(self) -> None:
        """It reads nothing, so there is nothing to open."""

    def read(self, _query: Query, hits: Sequence[Hit]) -> dict[Sentence, float]:
        return {sentence: 0.0 for hit in hits for sentence, _ in hit.near}


def _gaps_only(decisive: Callable[..., object]) -> Callable[..., object]:
    return lambda matches: decisive([match for match in matches if not isinstance(match.owner, Card)])


def _no_kinds(kinds: Kinds, _query: Query, _vectors: Vectors) -> dict[str, float]:
    return dict.fromkeys(kinds.names, 0.0)


PARTS = (
    Part("sentences (passages alone)", (("bot.policy.search.SENTENCE_WEIGHT", 0.0),)),
    Part("words (vectors alone)", (("bot.policy.search.DENSE_WEIGHT", 1.0),)),
    Part("vectors (words alone)", (("bot.policy.search.DENSE_WEIGHT", 0.0),)),
    Part("synonym groups", (("bot.policy.lexical.Word.terms", property(lambda word: (word.form,))),)),
    Part("map of everyday words", (("bot.policy.everyday.Everyday.offers", lambda _map, _forms: []),)),
    Part("wrappers stripped", (("bot.policy.search.unwrapped", str),)),
    Part("slips mended by readings", (("bot.policy.readings.Readings.mended", lambda _readings, text: text),)),
    Part("aspects", (("bot.policy.search.ASPECT_WEIGHT", 0.0),)),
    Part("hub correction", change=_without_hub),
    Part("reader: order of passages", (("bot.policy.reader.ranking.PASSAGE_WEIGHT", 0.0),)),
    Part("reader: choice of sentences", (("bot.policy.reader.ranking.SENTENCE_WEIGHT", 0.0),)),
    Part("reader", change=_unread),
    Part("cards", (("bot.policy.gates.decisive", _gaps_only(gates.decisive)),), is_written=True),
    Part("cards and known gaps", (("bot.policy.gates.decisive", lambda _matches: None),), is_written=True),
    Part("gate: wishes that are none of a policy", (("bot.policy.gates._wishes", tuple),)),
    Part("gate: off topic", (("bot.policy.gates.OFF_TOPIC", 0.0), ("bot.policy.gates.OFF_TOPIC_FOLLOWING", 0.0))),
    Part("gate: kinds of fact named by words", (("bot.policy.sufficiency.Look.unmet", property(lambda _look: [])),)),
    Part("gate: kinds of fact learned", (("bot.policy.kinds.Kinds.wanted", _no_kinds),)),
    Part(
        "gate: not stated",
        (("bot.policy.gates.STATED", 0.0), ("bot.policy.sufficiency.Look.unmet", property(lambda _look: []))),
    ),
)
