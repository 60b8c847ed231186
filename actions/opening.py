"""Questions about the desk's hours: what the calendar says about the time that was named, beside the policy's words."""

from __future__ import annotations

from dataclasses import replace

from actions import texts
from actions.composing import Composer
from actions.services import Services
from actions.turn import Turn
from bot.desk_days import computed_hours
from bot.message import Citation, Message, computed, fixed
from bot.policy.answer import Answer
from bot.policy.citations import find_range
from bot.policy.context import write_context

Range = tuple[int, int]


def asks_for_hours(turn: Turn, services: Services) -> bool:
    """Whether something can be worked out for what was typed."""
    return bool(turn.text and _hours(turn, services))


def with_hours(found: Answer, turn: Turn, services: Services) -> Answer:
    """The answer with what was worked out in front; the sentence on hours is quoted in any case.

    An answer to several questions keeps what it says. One to this question alone, or one that found nothing, gives way:
    the question was about the desk's hours, and the sentence on them answers it.
    """
    told = _hours(turn, services)
    if not told:
        return found
    place = _sentence(services)
    is_alone = len(found.trace.get("questions", ())) == 1
    holds = _holds(found.message.citations, place, services.policy.text)
    if found.message.kind == "answer" and holds and not is_alone:
        parts = (fixed(texts.HOURS_LABEL), *map(computed, told), *found.message.parts)
        return replace(found, message=found.message.model_copy(update={"parts": parts}))
    own = Composer(services).value(texts.HOURS_LABEL, *told).quote(texts.HOURS_IN_POLICY, *services.quoted("hours"))
    message = own.message("answer")
    if found.message.kind == "answer" and not (is_alone and holds):
        shown = {**found.context, "ranges": [list(place), *found.context.get("ranges", ())]}
        return replace(found, message=_joined(message, found.message), context=shown)
    passage = services.policy.passage_at(place[0])
    context = write_context(services.policy, [passage] if passage else [], message.citations)
    return replace(found, message=message, context=context, options=())


def _hours(turn: Turn, services: Services) -> tuple[str, ...]:
    follows = bool(services.quoted("hours")) and _was_shown(turn, services)
    return computed_hours(turn.text, services.clock(), services.desk, follows=follows)


def _was_shown(turn: Turn, services: Services) -> bool:
    context = turn.answer_context or {}
    if (context.get("policy"), context.get("version")) != (services.policy.id, services.policy.version):
        return False
    start, end = _sentence(services)
    return any(first < end and start < last for first, last in context.get("ranges", ()))


def _sentence(services: Services) -> Range:
    (quote,) = services.quoted("hours")
    return find_range(services.policy, quote)


def _holds(citations: tuple[Citation, ...], place: Range, text: str) -> bool:
    """Whether the quotes together say the whole sentence; white space between two of them may be missing."""
    quoted = {position for one in citations for position in range(one.start, one.end)}
    return all(position in quoted or text[position].isspace() for position in range(*place))


def _joined(first: Message, second: Message) -> Message:
    moved = [
        part if part.citation is None else part.model_copy(update={"citation": part.citation + len(first.citations)})
        for part in second.parts
    ]
    return second.model_copy(
        update={"parts": (*first.parts, *moved), "citations": (*first.citations, *second.citations)}
    )
