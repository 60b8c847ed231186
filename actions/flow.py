"""How a request moves from step to step. Every function gives the reply of the turn and where the request stands."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from actions import asked, payloads, steps, texts
from actions.composing import Composer
from actions.narrowing import NARROWINGS, REMOVE, Meaning
from actions.receipts import receipts, tokyo_time
from actions.scopes import mentioned
from actions.services import Services
from actions.state import RequestState
from actions.turn import Reply, Turn
from bot.crash_points import CrashPoint, crash_point
from bot.notation import read_rates
from bot.register.drafts import draft as find_draft
from bot.register.drafts import drop_draft, open_draft
from bot.register.errors import DraftWasDroppedError, TooMuchWasFiledError
from bot.register.filing import file_draft
from bot.register.kinds import ADVERTISING, Kind, read
from bot.storage.engine import transaction
from bot.storage.models import Conversation

# Shorter than this, a complaint or an inquiry says that there is one, but not what about.
_TELLING_LENGTH = 25


def begin(turn: Turn, services: Services, kinds: tuple[str, ...], words: tuple[str, ...] | None = None) -> Reply:
    """Starts a request of these kinds (none: asks for one) with what the member's words already say.

    Args:
        turn: what was said or pressed.
        services: what actions work with.
        kinds: what is asked for.
        words: ids of the messages that go with it; the text of this turn, unless told otherwise.
    """
    words = _typed(turn) if words is None else words
    state = RequestState(step="kind", kinds=kinds, words=words, suggested=_suggested(turn, words, services))
    state = _after_kind(_heard(state, turn), turn) if kinds else state
    if state.step == "confirm":
        state = _draft(state, turn, services)
    return Reply.to(turn, steps.opening(turn, state, services)).at(state)


def take_kind(turn: Turn, services: Services, state: RequestState, choice: str) -> Reply:
    """Goes on with one of `steps.KIND_CHOICES`; what may mean several rights is asked about."""
    if choice in NARROWINGS:
        return _move(turn, services, state.at("which", narrowing=choice))
    return choose_kinds(turn, services, state, (Kind(choice),))


def choose_kinds(turn: Turn, services: Services, state: RequestState, kinds: tuple[str, ...]) -> Reply:
    """Goes on from the step that asks which right is meant."""
    words = (*state.words, *_typed(turn))
    state = state.at("kind", kinds=kinds, words=words, suggested=_suggested(turn, words, services))
    return _move(turn, services, _after_kind(_heard(state, turn), turn))


def choose_meaning(turn: Turn, services: Services, state: RequestState, meaning: Meaning) -> Reply:
    """Goes on from that question: what was meant takes the place of all that might have been."""
    wanted = {*state.kinds} - NARROWINGS[state.narrowing or ""].kinds | {*meaning.kinds}
    state = state.at(
        "which",
        kinds=tuple(kind for kind in Kind if kind in wanted),
        words=(*state.words, *_typed(turn)),
        narrowing=None,
        stops_advertising=state.stops_advertising or meaning.stops_advertising,
    )
    return _move(turn, services, _after_kind(state, turn))


def choose_scope(turn: Turn, services: Services, state: RequestState, scope: str) -> Reply:
    """Goes on from the step that asks which data are meant."""
    stops_advertising = state.stops_advertising or (scope == ADVERTISING and Kind.USE_STOP in state.kinds)
    return _move(turn, services, state.at("confirm", scope=scope, stops_advertising=stops_advertising))


def add_words(turn: Turn, services: Services, state: RequestState) -> Reply:
    """Goes on from the step that asks what to tell the desk."""
    return _move(turn, services, state.at("confirm", words=(*state.words, *_typed(turn))))


def take_to_desk(turn: Turn, services: Services, words: tuple[str, ...]) -> Reply:
    """Starts an inquiry with a question that was asked here before: shows its words, which may be rewritten."""
    if turn.words(words) is None:
        return begin(turn, services, (Kind.INQUIRY,), ())
    state = RequestState(step="wording", kinds=(Kind.INQUIRY,), words=words)
    reply = Reply.to(turn, steps.opening(turn, state, services)).at(state)
    return replace(reply, answer_context=asked.forgotten(turn.answer_context))


def keep_words(turn: Turn, services: Services, state: RequestState) -> Reply:
    """Goes on with the question as it was asked."""
    return _move(turn, services, state.at("confirm"))


def ask_new_words(turn: Turn, services: Services, state: RequestState) -> Reply:
    """Asks for other words; the old ones stay until they come."""
    return _move(turn, services, state.at("rewrite"))


def replace_words(turn: Turn, services: Services, state: RequestState) -> Reply:
    """Goes on with the words just typed in place of the old ones."""
    return _move(turn, services, state.at("confirm", words=_typed(turn)))


def file(turn: Turn, services: Services, draft: str) -> Reply:
    """Files what the summary showed; pressed twice, it gives the same receipts.

    The messages are built after the commit, so that no number is shown that the register does not hold.
    """
    try:
        with transaction(services.engine) as session:
            known = find_draft(session, draft)
            if known is None or known.conversation_id != turn.conversation_id:
                return over(turn, services)
            rates = read_rates(services.settings.rate_conversation_filings)
            filed = file_draft(session, draft, now=services.clock(), vault=services.vault, rates=rates)
    except DraftWasDroppedError:
        return over(turn, services)
    except TooMuchWasFiledError as error:
        return _not_yet(turn, services, error.until)
    crash_point(CrashPoint.FILING_AFTER_COMMIT)
    state = RequestState(step="details", kinds=tuple(one.kind for one in filed), draft=draft)
    return Reply.to(turn, *receipts(filed, draft, services)).at(state)


def _not_yet(turn: Turn, services: Services, until: datetime) -> Reply:
    """Says that this waits until there is room, and who takes it at once; the summary stays, to be confirmed then."""
    composer = Composer(services).say(texts.TOO_MUCH_FILED).value(texts.FILING_RESUMES, tokyo_time(until))
    addresses = [desk.email for desk in services.desk.desks if desk.email]
    if addresses:
        composer.say(texts.FILING_AT_THE_DESK).value(texts.DESK_ADDRESS, *addresses)
    reply = Reply.to(turn, composer.message("notice"))
    if turn.request is None or turn.request.step != "confirm":
        return reply
    return reply.followed_by(steps.again(turn, turn.request, services))


def leave(turn: Turn, services: Services, state: RequestState) -> Reply:
    """Ends a running request with nothing filed."""
    drop(state, services)
    return Reply.to(turn, Composer(services).say(texts.LEFT).message("notice")).at(None)


def over(turn: Turn, services: Services) -> Reply:
    """Answers a press that belongs to a request which is no more; a running one is shown again."""
    if turn.request is not None and turn.request.is_running:
        return Reply.to(turn, steps.again(turn, turn.request, services, texts.CHOICE_IS_OLD))
    composer = Composer(services).say(texts.REQUEST_IS_OVER, texts.WHAT_NOW)
    return Reply.to(turn, composer.message("notice")).at(None)


def keep_filed(turn: Turn, services: Services) -> Reply:
    """Ends an offer to withdraw: what was filed stays."""
    return Reply.to(turn, Composer(services).say(texts.FILED_STAYS).message("notice")).at(None)


def drop(state: RequestState, services: Services) -> None:
    """Forgets the draft of a request that is left, if it has one."""
    if state.draft is not None:
        with transaction(services.engine) as session:
            drop_draft(session, state.draft, now=services.clock())


def offer_switch(
    turn: Turn, services: Services, state: RequestState, kinds: tuple[str, ...], words: tuple[str, ...] | None = None
) -> Reply:
    """Asks what to do with a wish that came while another request is put together; neither is touched yet."""
    wish = "".join((words or (turn.message_id,))[:1])
    titles = tuple(Kind(kind).title for kind in (*state.kinds, *kinds))
    choices = tuple(
        payloads.press(title, step, wish, kinds=kinds)
        for title, step in (
            (texts.CHOICE_KEEP, payloads.KEEP),
            (texts.CHOICE_ADD, payloads.ADD),
            (texts.CHOICE_REPLACE, payloads.REPLACE),
        )
    )
    composer = Composer(services).say(texts.OTHER_REQUEST_WAITS).value(texts.KINDS_LABEL, *titles)
    message = composer.say(texts.NOT_YET_FILED).message("request", choices=choices, request=steps.reference(state))
    return Reply.to(turn, message)


def switch(turn: Turn, services: Services, state: RequestState, how: str) -> Reply:
    """Does what the member chose of `offer_switch`; the words of that wish go with the new request."""
    new = payloads.split_kinds(turn.values.get("kind"))
    if how == payloads.KEEP or not new:
        return Reply.to(turn, steps.again(turn, state, services))
    drop(state, services)
    wish = (turn.values.get("value", ""),)
    if how == payloads.REPLACE and new == (Kind.INQUIRY,):
        return take_to_desk(turn, services, wish)
    if how == payloads.REPLACE:
        return begin(turn, services, new, wish)
    both = tuple(kind for kind in Kind if kind in {*state.kinds, *new})
    return begin(turn, services, both, (*state.words, *wish))


def _typed(turn: Turn) -> tuple[str, ...]:
    return (turn.message_id,) if turn.text else ()


def _suggested(turn: Turn, words: tuple[str, ...], services: Services) -> str | None:
    return mentioned(turn.words(words) or "", services.desk)


def _heard(state: RequestState, turn: Turn) -> RequestState:
    """The request with what the member's words say of its kinds."""
    wish = read(turn.words(state.words) or "")
    is_unclear = wish.removal_is_unclear and Kind.ERASURE in state.kinds and Kind.DELETION not in state.kinds
    return replace(
        state,
        narrowing=REMOVE if is_unclear else None,
        stops_advertising=wish.stops_advertising and Kind.USE_STOP in state.kinds,
    )


def _after_kind(state: RequestState, turn: Turn) -> RequestState:
    if state.narrowing is not None:
        return state.at("which")
    if steps.needs_scope(state):
        return state.at("scope")
    if state.stops_advertising:
        return state.at("confirm", scope=ADVERTISING)
    words = turn.words(state.words) or ""
    return state.at("confirm" if len(words) >= _TELLING_LENGTH else "words")


def _move(turn: Turn, services: Services, state: RequestState) -> Reply:
    if state.step == "confirm":
        state = _draft(state, turn, services)
    return Reply.to(turn, steps.following(turn, state, services)).at(state)


def _draft(state: RequestState, turn: Turn, services: Services) -> RequestState:
    with transaction(services.engine) as session:
        conversation = session.get(Conversation, turn.conversation_id)
        draft = open_draft(
            session,
            controller=services.controller,
            conversation_id=turn.conversation_id,
            channel=conversation.channel if conversation else "web",
            kinds=[Kind(kind) for kind in state.kinds],
            scope=None if state.scope == payloads.ALL_SCOPES else state.scope,
            words=turn.words(state.words),
            vault=services.vault,
            now=services.clock(),
            is_test=conversation.is_test if conversation else False,
            stops_advertising=state.stops_advertising,
        )
    return state.at("confirm", draft=draft)
