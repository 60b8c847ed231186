"""A button was pressed: does what it says, if the conversation still stands where the button was shown."""

from __future__ import annotations

from actions import flow, payloads
from actions.following_up import take_back
from actions.narrowing import NARROWINGS
from actions.services import Services
from actions.state import RequestState
from actions.steps import KIND_CHOICES
from actions.turn import Reply, Turn


def choose(turn: Turn, services: Services) -> Reply:
    """Takes the press. A choice of an earlier step gives the current step again, and nothing is done twice."""
    step, value = turn.values.get("step", ""), turn.values.get("value", "")
    draft = turn.values.get("draft")
    state = turn.request
    if step == "withdraw":
        return _withdrawal(turn, services, value, draft)
    if step == "confirm":
        return _confirm(turn, services, value, draft)
    if state is None or not state.is_running:
        return _late(turn, services, state)
    if step in payloads.SWITCHES:
        return flow.switch(turn, services, state, step)
    if step != state.step:
        return flow.over(turn, services)
    return flow.leave(turn, services, state) if value == payloads.LEAVE else _advance(turn, services, state, value)


def _advance(turn: Turn, services: Services, state: RequestState, value: str) -> Reply:
    if state.step == "words":
        return flow.add_words(turn, services, state)
    if state.step in ("wording", "rewrite"):
        rewrites = value == payloads.REWRITE
        return flow.ask_new_words(turn, services, state) if rewrites else flow.keep_words(turn, services, state)
    if state.step == "kind" and value in {choice for _, choice in KIND_CHOICES}:
        return flow.take_kind(turn, services, state, value)
    if state.step == "which":
        meaning = NARROWINGS[state.narrowing or ""].pressed(value)
        return flow.choose_meaning(turn, services, state, meaning) if meaning else flow.over(turn, services)
    if state.step == "scope" and value in {payloads.ALL_SCOPES, *(scope.title for scope in services.desk.scopes)}:
        return flow.choose_scope(turn, services, state, value)
    return flow.over(turn, services)


def _confirm(turn: Turn, services: Services, value: str, draft: str | None) -> Reply:
    state = turn.request
    is_current = state is not None and state.step == "confirm" and state.draft == draft
    if draft is None:
        return flow.over(turn, services)
    if value == payloads.FILE:
        # The draft alone decides: a summary may be confirmed after the conversation went on, or pressed twice.
        return flow.file(turn, services, draft)
    return flow.leave(turn, services, state) if state is not None and is_current else flow.over(turn, services)


def _withdrawal(turn: Turn, services: Services, value: str, request_id: str | None) -> Reply:
    if value == payloads.TAKE_BACK and request_id is not None:
        return take_back(turn, services, request_id)
    return flow.keep_filed(turn, services)


def _late(turn: Turn, services: Services, state: RequestState | None) -> Reply:
    # Filed already: the receipts are the current step.
    if state is not None and state.step == "details" and state.draft is not None:
        return flow.file(turn, services, state.draft)
    return flow.over(turn, services)
