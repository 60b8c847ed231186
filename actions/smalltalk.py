"""Greetings, thanks, and what members ask about this chat itself."""

from __future__ import annotations

from actions import texts
from actions.composing import Composer
from actions.interrupting import resumed
from actions.services import Services
from actions.turn import Reply, Turn

_SAID = {
    "greet": texts.HELLO,
    "thank": texts.YOU_ARE_WELCOME,
    "goodbye": texts.GOODBYE,
    "bot_challenge": texts.I_AM_A_PROGRAM,
    "about_this_chat": texts.ABOUT_THIS_CHAT,
}


def small_talk(turn: Turn, services: Services) -> Reply:
    """Answers in one or two sentences; inside a request the current step follows."""
    composer = Composer(services).say(_SAID.get(turn.intent, texts.WHAT_NOW))
    if turn.intent == "about_this_chat":
        composer.value(texts.CHAT_IS_KEPT_FOR, str(services.settings.retention_days))
        readers = services.desk.owner.chat_readers
        if readers:
            composer.value(texts.CHAT_IS_READ_BY, readers)
        composer.say(texts.CHAT_CAN_BE_DELETED)
    return resumed(turn, Reply.to(turn, composer.message("smalltalk")), services)
