"""Wishes that end in the register: requests, complaints, questions for the desk."""

from __future__ import annotations

from actions import flow, payloads, steps, texts
from actions.composing import Composer
from actions.following_up import ask_withdrawal, tell_status
from actions.foreign import with_line
from actions.interrupting import interrupting
from actions.services import Services
from actions.turn import Reply, Turn
from actions.wishes import wants_desk
from bot.message import Message
from bot.register.kinds import Kind, detect


@interrupting
def open_request(turn: Turn, services: Services) -> Reply:
    """Starts the request a text or a button asks for."""
    return with_line(_open(turn, services), turn.values.get("language"))


def _open(turn: Turn, services: Services) -> Reply:
    detected = _kinds(turn)
    if Kind.STATUS in detected:
        return tell_status(turn, services)
    if Kind.WITHDRAW in detected:
        return ask_withdrawal(turn, services)
    return _start(turn, services, tuple(kind for kind in detected if kind.is_filed))


@interrupting
def complain(turn: Turn, services: Services) -> Reply:
    """Takes a complaint; a right named in it is asked for in the same request."""
    rights = tuple(kind for kind in _kinds(turn) if steps.asks_for_a_right((kind,)) and kind.is_filed)
    return _start(turn, services, (*rights, Kind.COMPLAINT))


@interrupting
def inquire(turn: Turn, services: Services) -> Reply:
    """Takes a question to the desk, and says where people can be reached."""
    if not turn.text:
        # The button under an answer names the message that asked, so that the member need not write it twice.
        return with_line(ask_desk(turn, services, turn.values.get("value", "")), turn.values.get("language"))
    # 「窓口に聞いて」 alone says where to, and not yet what.
    reply = _start(turn, services, (Kind.INQUIRY,), () if wants_desk(turn.text) else None)
    return Reply((_handover(services), *reply.messages), reply.request, reply.answer_context)


def ask_desk(turn: Turn, services: Services, asked: str) -> Reply:
    """Takes the question of an earlier message to the desk; one that is on its way there already gets it added."""
    running = turn.request
    words = (asked,) if asked in turn.said else ()
    if running is None or not running.is_running:
        return flow.take_to_desk(turn, services, words)
    if running.kinds == (Kind.INQUIRY,):
        flow.drop(running, services)
        return flow.take_to_desk(turn, services, tuple(dict.fromkeys((*running.words, *words))))
    return _start(turn, services, (Kind.INQUIRY,), words)


def _start(turn: Turn, services: Services, kinds: tuple[Kind, ...], words: tuple[str, ...] | None = None) -> Reply:
    running = turn.request
    if running is None or not running.is_running:
        return flow.begin(turn, services, kinds, words)
    if set(kinds) <= set(running.kinds):
        return Reply.to(turn, steps.again(turn, running, services, texts.ALREADY_RUNNING))
    if not running.kinds:
        return flow.choose_kinds(turn, services, running, kinds)
    return flow.offer_switch(turn, services, running, kinds, words)


def _kinds(turn: Turn) -> tuple[Kind, ...]:
    if turn.text:
        return tuple(detect(turn.text))
    known = set(Kind)
    return tuple(Kind(kind) for kind in payloads.split_kinds(turn.values.get("kind")) if kind in known)


def _handover(services: Services) -> Message:
    quotes = (*(desk.quote for desk in services.desk.desks), *services.quoted("hours"))
    return Composer(services).say(texts.NO_PERSON_HERE).quote(texts.POLICY_NAMES_DESKS, *quotes).message("handover")
