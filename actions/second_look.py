"""A second look at a text that the classifier was not sure of.

Three readers see a text: the classifier, the register's detector of kinds, and the gates of the search. Where the
first hesitates, agreement with another decides. Whatever comes of it is harmless to be wrong about: a request only
begins, with the word that nothing is filed, and a question is answered or honestly not.
"""

from __future__ import annotations

from dataclasses import replace

from actions.turn import Turn
from actions.wishes import asks, asks_how, demands, demands_telling
from bot.register.kinds import Kind, detect, read

# Below this, held-out texts were taken for the wrong intent about as often as for the right one.
_SURE = 0.7
_INQUIRY_SURE = 0.5
# Above this, a text that demands something the register knows is still left where the classifier puts it.
_SURER = 0.85
# How much the classifier must think of an intent that the detector names.
_PLAUSIBLE = 0.2
# The same for a question that is taken for a request of no kind: the detector is against it already.
_CONCEIVABLE = 0.01

_QUESTIONS = frozenset({"ask_policy", "nlu_fallback", "out_of_scope"})
_TO_THE_POLICY = frozenset({"ask_policy", "nlu_fallback"})
# What these two give is words; the detector names them only with something formal, or for what was handed on already.
_TOLD = frozenset({Kind.PURPOSE_NOTICE, Kind.THIRD_PARTY_RECORD, Kind.DISCLOSURE})
_OWN_INTENTS = {Kind.STATUS: "status", Kind.WITHDRAW: "withdraw", Kind.COMPLAINT: "complaint", Kind.INQUIRY: "inquiry"}
# The detector names these two only where something that was filed is mentioned beside what became of it.
_NEEDED = {Kind.STATUS: 0.1, Kind.WITHDRAW: 0.1}
_CONFIRMED = {"status": Kind.STATUS, "withdraw": Kind.WITHDRAW, "complaint": Kind.COMPLAINT}


def second_look(turn: Turn) -> Turn:
    """The turn with the intent that two readers agree on; buttons and sure texts stay as they are."""
    if turn.text and _demands_a_right(turn):
        return replace(turn, intent="open_request")
    if not turn.text or (turn.confidence >= _SURE and not _begins_nothing(turn)):
        return turn
    if turn.intent in _QUESTIONS:
        for kind in detect(turn.text):
            intent = _OWN_INTENTS.get(kind, "open_request")
            if intent == "open_request" and asks(turn.text):
                continue
            if turn.ranking.get(intent, 0.0) >= _NEEDED.get(kind, _PLAUSIBLE):
                return replace(turn, intent=intent)
    if _is_rather_a_question(turn):
        return replace(turn, intent="ask_policy")
    is_vague_inquiry = turn.intent == "inquiry" and turn.confidence < _INQUIRY_SURE
    if turn.intent == "out_of_scope" or is_vague_inquiry:
        return replace(turn, intent="ask_policy")
    return turn


def _demands_a_right(turn: Turn) -> bool:
    """A text taken for a question that tells the company what to do, and in which the detector hears a right.

    The classifier learned from far fewer ways to say this than the detector hears, so that even a sure one gives way.
    """
    if turn.intent == "open_request" or asks(turn.text):
        return False
    wish = read(turn.text)
    kinds = set(wish.kinds)
    if not kinds or not kinds.isdisjoint(_OWN_INTENTS) or not _gives_way(turn, is_displeased=wish.is_displeased):
        return False
    return demands(turn.text) or (kinds <= _TOLD and demands_telling(turn.text))


def _gives_way(turn: Turn, *, is_displeased: bool) -> bool:
    """Whether the classifier's intent is one that a right which is demanded may take the place of.

    A complaint stays one where displeasure is heard too: it takes the right along. What is no matter of this desk stays
    so when the classifier is sure of it.
    """
    if turn.intent in _TO_THE_POLICY:
        return True
    if turn.intent == "complaint":
        return not is_displeased
    return turn.confidence < _SURER


def _begins_nothing(turn: Turn) -> bool:
    """A request in which nobody recognises what is asked for, worded as a question."""
    return turn.intent == "open_request" and asks(turn.text) and not detect(turn.text)


def _is_rather_a_question(turn: Turn) -> bool:
    if turn.ranking.get("ask_policy", 0.0) < (_CONCEIVABLE if _begins_nothing(turn) else _PLAUSIBLE):
        return False
    if turn.intent == "open_request":
        return asks(turn.text) or (asks_how(turn.text) and not demands_telling(turn.text))
    # These three are also named by the detector when they are meant.
    return turn.intent in _CONFIRMED and _CONFIRMED[turn.intent] not in detect(turn.text) and asks(turn.text)
