"""Questions: the policy's own words, or the honest word that it has none, never without a way on."""

from __future__ import annotations

from actions import asked, payloads, texts
from actions.composing import Composer
from actions.following_up import has_filed, tell_status
from actions.interrupting import interrupting
from actions.opening import with_hours
from actions.services import Services
from actions.turn import Reply, Turn
from actions.wishes import asks_how, asks_whether, is_wish
from bot.message import Choice, Message, Part, computed, fixed
from bot.policy import texts as policy_texts
from bot.policy.answer import Answer
from bot.policy.embedding import QueryVector
from bot.register.kinds import Kind, detect


@interrupting
def answer(turn: Turn, services: Services) -> Reply:
    """Answers a question by the policy alone; one about a request of this conversation, by the register."""
    if "option" in turn.values:
        return _answer_option(turn, services)
    if detect(turn.text) == [Kind.STATUS] and has_filed(turn, services):
        return tell_status(turn, services)
    vector = QueryVector.decode(turn.query_vector)
    found = services.assistant.answer(turn.text, turn.answer_context, services.clock(), vector=vector)
    return _reply(turn, services, with_hours(found, turn, services), turn.message_id)


@interrupting
def out_of_scope(turn: Turn, services: Services) -> Reply:
    """Says kindly what this chat is for."""
    return Reply.to(turn, Composer(services).say(texts.OUT_OF_SCOPE).message("out_of_scope"))


def _answer_option(turn: Turn, services: Services) -> Reply:
    """Answers what an unclear question turned out to mean.

    None of what was offered is nothing in the policy; so is a section of a version that is no longer in force.
    """
    option, question = turn.values["option"], turn.values.get("value", "")
    section = services.policy.section(option)
    if section is not None and section.passages:
        found = services.assistant.answer_section(option, services.clock())
        return _reply(turn, services, found, question)
    message = Composer(services).say(texts.NONE_OF_THESE).message("not_in_policy")
    message = _with_ways_on(message, (), question, turn, services)
    return Reply((message,), turn.request, asked.remembered(turn.answer_context, question))


def _reply(turn: Turn, services: Services, found: Answer, question: str) -> Reply:
    choices = tuple(payloads.choose_option(option.title, option.question, question) for option in found.options)
    if choices:
        choices = (*choices, payloads.choose_option(texts.CHOICE_NONE_OF_THESE, payloads.NO_OPTION, question))
    message = _with_ways_on(found.message, choices, question, turn, services)
    context = asked.remembered(found.context, question) if _leaves_open(message) else found.context
    message = message.model_copy(update={"context": context, "trace": found.trace})
    return Reply((message,), turn.request, context)


def _with_ways_on(
    message: Message, choices: tuple[Choice, ...], question: str, turn: Turn, services: Services
) -> Message:
    wished = _wished(turn.text)
    if wished and not (turn.request and turn.request.is_running):
        choices = (*choices, payloads.begin_request(wished))
    if _leaves_open(message):
        choices = (*choices, payloads.ask_desk(question))
    parts = _desk_can_be_asked(services) if message.kind == "not_in_policy" else ()
    return message.model_copy(update={"parts": message.parts + parts, "choices": message.choices + choices})


def _leaves_open(message: Message) -> bool:
    """Whether something that was asked is, or may be, not in the policy: all of it, or a part of it."""
    if message.kind != "answer":
        return message.kind == "not_in_policy"
    said = {part.text for part in message.parts if part.type == "fixed"}
    return not said.isdisjoint({policy_texts.MISSING_ALSO, policy_texts.NOT_IN_POLICY, policy_texts.UNCLEAR})


def _wished(text: str) -> tuple[Kind, ...]:
    # Never started by itself: the text was taken for a question, so the member decides.
    if not (is_wish(text) or asks_how(text) or asks_whether(text)):
        return ()
    return tuple(kind for kind in detect(text) if kind.is_filed)


def _desk_can_be_asked(services: Services) -> tuple[Part, ...]:
    addresses = [computed(desk.email) for desk in services.desk.desks if desk.email]
    return (fixed(texts.DESK_CAN_BE_ASKED), *((fixed(texts.DESK_ADDRESS), *addresses) if addresses else ()))
