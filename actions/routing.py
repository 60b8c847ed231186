"""Who answers a turn. Rasa names an action by the intent alone; here the conversation and other readers have their say.

Typed texts are looked at in this order: another language, a word that takes the last open question to the desk, the
wish to leave, a time at which the desk may be open, and then the intent with a second look. Buttons go where they say.
"""

from __future__ import annotations

from actions.answering import answer
from actions.asked import open_question
from actions.following_up import ask_withdrawal_or_leave, tell_status
from actions.foreign import in_another_language
from actions.leaving import explain_leaving, only_leaves
from actions.opening import asks_for_hours
from actions.requesting import ask_desk, complain, inquire, open_request
from actions.second_look import second_look
from actions.services import Services
from actions.turn import Handler, Reply, Turn
from actions.wishes import wants_desk

_RECONSIDERED: dict[str, Handler] = {
    "ask_policy": answer,
    "open_request": open_request,
    "complaint": complain,
    "status": tell_status,
    "withdraw": ask_withdrawal_or_leave,
    "inquiry": inquire,
}
"""Who takes a turn whose intent a second look has changed."""


def handle(turn: Turn, services: Services, named: Handler) -> Reply:
    """The reply to a turn for which Rasa named a handler."""
    special = _special(turn, services) if turn.text else None
    if special is not None:
        return special(turn, services)
    looked = second_look(turn)
    handler = named if looked.intent == turn.intent else _RECONSIDERED[looked.intent]
    return handler(looked, services)


def _special(turn: Turn, services: Services) -> Handler | None:
    foreign = in_another_language(turn)
    if foreign is not None:
        return foreign
    if _takes_to_desk(turn):
        return _ask_desk
    if only_leaves(turn):
        return explain_leaving
    return answer if asks_for_hours(turn, services) else None


def _takes_to_desk(turn: Turn) -> bool:
    if open_question(turn.answer_context) is None or (turn.request is not None and turn.request.is_running):
        return False
    return turn.intent == "affirm" or wants_desk(turn.text)


def _ask_desk(turn: Turn, services: Services) -> Reply:
    return ask_desk(turn, services, open_question(turn.answer_context) or "")
