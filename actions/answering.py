"""Questions: the policy's own words, or the honest word that it has none, never without a way on."""

from __future__ import annotations

from actions import payloads, texts
from actions.composing import Composer
from actions.following_up import has_filed, tell_status
from actions.interrupting import interrupting
from actions.services import Services
from actions.turn import Reply, Turn
from actions.wishes import asks_how, is_wish
from bot.message import Choice, Message, Part, computed, fixed
from bot.policy.embedding import QueryVector
from bot.register.kinds import Kind, detect


@interrupting
def answer(turn: Turn, services: Services) -> Reply:
    """Answers a question by the policy alone; one about a request of this conversation, by the register."""
    if detect(turn.text) == [Kind.STATUS] and has_filed(turn, services):
        return tell_status(turn, services)
    found = services.assistant.answer(
        turn.text, turn.answer_context, services.clock(), vector=QueryVector.decode(turn.query_vector)
    )
    message = _with_ways_on(found.message, turn, services)
    message = message.model_copy(update={"context": found.context, "trace": found.trace})
    return Reply((message,), turn.request, found.context)


@interrupting
def out_of_scope(turn: Turn, services: Services) -> Reply:
    """Says kindly what this chat is for."""
    return Reply.to(turn, Composer(services).say(texts.OUT_OF_SCOPE).message("out_of_scope"))


def _with_ways_on(message: Message, turn: Turn, services: Services) -> Message:
    parts: tuple[Part, ...] = ()
    choices: tuple[Choice, ...] = ()
    wished = _wished(turn.text)
    if wished and not (turn.request and turn.request.is_running):
        choices = (payloads.begin_request(wished),)
    if message.kind == "not_in_policy":
        parts = (fixed(texts.DESK_CAN_BE_ASKED), *_addresses(services))
        choices = (*choices, payloads.ask_desk(turn.message_id))
    return message.model_copy(update={"parts": message.parts + parts, "choices": message.choices + choices})


def _wished(text: str) -> tuple[Kind, ...]:
    # Never started by itself: the text was taken for a question, so the member decides.
    if not (is_wish(text) or asks_how(text)):
        return ()
    return tuple(kind for kind in detect(text) if kind.is_filed)


def _addresses(services: Services) -> tuple[Part, ...]:
    addresses = [desk.email for desk in services.desk.desks if desk.email]
    return (fixed(texts.DESK_ADDRESS), *(computed(address) for address in addresses)) if addresses else ()
