"""Taking a step: on what was seen, allowed here and now, in one transaction; else the page again, with what was typed.

Whoever acts second is told what happened since their page was drawn, and nothing they typed is lost. Which of two wins
at the same moment is decided by the locks of the database.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus

from aiohttp import web
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from bot.console.frame.guard import actor_of
from bot.console.frame.parts import Console, console_of
from bot.console.frame.rendering import see
from bot.console.requests.access import MayNotError, refuse, require_access
from bot.console.requests.detail_page import Trouble, draw
from bot.console.requests.faults import told
from bot.console.requests.form import Form, read_form
from bot.console.requests.open_steps import Step, open_steps
from bot.errors import BadInputError
from bot.register.errors import RequestIsUnknownError, StateForbidsError
from bot.register.meanwhile import SomethingHappenedMeanwhileError, lock_as_seen
from bot.register.models import Request
from bot.staff.actor import Actor

_LOST = "ほかの操作と重なったため、何も変えていません。最新の状態を確かめてから、もう一度お試しください。"


@dataclass(frozen=True)
class Acting:
    """One step at work: the locked request, who acts, and what they filled in."""

    session: Session
    console: Console
    request: Request
    actor: Actor
    form: Form
    now: datetime

    @property
    def id(self) -> str:
        """Of the request."""
        return self.request.id


Do = Callable[[Acting], None]
Beside = Callable[[Session, Form, Actor], Sequence[str]]


def _nothing(_session: Session, _form: Form, _actor: Actor) -> Sequence[str]:
    return ()


async def take(request: web.Request, step: Step, do: Do, beside: Beside = _nothing) -> web.StreamResponse:
    """Takes a step, and goes back to the page of the request.

    Args:
        request: the post.
        step: which one.
        do: what it does with the request; it is called only for a step that is open.
        beside: which other requests it will lock.
    """
    console, actor, id_ = console_of(request), actor_of(request), request.match_info["id"]
    form = await read_form(request, step)
    now = console.clock()

    def act(session: Session) -> None:
        _require_step(session, id_, step, form, actor, beside)
        row = session.get_one(Request, id_)
        do(Acting(session, console, row, actor, form, now))

    try:
        await console.write(act)
    except (RequestIsUnknownError, MayNotError, SomethingHappenedMeanwhileError) as error:
        return await _stopped(request, error, form)
    except StateForbidsError as error:
        return await draw(request, Trouble(form, told(error)), HTTPStatus.CONFLICT)
    except BadInputError as error:
        return await draw(request, Trouble(form, told(error)), HTTPStatus.UNPROCESSABLE_ENTITY)
    except DBAPIError:
        # The steps check before they write; what the database still refuses, it refuses as a whole.
        return await draw(request, Trouble(form, _LOST), HTTPStatus.CONFLICT)
    raise see(f"/requests/{id_}?done={step}")


async def _stopped(
    request: web.Request, error: RequestIsUnknownError | MayNotError | SomethingHappenedMeanwhileError, form: Form
) -> web.StreamResponse:
    if isinstance(error, SomethingHappenedMeanwhileError):
        return await draw(request, Trouble(form, "", error.events), HTTPStatus.CONFLICT)
    if form.step == Step.LINK and isinstance(error, RequestIsUnknownError):
        return await draw(request, Trouble(form, told(error)), HTTPStatus.UNPROCESSABLE_ENTITY)
    return await refuse(request, error)


def _require_step(session: Session, id_: str, step: Step, form: Form, actor: Actor, beside: Beside) -> None:
    require_access(session, actor, id_)
    row = lock_as_seen(session, id_, form.seen, beside(session, form, actor))
    if step not in open_steps(session, row, actor):
        raise StateForbidsError(f"request {row.number} is {row.state}: {step} is not open to this person")
