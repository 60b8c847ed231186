"""Filed requests of this conversation: what became of them, taking one back, and the page that was submitted.

Nothing is said about any other conversation, not even that it exists: a receipt number alone proves nobody.
"""

from __future__ import annotations

from collections.abc import Sequence

from actions import flow, payloads, steps, texts
from actions.composing import Composer
from actions.interrupting import interrupting, resumed
from actions.receipts import details_link, tokyo_time
from actions.services import Services
from actions.state import RequestState
from actions.turn import Reply, Turn
from bot.message import Choice, Link, Message, RequestRef
from bot.register.drafts import open_drafts
from bot.register.errors import StateForbidsError
from bot.register.groups import Sibling, siblings_of
from bot.register.kinds import Kind
from bot.register.life import TERMINAL, TO_THE_DESK, TRANSITIONS, Move
from bot.register.models import State
from bot.register.requests import RequestView, of_conversation, withdraw
from bot.storage.engine import reading, transaction

STATE_TEXTS = {
    State.RECEIVED: texts.STATE_RECEIVED,
    State.IDENTITY_PENDING: texts.STATE_IDENTITY_PENDING,
    State.IDENTITY_EXPIRED: texts.STATE_IDENTITY_EXPIRED,
    State.VERIFIED: texts.STATE_VERIFIED,
    State.SCOPE_PENDING: texts.STATE_SCOPE_PENDING,
    State.IN_REVIEW: texts.STATE_IN_REVIEW,
    State.DECIDED: texts.STATE_DECIDED,
    State.NOTIFIED: texts.STATE_NOTIFIED,
    State.CLOSED: texts.STATE_CLOSED,
    State.WITHDRAWN: texts.STATE_WITHDRAWN,
}
"""Who waits for what. An outcome is never among it: what was decided is read on the request's page."""

# Whoever writes to the desk need not be identified.
_UNIDENTIFIED = frozenset({State.RECEIVED, State.IDENTITY_PENDING, State.IDENTITY_EXPIRED})
_CAN_BE_WITHDRAWN = frozenset(TRANSITIONS[Move.WITHDRAW].sources)
_DECIDED = frozenset(State) - _CAN_BE_WITHDRAWN - {State.WITHDRAWN}
_WITHDRAWAL = RequestState(step="withdraw", kinds=(Kind.WITHDRAW,))


@interrupting
def tell_status(turn: Turn, services: Services) -> Reply:
    """Lists what this conversation filed, and offers again what a former one left unfiled."""
    filed = _filed(turn, services)
    reply = Reply.to(turn, _status(filed, services, siblings=_siblings(filed, services)))
    waiting = None if turn.request and turn.request.is_running else _unfiled(turn, services)
    return (
        reply
        if waiting is None
        else reply.followed_by(steps.again(turn, waiting, services, texts.DRAFT_WAITS)).at(waiting)
    )


def has_filed(turn: Turn, services: Services) -> bool:
    """Whether this conversation has anything in the register."""
    return bool(_filed(turn, services))


def ask_withdrawal_or_leave(turn: Turn, services: Services) -> Reply:
    """A wish to take back means what is being put together, if there is such a thing, and else what was filed."""
    if turn.request is not None and turn.request.is_running:
        return flow.leave(turn, services, turn.request)
    return ask_withdrawal(turn, services)


def ask_withdrawal(turn: Turn, services: Services) -> Reply:
    """Offers the requests that can still be taken back, one button each."""
    filed = _filed(turn, services)
    open_requests = [request for request in filed if request.state in _CAN_BE_WITHDRAWN]
    decided = [request for request in filed if request.state in _DECIDED]
    if not open_requests and decided:
        return Reply.to(turn, _status(decided, services, texts.TOO_LATE_TO_WITHDRAW))
    if not open_requests:
        return Reply.to(turn, _nothing_here(services, texts.NOTHING_TO_WITHDRAW))
    composer = Composer(services).say(texts.WITHDRAWAL_BEGINS)
    for request in open_requests:
        composer.value(texts.NUMBER_LABEL, request.number).value(texts.KINDS_LABEL, request.kind.title)
    message = composer.say(texts.ASK_WITHDRAW).message(
        "request",
        choices=(*map(_take_back_choice, open_requests), payloads.leave("withdraw")),
        request=RequestRef(kinds=(Kind.WITHDRAW,), step="confirm"),
    )
    return Reply.to(turn, message).at(_WITHDRAWAL)


def take_back(turn: Turn, services: Services, request_id: str) -> Reply:
    """Withdraws one request of this conversation; a second press finds it withdrawn, a late one decided."""
    mine = {request.id for request in _filed(turn, services)}
    if request_id not in mine:
        return Reply.to(turn, Composer(services).say(texts.REQUEST_IS_OVER).message("notice")).at(None)
    lead = texts.WITHDRAWN
    try:
        with transaction(services.engine) as session:
            withdraw(session, request_id, now=services.clock())
    except StateForbidsError:
        # Staff decided between the offer and the press.
        lead = texts.TOO_LATE_TO_WITHDRAW
    requests = [request for request in _filed(turn, services) if request.id == request_id]
    return Reply.to(turn, _status(requests, services, lead)).at(None)


def take_details(turn: Turn, services: Services) -> Reply:
    """Thanks for the details that the secure page took in; they themselves never come here."""
    draft = turn.values.get("draft")
    requests = [request for request in _filed(turn, services) if request.draft_id == draft]
    composer = Composer(services).say(texts.DETAILS_ARRIVED)
    for request in requests:
        composer.value(texts.NUMBER_LABEL, request.number).value(texts.KINDS_LABEL, request.kind.title)
    reply = Reply.to(turn, composer.message("status", request=_reference(requests)))
    return resumed(turn, reply, services)


def _filed(turn: Turn, services: Services) -> list[RequestView]:
    # Whoever only asks must not wait for whoever files at the moment.
    with reading(services.engine) as session:
        return of_conversation(session, turn.conversation_id)


def _siblings(requests: list[RequestView], services: Services) -> list[Sibling]:
    """What other companies were asked together with these; how far it has come there is read on the request's page."""
    with reading(services.engine) as session:
        return [
            one for draft in dict.fromkeys(each.draft_id for each in requests) for one in siblings_of(session, draft)
        ]


def _unfiled(turn: Turn, services: Services) -> RequestState | None:
    with reading(services.engine) as session:
        keep = services.settings.draft_days
        drafts = open_drafts(session, turn.conversation_id, now=services.clock(), keep_days=keep)
    if not drafts:
        return None
    one = drafts[0]
    return RequestState("confirm", one.kinds, one.scope, draft=one.id, stops_advertising=one.stops_advertising)


def _take_back_choice(request: RequestView) -> Choice:
    title = f"{request.number}（{request.kind.title}）{texts.CHOICE_WITHDRAW}"
    return payloads.press(title, "withdraw", payloads.TAKE_BACK, draft=request.id)


def _status(
    requests: list[RequestView],
    services: Services,
    lead: str = texts.STATUS_OF_THIS_CHAT,
    siblings: Sequence[Sibling] = (),
) -> Message:
    if not requests:
        return _nothing_here(services, texts.STATUS_NONE)
    composer = Composer(services).say(lead)
    for request in requests:
        composer.value(texts.NUMBER_LABEL, request.number).value(texts.KINDS_LABEL, request.kind.title)
        composer.value(texts.RECEIVED_AT_LABEL, tokyo_time(request.received_at))
        composer.say(texts.STATE_LABEL, _state_text(request))
    if siblings:
        composer.value(texts.SIBLINGS_LABEL, *(f"{one.company}（{one.number}）" for one in siblings))
    incomplete = next((request for request in requests if _lacks_contact(request)), None)
    if incomplete is None:
        return composer.message("status", request=_reference(requests), link=_page(services))
    # One page can be linked, and without an address no answer arrives; the other is named.
    if any(request.has_contact for request in requests):
        composer.value(texts.REQUEST_PAGE_LABEL, _page(services).url)
    return composer.message("status", request=_reference(requests), link=details_link(incomplete.draft_id))


def _nothing_here(services: Services, lead: str) -> Message:
    """What is said where this conversation filed nothing; what was filed elsewhere has its page all the same."""
    return Composer(services).say(lead).message("status", request=_reference([]), link=_page(services))


def _page(services: Services) -> Link:
    """The page of whatever was filed, which opens by its number; it is the same for everybody."""
    return Link(url=f"{services.settings.public_url.rstrip('/')}/request", title=texts.REQUEST_PAGE_LABEL)


def _lacks_contact(request: RequestView) -> bool:
    return request.state not in TERMINAL and not request.has_contact


def _state_text(request: RequestView) -> str:
    if _lacks_contact(request):
        return texts.STATE_WITHOUT_CONTACT
    if request.kind in TO_THE_DESK and request.state in _UNIDENTIFIED:
        return texts.STATE_RECEIVED
    return STATE_TEXTS[request.state]


def _reference(requests: list[RequestView]) -> RequestRef:
    return RequestRef(kinds=tuple(dict.fromkeys(request.kind for request in requests)), step="details")
