"""A second look at a text that the classifier was not sure of.

Three readers see a text: the classifier, the register's detector of kinds, and the gates of the search. Where the
first hesitates, agreement with another decides. Whatever comes of it is harmless to be wrong about: a request only
begins, with the word that nothing is filed, and a question is answered or honestly not.
"""

from __future__ import annotations

from dataclasses import replace

from actions.turn import Turn
from actions.wishes import asks_how
from bot.register.kinds import Kind, detect

# Below this, held-out texts were taken for the wrong intent about as often as for the right one.
_SURE = 0.7
_INQUIRY_SURE = 0.5
# How much the classifier must think of an intent that the detector names.
_PLAUSIBLE = 0.2

_QUESTIONS = frozenset({"ask_policy", "nlu_fallback", "out_of_scope"})
_OWN_INTENTS = {Kind.STATUS: "status", Kind.WITHDRAW: "withdraw", Kind.COMPLAINT: "complaint", Kind.INQUIRY: "inquiry"}


def second_look(turn: Turn) -> Turn:
    """The turn with the intent that two readers agree on; buttons and sure texts stay as they are."""
    if not turn.text or turn.confidence >= _SURE:
        return turn
    if turn.intent in _QUESTIONS:
        for kind in detect(turn.text):
            intent = _OWN_INTENTS.get(kind, "open_request")
            if turn.ranking.get(intent, 0.0) >= _PLAUSIBLE:
                return replace(turn, intent=intent)
    if turn.intent == "open_request" and turn.ranking.get("ask_policy", 0.0) >= _PLAUSIBLE and asks_how(turn.text):
        return replace(turn, intent="ask_policy")
    is_vague_inquiry = turn.intent == "inquiry" and turn.confidence < _INQUIRY_SURE
    if turn.intent == "out_of_scope" or is_vague_inquiry:
        return replace(turn, intent="ask_policy")
    return turn
