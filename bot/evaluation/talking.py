"""Runs rows as whole conversations, wherever these are held: over the chat API, or within this process."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from bot.errors import BadInputError
from bot.evaluation.gold import gold_of
from bot.evaluation.outcomes import Outcome
from bot.evaluation.question_sets import Row

FIRST = "first"
"""Stands for the first button, whatever its title is."""


class ButtonIsMissingError(BadInputError):
    """A row presses a button that the last messages do not have."""


@dataclass(frozen=True)
class Said:
    """What came back in one turn: the public messages, and what only staff may see of the first."""

    messages: Sequence[dict[str, Any]]
    trace: Mapping[str, Any] = field(default_factory=dict)


class Talk(Protocol):
    """One conversation."""

    async def say(self, text: str) -> Said:
        """Types a text."""

    async def press(self, choice_id: str) -> Said:
        """Presses a button by its opaque id."""

    async def close(self) -> None:
        """Lets it go."""


class Talker(Protocol):
    """Where conversations are held."""

    async def begin(self) -> Talk:
        """A new conversation."""


async def talk_through(talker: Talker, rows: Sequence[Row]) -> AsyncIterator[Outcome]:
    """One outcome a row; a follow-up continues the conversation, every other row begins a new one.

    Raises:
        UnavailableError: the conversations cannot be held there.
    """
    talk: Talk | None = None
    last: Sequence[dict[str, Any]] = ()
    try:
        for row in rows:
            if talk is None or row.kind != "followup":
                if talk is not None:
                    await talk.close()
                talk, last = await talker.begin(), ()
            begun = time.perf_counter()
            said = await _turn(talk, row, last)
            ms = (time.perf_counter() - begun) * 1000
            last = said.messages
            yield _outcome(row, said, ms)
    finally:
        if talk is not None:
            await talk.close()


def button(title: str, messages: Sequence[dict[str, Any]]) -> str:
    """The id of the button of this title, or of one that begins so, among those that were just offered.

    Raises:
        ButtonIsMissingError: there is none.
    """
    choices = [choice for message in messages for choice in message.get("choices", ())]
    if title == FIRST and choices:
        return str(choices[0]["id"])
    exact = [choice for choice in choices if choice["title"] == title]
    found = exact or [choice for choice in choices if choice["title"].startswith(title)]
    if not found:
        raise ButtonIsMissingError(f"ボタン「{title}」がありません")
    return str(found[0]["id"])


def kinds_of(messages: Sequence[dict[str, Any]]) -> list[str]:
    """What the conversation understood: the kinds that requests name, `status` for a status without any."""
    kinds: dict[str, None] = {}
    for message in messages:
        if message["kind"] not in ("request", "receipt", "status"):
            continue
        named = message.get("request", {}).get("kinds", ())
        kinds |= dict.fromkeys(named or ([message["kind"]] if message["kind"] == "status" else []))
    return list(kinds)


async def _turn(talk: Talk, row: Row, last: Sequence[dict[str, Any]]) -> Said:
    if not row.press:
        return await talk.say(row.utterance)
    try:
        return await talk.press(button(row.press, last))
    except ButtonIsMissingError as error:
        # A case whose button is gone has failed; the cases after it still run.
        return Said([{"kind": "error", "parts": [], "text": str(error)}])


def _outcome(row: Row, said: Said, ms: float) -> Outcome:
    gold = gold_of(row)
    citations = [citation for message in said.messages for citation in message.get("citations", ())]
    return Outcome(
        row=row,
        messages=said.messages,
        kinds=kinds_of(said.messages),
        ms=ms,
        gold_cited=None if gold is None else [gold.is_cited_by(each) for each in citations],
        trace=said.trace,
    )
