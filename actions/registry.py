"""Which action does what, and the one adapter between rasa_sdk and the handlers."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from typing import Any

from rasa_sdk.events import SlotSet
from rasa_sdk.executor import ActionExecutor, CollectingDispatcher
from rasa_sdk.interfaces import Tracker

from actions.answering import answer, out_of_scope
from actions.choosing import choose
from actions.following_up import ask_withdrawal_or_leave, take_details, tell_status
from actions.requesting import complain, inquire, open_request
from actions.routing import handle
from actions.served import Served
from actions.smalltalk import small_talk
from actions.steering import affirm, deny, restart, stop
from actions.turn import Handler, Reply, Turn
from bot.message import Message

_TRACED_INTENTS = 3

HANDLERS: dict[str, Handler] = {
    "action_answer": answer,
    "action_out_of_scope": out_of_scope,
    "action_smalltalk": small_talk,
    "action_open_request": open_request,
    "action_complaint": complain,
    "action_inquiry": inquire,
    "action_status": tell_status,
    "action_withdraw": ask_withdrawal_or_leave,
    "action_choose": choose,
    "action_details_received": take_details,
    "action_affirm": affirm,
    "action_deny": deny,
    "action_stop": stop,
    "action_restart": restart,
}


class HandlerAction:
    """An action of the SDK around one handler."""

    def __init__(self, name: str, handler: Handler, served: Served) -> None:
        self._name = name
        self._handler = handler
        self._served = served

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[dict[str, Any]]:
        """Runs the handler in a thread, since it blocks on the database, and utters one custom object a message."""
        del domain  # Rasa's domain says nothing that a handler needs.
        turn = Turn.from_tracker(tracker)
        begun = time.perf_counter()
        reply = await asyncio.to_thread(self._handle, turn)
        spent = (time.perf_counter() - begun) * 1000
        for message in _traced(reply.messages, _dialogue(turn, self._name, spent)):
            dispatcher.utter_message(json_message=message.to_wire())
        return _events(turn, reply)

    def _handle(self, turn: Turn) -> Reply:
        return handle(turn, self._served.of(turn.controller).for_one_turn(turn.corpus), self._handler)


def register_actions(executor: ActionExecutor, served: Served) -> None:
    """Makes every action of the domain known to the executor."""
    for name, handler in HANDLERS.items():
        executor.register_function(name, HandlerAction(name, handler, served).run)


def _dialogue(turn: Turn, action: str, spent: float) -> dict[str, Any]:
    """What staff see of how the turn was understood; a pressed button was not understood but obeyed."""
    likeliest = sorted(turn.ranking.items(), key=lambda one: -one[1])[:_TRACED_INTENTS]
    return {
        "intent": turn.intent,
        "confidence": round(turn.confidence, 4),
        "ranking": [{"name": name, "confidence": round(confidence, 4)} for name, confidence in likeliest],
        "action": action,
        "pressed": not turn.text,
        "ms": round(spent, 1),
    }


def _traced(messages: tuple[Message, ...], dialogue: dict[str, Any]) -> Iterator[Message]:
    """The first message carries it: a turn is understood once, however many messages answer it."""
    for place, message in enumerate(messages):
        trace = (message.trace or {}) | {"dialogue": dialogue} if place == 0 else message.trace
        yield message.model_copy(update={"trace": trace})


def _events(turn: Turn, reply: Reply) -> list[dict[str, Any]]:
    # Only what changed: every event is stored, sent and replayed with each later turn.
    events: list[dict[str, Any]] = []
    if reply.request != turn.request:
        events.append(SlotSet("request", reply.request.to_slot() if reply.request else None))
    if reply.answer_context != turn.answer_context:
        events.append(SlotSet("answer_context", reply.answer_context))
    return events
