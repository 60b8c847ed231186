"""Steps of the inbox: each one transaction, on what was seen, by a person who may; else the page again as it was typed.

Answering takes one person, since it releases, executes and refuses nothing (`bot.register.decisions.deciding`); it
takes up the inquiry by itself where nobody has begun it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from http import HTTPStatus

from aiohttp import web
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from bot.console.frame.forms import FormIsWrongError
from bot.console.frame.guard import actor_of
from bot.console.frame.parts import console_of
from bot.console.frame.rendering import see
from bot.console.inbox.detail_page import Trouble, begun, draw, require_inquiry
from bot.console.inbox.replies import PLACEHOLDER, ready_made
from bot.console.requests import casework_steps, writing_steps
from bot.console.requests.access import MayNotError, no_such_request, refuse
from bot.console.requests.acting import Acting, Do
from bot.console.requests.faults import told
from bot.console.requests.form import Form, read_form
from bot.console.requests.rules import desk_of, regime_of
from bot.errors import BadInputError
from bot.register.casework import begin_review
from bot.register.decisions.deciding import Proposal, propose
from bot.register.decisions.linking import link
from bot.register.decisions.models import LinkSort, Outcome
from bot.register.errors import RequestIsUnknownError, StateForbidsError
from bot.register.life import Move, can_move
from bot.register.meanwhile import SomethingHappenedMeanwhileError, lock_as_seen
from bot.register.thread.messages import write_note
from bot.staff.actor import Actor

Beside = Callable[[Session, Form, Actor], Sequence[str]]

_MEANWHILE = (
    "この画面を開いた後に、ほかの人または会員が操作しました。何も変えていません。"
    "下の最新の内容を確かめてから、もう一度押してください。"
)
_LOST = "ほかの操作と重なったため、何も変えていません。最新の内容を確かめてから、もう一度お試しください。"
_ASKED = "会員の返事を待っている間は回答できません。返事を記録するか、メッセージだけを送ってください。"


async def take(
    request: web.Request, name: str, do: Do, *, fields: str = "reply", beside: Beside | None = None
) -> web.StreamResponse:
    """Takes a step, and goes back to the page.

    Args:
        request: the post.
        name: of the step, as the end of its address.
        do: what it does.
        fields: what the names of the form's fields begin with.
        beside: which other requests it will lock.
    """
    console, actor, id_ = console_of(request), actor_of(request), request.match_info["id"]
    form = await read_form(request, fields)
    now = console.clock()

    def act(session: Session) -> None:
        require_inquiry(session, actor, id_)
        row = lock_as_seen(session, id_, form.seen, beside(session, form, actor) if beside else ())
        do(Acting(session, console, row, actor, form, now))

    try:
        await console.write(act)
    except MayNotError as error:
        return await refuse(request, error)
    except RequestIsUnknownError as error:
        if beside is None:
            return no_such_request(request)
        return await draw(request, Trouble(form.texts, told(error)), HTTPStatus.UNPROCESSABLE_ENTITY)
    except SomethingHappenedMeanwhileError:
        return await draw(request, Trouble(form.texts, _MEANWHILE), HTTPStatus.CONFLICT)
    except BadInputError as error:
        return await draw(request, Trouble(form.texts, told(error)), _status(error))
    except DBAPIError:
        # The steps check before they write; what the database still refuses it refuses as a whole.
        return await draw(request, Trouble(form.texts, _LOST), HTTPStatus.CONFLICT)
    raise see(f"/inbox/{id_}?done={name}")


async def insert(request: web.Request) -> web.StreamResponse:
    """The page again with a ready-made text in the box, below what was typed."""
    form = await read_form(request, "reply")
    chosen = [each for each in ready_made(desk_of(console_of(request))) if each.id == form["ready"]]
    if not chosen:
        return await draw(request, Trouble(form.texts, "ひな型を選んでください。"), HTTPStatus.UNPROCESSABLE_ENTITY)
    return await draw(request, Trouble(begun(form, chosen[0].text)))


def answer(act: Acting) -> None:
    """Answers it: the text is what the member reads as the answer."""
    _decide(act, Outcome.ANSWERED)


def route(act: Acting) -> None:
    """Leaves it to another desk, which the text names."""
    _decide(act, Outcome.ROUTED)


def message(act: Acting) -> None:
    """Writes to the member, and leaves it open."""
    _filled_in(act.form)
    writing_steps.message(act)


def ask(act: Acting) -> None:
    """Asks the member, and waits for the reply."""
    _filled_in(act.form)
    _begin(act)
    writing_steps.ask(act)


def hand_over(act: Acting) -> None:
    """Gives it to a colleague, with a note for them if one was written."""
    casework_steps.assign(act)
    if act.form["note"]:
        write_note(act.session, act.id, act.form["note"], actor=act.actor.id, now=act.now, vault=act.console.vault)


def complain_about(act: Acting) -> None:
    """Notes which request a complaint is about."""
    (other,) = casework_steps.linked_ids(act.session, act.form, act.actor)
    link(act.session, act.id, other, LinkSort.COMPLAINT_ABOUT, actor=act.actor.id, now=act.now)


def _decide(act: Acting, outcome: Outcome) -> None:
    text = _filled_in(act.form)
    _begin(act)
    propose(
        act.session,
        act.id,
        Proposal(outcome, explanation=text),
        actor=act.actor.id,
        now=act.now,
        vault=act.console.vault,
        regime=regime_of(act.console),
    )


def _begin(act: Acting) -> None:
    if can_move(act.request, Move.BEGIN_REVIEW):
        begin_review(act.session, act.id, actor=act.actor.id, now=act.now)
    elif can_move(act.request, Move.REPLY):
        raise FormIsWrongError(_ASKED)


def _filled_in(form: Form) -> str:
    text = form.needed("text", "本文")
    if PLACEHOLDER in text:
        raise FormIsWrongError(f"ひな型の「{PLACEHOLDER}…】」が残っています。書き直してから送ってください。")
    return text


def _status(error: BadInputError) -> HTTPStatus:
    return HTTPStatus.CONFLICT if isinstance(error, StateForbidsError) else HTTPStatus.UNPROCESSABLE_ENTITY
