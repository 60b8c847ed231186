"""The wish to leave the service, which is no request: what is not done here, and which rights there are instead."""

from __future__ import annotations

from actions import payloads, texts
from actions.composing import Composer
from actions.interrupting import interrupting
from actions.services import Services
from actions.turn import Reply, Turn
from actions.wishes import asks, asks_how
from bot.register.kinds import Kind, read


def only_leaves(turn: Turn) -> bool:
    """Whether nothing but leaving is wished for; a question about leaving is one to the policy."""
    return read(turn.text).only_leaves and not (asks(turn.text) or asks_how(turn.text))


@interrupting
def explain_leaving(turn: Turn, services: Services) -> Reply:
    """Says where leaving belongs, and offers what can be asked for here."""
    composer = Composer(services).say(texts.LEAVING_IS_NOT_HERE)
    composer.quote(texts.POLICY_NAMES_DESKS, *(desk.quote for desk in services.desk.desks))
    choices = (
        payloads.begin_request((Kind.ERASURE,), title=texts.CHOICE_REMOVE),
        payloads.begin_request((Kind.USE_STOP,), title=texts.CHOICE_STOP_USE),
        payloads.ask_desk(turn.message_id),
    )
    return Reply.to(turn, composer.say(texts.LEAVING_CHOICES).message("out_of_scope", choices=choices))
