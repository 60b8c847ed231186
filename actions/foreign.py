"""Messages in another language: what this desk is in a fixed text of it, the policy's words, the requests as buttons.

Nothing is translated but titles: the words a member reads about the policy are its own, in Japanese. What the message
asks is recognised by words of the language file, and the Japanese question that stands for it is put to the policy.
"""

from __future__ import annotations

from actions import asked, payloads
from actions.composing import Composer
from actions.interrupting import interrupting
from actions.languages.detection import language_of, plain
from actions.languages.texts import CODES, Language, open_language
from actions.services import Services
from actions.turn import Handler, Reply, Turn
from bot.message import Choice, Message, Part, computed, fixed
from bot.policy.answer import Answer
from bot.register.kinds import Kind


def in_another_language(turn: Turn) -> Handler | None:
    """Who answers a typed text that is not Japanese; None for all others."""
    code = language_of(turn.text) if turn.text else None
    if code is None:
        return None

    @interrupting
    def answer(turn: Turn, services: Services) -> Reply:
        return _answer(turn, services, code)

    return answer


def with_line(reply: Reply, code: str | None) -> Reply:
    """The reply whose first message says in the member's language that the steps go on in Japanese."""
    if code not in CODES:
        return reply
    first, *rest = reply.messages
    line = fixed(open_language(code).request)
    return Reply((_before(first, line), *rest), reply.request, reply.answer_context)


def _answer(turn: Turn, services: Services, code: str) -> Reply:
    language = open_language(code)
    questions = language.topics_of(plain(turn.text))
    choices = _choices(language, code, turn)
    if not questions:
        message = Composer(services).say(language.reply).message("smalltalk", choices=choices)
        return Reply.to(turn, message)
    found = services.assistant.answer("\n".join(questions), None, services.clock())
    if found.message.kind == "answer" and found.message.citations:
        return Reply((_quoting(found, language, choices),), turn.request, found.context)
    addresses = [computed(desk.email) for desk in services.desk.desks if desk.email]
    parts = (fixed(language.reply), fixed(language.missing), *addresses)
    *rights, desk = choices
    message = Message(kind="not_in_policy", parts=parts, choices=(desk, *rights))
    return Reply((message,), turn.request, asked.remembered(found.context, turn.message_id))


def _quoting(found: Answer, language: Language, choices: tuple[Choice, ...]) -> Message:
    quotes = tuple(part for part in found.message.parts if part.type == "quote")
    parts = (fixed(language.reply), fixed(language.quotes), *quotes)
    return found.message.model_copy(
        update={"parts": parts, "choices": choices, "context": found.context, "trace": found.trace}
    )


def _choices(language: Language, code: str, turn: Turn) -> tuple[Choice, ...]:
    """The requests, and last the desk, which gets the message as it was typed."""
    rights = [(kind, title) for kind, title in language.choices.items() if kind != Kind.INQUIRY]
    return (
        *(payloads.begin_request((kind,), title=title, language=code) for kind, title in rights),
        payloads.ask_desk(turn.message_id, title=language.choices[Kind.INQUIRY], language=code),
    )


def _before(message: Message, line: Part) -> Message:
    return message.model_copy(update={"parts": (line, *message.parts)})
