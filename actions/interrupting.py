"""What a typed text means while a request is put together: an answer to the step, or something in between."""

from __future__ import annotations

from functools import wraps

from actions import flow, steps
from actions.scopes import named
from actions.services import Services
from actions.state import RequestState
from actions.turn import Handler, Reply, Turn
from bot.register.kinds import detect


def interrupting(handler: Handler) -> Handler:
    """Wraps the handler of an intent that can come in the middle of a request.

    A text that answers the current step goes on with it, whatever intent it was taken for. Anything else is answered
    by `handler`, and if the request still stands where it stood, its step follows, so that no one gets lost.
    """

    @wraps(handler)
    def handle(turn: Turn, services: Services) -> Reply:
        state = turn.request
        if state is None or not state.is_running:
            return handler(turn, services)
        taken = _take(turn, services, state) if turn.text else None
        if taken is not None:
            return taken
        return resumed(turn, handler(turn, services), services)

    return handle


def resumed(turn: Turn, reply: Reply, services: Services) -> Reply:
    """The reply, followed by the current step if a request is running and was not touched."""
    state = turn.request
    untouched = state is not None and state.is_running and reply.request == state
    if state is None or not untouched or any(message.kind == "request" for message in reply.messages):
        return reply
    return reply.followed_by(steps.again(state, services))


def _take(turn: Turn, services: Services, state: RequestState) -> Reply | None:
    if state.step == "words":
        return flow.add_words(turn, services, state)
    if state.step == "scope":
        scope = named(turn.text, services.desk)
        return flow.choose_scope(turn, services, state, scope) if scope else None
    if state.step == "kind" and turn.intent in ("open_request", "complaint"):
        kinds = tuple(kind for kind in detect(turn.text) if kind.is_filed)
        return flow.choose_kinds(turn, services, state, kinds) if kinds else None
    return None
