"""Which action does what, and the one adapter between rasa_sdk and the handlers."""

from __future__ import annotations

import asyncio
from typing import Any

from rasa_sdk.events import SlotSet
from rasa_sdk.executor import ActionExecutor, CollectingDispatcher
from rasa_sdk.interfaces import Tracker

from actions.answering import answer, out_of_scope
from actions.choosing import choose
from actions.following_up import ask_withdrawal_or_leave, take_details, tell_status
from actions.requesting import complain, inquire, open_request
from actions.routing import handle
from actions.services import Services
from actions.smalltalk import small_talk
from actions.steering import affirm, deny, restart, stop
from actions.turn import Handler, Reply, Turn

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

    def __init__(self, handler: Handler, services: Services) -> None:
        self._handler = handler
        self._services = services

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[dict[str, Any]]:
        """Runs the handler in a thread, since it blocks on the database, and utters one custom object a message."""
        del domain  # Rasa's domain says nothing that a handler needs.
        turn = Turn.from_tracker(tracker)
        reply = await asyncio.to_thread(handle, turn, self._services, self._handler)
        for message in reply.messages:
            dispatcher.utter_message(json_message=message.to_wire())
        return _events(turn, reply)


def register_actions(executor: ActionExecutor, services: Services) -> None:
    """Makes every action of the domain known to the executor."""
    for name, handler in HANDLERS.items():
        executor.register_function(name, HandlerAction(handler, services).run)


def _events(turn: Turn, reply: Reply) -> list[dict[str, Any]]:
    # Only what changed: every event is stored, sent and replayed with each later turn.
    events: list[dict[str, Any]] = []
    if reply.request != turn.request:
        events.append(SlotSet("request", reply.request.to_slot() if reply.request else None))
    if reply.answer_context != turn.answer_context:
        events.append(SlotSet("answer_context", reply.answer_context))
    return events
