"""What a member reads at each step of a request. Every step before the receipt says that nothing is filed yet."""

from __future__ import annotations

from collections.abc import Callable

from actions import payloads, texts
from actions.composing import Composer
from actions.narrowing import MEND, NARROWINGS, REMOVE, STOP
from actions.services import Services
from actions.state import RequestState
from actions.turn import Turn
from bot.message import Choice, Message, RequestRef, Step
from bot.register.kinds import ADVERTISING, Kind

# Clients know four steps. Which of several rights the words mean is still the question of the kind; what one says
# about a matter takes the place of which data one means.
_SHOWN_STEPS: dict[str, Step] = {
    "kind": "kind",
    "which": "kind",
    "scope": "scope",
    "words": "scope",
    "wording": "scope",
    "rewrite": "scope",
    "confirm": "confirm",
    "withdraw": "confirm",
    "details": "details",
}

# A right that changes what the company may do with the data has consequences that the policy names.
_CONSEQUENTIAL = frozenset({Kind.ERASURE, Kind.USE_STOP, Kind.THIRD_PARTY_STOP})
_TO_THE_DESK = {Kind.COMPLAINT: texts.COMPLAINT_BEGINS, Kind.INQUIRY: texts.INQUIRY_BEGINS}

KIND_CHOICES: tuple[tuple[str, str], ...] = (
    (texts.CHOICE_SEE, Kind.DISCLOSURE),
    (texts.CHOICE_PURPOSE, Kind.PURPOSE_NOTICE),
    (texts.CHOICE_RECORD, Kind.THIRD_PARTY_RECORD),
    (texts.CHOICE_MEND, MEND),
    (texts.CHOICE_STOP, STOP),
    (texts.CHOICE_REMOVE, REMOVE),
    (texts.CHOICE_COMPLAINT, Kind.COMPLAINT),
    (texts.CHOICE_UNSURE, Kind.INQUIRY),
)
"""What members can choose from in their own words: a kind, or the name of the question that tells several apart."""


def asks_for_a_right(kinds: tuple[str, ...]) -> bool:
    """Whether a right to one's data is among them: complaints and inquiries are about anything."""
    return any(Kind(kind) not in _TO_THE_DESK for kind in kinds)


def needs_scope(state: RequestState) -> bool:
    """Whether one has to ask which data are meant; what stops advertisements says so itself."""
    return asks_for_a_right(
        tuple(kind for kind in state.kinds if not (state.stops_advertising and kind == Kind.USE_STOP))
    )


def reference(state: RequestState) -> RequestRef:
    """The step as clients know it."""
    return RequestRef(kinds=state.kinds, step=_SHOWN_STEPS[state.step])


def opening(turn: Turn, state: RequestState, services: Services) -> Message:
    """The first message of a request: what the policy says about such requests, then its first step."""
    composer = Composer(services).say(*_greeting(state))
    if asks_for_a_right(state.kinds) or not state.kinds:
        composer.quote(texts.POLICY_SAYS_ABOUT_REQUESTS, *services.quoted("identity_check"))
    return _ask(turn, state, _warn(composer, state))


def following(turn: Turn, state: RequestState, services: Services, *notes: str) -> Message:
    """A later step that is reached for the first time."""
    composer = Composer(services).say(*notes)
    was_warned = turn.request is not None and not _CONSEQUENTIAL.isdisjoint(turn.request.kinds)
    return _ask(turn, state, composer if was_warned else _warn(composer, state))


def again(turn: Turn, state: RequestState, services: Services, *notes: str) -> Message:
    """The current step once more, after something else was said."""
    return _ask(turn, state, Composer(services).say(*(notes or (texts.CONTINUE_HERE,))))


def _greeting(state: RequestState) -> tuple[str, ...]:
    to_the_desk = [_TO_THE_DESK[Kind(kind)] for kind in state.kinds if Kind(kind) in _TO_THE_DESK]
    return (*((texts.REQUEST_BEGINS,) if asks_for_a_right(state.kinds) or not state.kinds else ()), *to_the_desk)


def _warn(composer: Composer, state: RequestState) -> Composer:
    # Said once it is known what is asked for, and before anything can be filed.
    if not _CONSEQUENTIAL.isdisjoint(state.kinds):
        composer.quote(texts.POLICY_SAYS_ABOUT_CONSEQUENCES, *composer.services.quoted("consequence"))
    return composer


def _ask(turn: Turn, state: RequestState, composer: Composer) -> Message:
    choices = _ASKING[state.step](turn, state, composer)
    return composer.message("request", choices=choices, request=reference(state))


def _ask_kind(_turn: Turn, _state: RequestState, composer: Composer) -> tuple[Choice, ...]:
    composer.say(texts.NOT_YET_FILED, texts.ASK_KIND)
    chosen = tuple(payloads.press(title, "kind", kind) for title, kind in KIND_CHOICES)
    return (*chosen, payloads.leave("kind"))


def _ask_which(_turn: Turn, state: RequestState, composer: Composer) -> tuple[Choice, ...]:
    narrowing = NARROWINGS[state.narrowing or ""]
    composer.say(texts.NOT_YET_FILED, narrowing.question)
    chosen = tuple(payloads.press(meaning.title, "which", meaning.value) for meaning in narrowing.meanings)
    return (*chosen, payloads.leave("which"))


def _ask_scope(_turn: Turn, state: RequestState, composer: Composer) -> tuple[Choice, ...]:
    composer.value(texts.KINDS_LABEL, *_titles(state)).say(texts.NOT_YET_FILED, texts.ASK_SCOPE)
    titles = [scope.title for scope in composer.services.desk.scopes]
    if state.suggested in titles:
        titles.sort(key=lambda title: title != state.suggested)
    named = tuple(payloads.press(title, "scope", title) for title in titles)
    return (*named, payloads.press(texts.CHOICE_ALL, "scope", payloads.ALL_SCOPES), payloads.leave("scope"))


def _ask_words(_turn: Turn, _state: RequestState, composer: Composer) -> tuple[Choice, ...]:
    composer.say(texts.NOT_YET_FILED, texts.ASK_WORDS)
    return (payloads.press(texts.CHOICE_GO_ON, "words", payloads.GO_ON), payloads.leave("words"))


def _ask_wording(turn: Turn, state: RequestState, composer: Composer) -> tuple[Choice, ...]:
    composer.value(texts.QUESTION_LABEL, turn.words(state.words) or "").say(texts.NOT_YET_FILED, texts.ASK_WORDING)
    return (
        payloads.press(texts.CHOICE_AS_IT_IS, "wording", payloads.GO_ON),
        payloads.press(texts.CHOICE_REWRITE, "wording", payloads.REWRITE),
        payloads.leave("wording"),
    )


def _ask_new_wording(_turn: Turn, _state: RequestState, composer: Composer) -> tuple[Choice, ...]:
    composer.say(texts.NOT_YET_FILED, texts.ASK_NEW_WORDING)
    return (payloads.press(texts.CHOICE_KEEP_WORDS, "rewrite", payloads.GO_ON), payloads.leave("rewrite"))


def _ask_confirm(turn: Turn, state: RequestState, composer: Composer) -> tuple[Choice, ...]:
    composer.value(texts.KINDS_LABEL, *_titles(state))
    _show_scope(state, composer)
    _show_words(turn, state, composer)
    composer.quote(texts.POLICY_NAMES_DESKS, *(desk.quote for desk in composer.services.desk.desks))
    composer.say(texts.NOT_YET_FILED, texts.ASK_CONFIRM)
    file = payloads.press(texts.CHOICE_FILE, "confirm", payloads.FILE, draft=state.draft)
    return (file, payloads.press(texts.CHOICE_LEAVE, "confirm", payloads.LEAVE, draft=state.draft))


def _show_scope(state: RequestState, composer: Composer) -> None:
    if state.scope is not None:
        composer.value(texts.SCOPE_LABEL, texts.CHOICE_ALL if state.scope == payloads.ALL_SCOPES else state.scope)
    if state.stops_advertising:
        if state.scope != ADVERTISING:
            composer.value(texts.STOPPED_USE_LABEL, ADVERTISING)
        composer.owners_page()


def _show_words(turn: Turn, state: RequestState, composer: Composer) -> None:
    # A question for the desk is nothing but its words, which may just have been rewritten: they are read once more.
    words = turn.words(state.words)
    if words and state.kinds == (Kind.INQUIRY,):
        composer.value(texts.QUESTION_LABEL, words)
    elif state.words:
        composer.say(texts.WORDS_ARE_ATTACHED)


_Asking = Callable[[Turn, RequestState, Composer], tuple[Choice, ...]]
_ASKING: dict[str, _Asking] = {
    "kind": _ask_kind,
    "which": _ask_which,
    "scope": _ask_scope,
    "words": _ask_words,
    "wording": _ask_wording,
    "rewrite": _ask_new_wording,
    "confirm": _ask_confirm,
}


def _titles(state: RequestState) -> tuple[str, ...]:
    return tuple(Kind(kind).title for kind in state.kinds)
