"""Short words whose meaning depends on where the conversation stands: yes, no, stop, from the beginning."""

from __future__ import annotations

from actions import flow, steps, texts
from actions.composing import Composer
from actions.following_up import ask_withdrawal
from actions.services import Services
from actions.turn import Reply, Turn


def affirm(turn: Turn, services: Services) -> Reply:
    """A typed yes never files: only the button of the summary does, so it is shown again and explained."""
    state = turn.request
    if state is None or state.step == "details":
        return _say(turn, services, texts.WHAT_NOW)
    if state.step == "withdraw":
        return ask_withdrawal(turn, services)
    if state.step == "wording":
        return flow.keep_words(turn, services, state)
    notes = (texts.PRESS_THE_BUTTON,) if state.step == "confirm" else ()
    return Reply.to(turn, steps.again(turn, state, services, *notes))


def deny(turn: Turn, services: Services) -> Reply:
    """A no to the summary leaves the request; at an earlier step it only means that nothing fitted yet."""
    state = turn.request
    if state is not None and state.is_running and state.step != "confirm":
        return Reply.to(turn, steps.again(turn, state, services))
    return stop(turn, services)


def stop(turn: Turn, services: Services) -> Reply:
    """Leaves what is running; what was filed stays filed, and the member is told so."""
    state = turn.request
    if state is None:
        return _say(turn, services, texts.UNDERSTOOD)
    if state.is_running:
        return flow.leave(turn, services, state)
    return _say(turn, services, texts.FILED_STAYS).at(None)


def restart(turn: Turn, services: Services) -> Reply:
    """Begins anew: the running request is left, and what the last answer was about is forgotten."""
    left: tuple[str, ...] = ()
    if turn.request is not None and turn.request.is_running:
        flow.drop(turn.request, services)
        left = (texts.LEFT,)
    message = Composer(services).say(*left, texts.FROM_THE_BEGINNING).message("notice")
    return Reply((message,), None, None)


def _say(turn: Turn, services: Services, text: str) -> Reply:
    return Reply.to(turn, Composer(services).say(text).message("smalltalk"))
