"""What a typed text means while a request is put together: an answer to the step, or something in between."""

from __future__ import annotations

from functools import wraps

from actions import flow, steps
from actions.narrowing import NARROWINGS
from actions.payloads import ALL_SCOPES
from actions.scopes import is_everything, mentioned, named
from actions.services import Services
from actions.state import RequestState
from actions.steps import KIND_CHOICES
from actions.turn import Handler, Reply, Turn
from actions.wishes import wants_as_it_is, wants_rewriting
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
    return reply.followed_by(steps.again(turn, state, services))


def _take(turn: Turn, services: Services, state: RequestState) -> Reply | None:
    if state.step == "words":
        return flow.add_words(turn, services, state)
    if state.step == "rewrite":
        return flow.replace_words(turn, services, state)
    if state.step == "wording":
        return _take_wording(turn, services, state)
    if state.step == "scope":
        scope = _scope_of(turn, services, state)
        return flow.choose_scope(turn, services, state, scope) if scope else None
    if state.step == "which":
        meaning = NARROWINGS[state.narrowing or ""].typed(turn.text)
        return flow.choose_meaning(turn, services, state, meaning) if meaning else None
    return _take_kind(turn, services, state) if state.step == "kind" else None


def _take_kind(turn: Turn, services: Services, state: RequestState) -> Reply | None:
    choice = next((choice for title, choice in KIND_CHOICES if _names(turn.text, title)), None)
    if choice is not None:
        return flow.take_kind(turn, services, state, choice)
    wished = turn.intent in ("open_request", "complaint")
    kinds = tuple(kind for kind in detect(turn.text) if kind.is_filed) if wished else ()
    return flow.choose_kinds(turn, services, state, kinds) if kinds else None


def _names(text: str, title: str) -> bool:
    """Whether a text is a button's title, with or without the word in brackets."""
    return text.strip() in {title, title.partition("（")[0]}


def _take_wording(turn: Turn, services: Services, state: RequestState) -> Reply | None:
    if wants_rewriting(turn.text):
        return flow.ask_new_words(turn, services, state)
    return flow.keep_words(turn, services, state) if wants_as_it_is(turn.text) else None


def _scope_of(turn: Turn, services: Services, state: RequestState) -> str | None:
    if is_everything(turn.text):
        return ALL_SCOPES
    # The wish said once more, now with the data it is about, is an answer too; a question about the data is none.
    is_same_wish = turn.intent == "open_request" and set(detect(turn.text)) <= set(state.kinds)
    return mentioned(turn.text, services.desk) if is_same_wish else named(turn.text, services.desk)
