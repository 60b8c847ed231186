"""The letter of a decision before it is proposed: what the member would read, and where; nothing is kept by looking."""

from __future__ import annotations

from http import HTTPStatus

from aiohttp import web
from sqlalchemy.orm import Session

from bot.channels.mail.texts import Facts, house_of, member_text
from bot.channels.papers.decision_letter import Told
from bot.console.frame.guard import actor_of
from bot.console.frame.parts import console_of
from bot.console.frame.rendering import page
from bot.console.requests.access import MayNotError, refuse, require_access
from bot.console.requests.decision_steps import proposal_of
from bot.console.requests.detail_page import Trouble, draw
from bot.console.requests.faults import told
from bot.console.requests.form import Form, read_form
from bot.console.requests.open_steps import Step
from bot.console.requests.rules import desk_of, regime_of
from bot.errors import BadInputError
from bot.register.decisions.deciding import Proposal, propose
from bot.register.decisions.grounds import ground
from bot.register.decisions.models import ALONE
from bot.register.errors import RequestIsUnknownError, StateForbidsError
from bot.register.kinds import Kind
from bot.register.meanwhile import SomethingHappenedMeanwhileError, lock_as_seen
from bot.register.models import Request
from bot.register.notices import MemberNotice


class _OnlyRehearsedError(Exception):
    """Ends the transaction of a rehearsal without a trace.

    Attributes:
        request: what it was about.
    """

    def __init__(self, request: Request) -> None:
        super().__init__()
        self.request = request


async def preview(request: web.Request) -> web.StreamResponse:
    """The letter, once the register has said that it would take the proposal; else the page with what is wrong."""
    form = await read_form(request, Step.PROPOSE)
    try:
        proposal = proposal_of(form)
        row = await _rehearse(request, form, proposal)
    except (MayNotError, RequestIsUnknownError) as error:
        return await refuse(request, error)
    except SomethingHappenedMeanwhileError as error:
        return await draw(request, Trouble(form, "", error.events), HTTPStatus.CONFLICT)
    except StateForbidsError as error:
        return await draw(request, Trouble(form, told(error)), HTTPStatus.CONFLICT)
    except BadInputError as error:
        return await draw(request, Trouble(form, told(error)), HTTPStatus.UNPROCESSABLE_ENTITY)
    return page(request, "requests/preview.html", _context(request, row, form, proposal))


async def rewrite(request: web.Request) -> web.StreamResponse:
    """Back from the letter to the form, with everything that was filled in."""
    return await draw(request, Trouble(await read_form(request, Step.PROPOSE), ""))


async def _rehearse(request: web.Request, form: Form, proposal: Proposal) -> Request:
    console, actor, id_ = console_of(request), actor_of(request), request.match_info["id"]

    def rehearse(session: Session) -> None:
        require_access(session, actor, id_)
        row = lock_as_seen(session, id_, form.seen)
        regime, now = regime_of(console), console.clock()
        session.expunge(row)
        propose(session, id_, proposal, actor=actor.id, now=now, vault=console.vault, regime=regime)
        raise _OnlyRehearsedError(row)

    try:
        await console.write(rehearse)
    except _OnlyRehearsedError as rehearsed:
        return rehearsed.request
    raise AssertionError("a rehearsal always ends by its error")


def _context(request: web.Request, row: Request, form: Form, proposal: Proposal) -> dict[str, object]:
    console = console_of(request)
    house = house_of(desk_of(console), console.settings)
    kind = Kind(row.kind)
    return {
        "row": row,
        "kind": kind,
        "form": form,
        "letter": Told(
            kind=kind,
            outcome=proposal.outcome,
            ground=ground(proposal.ground) if proposal.ground else None,
            explanation=proposal.explanation,
            detail=proposal.detail,
        ),
        "house": house,
        "mail": member_text(MemberNotice.DECISION, house, Facts(row.number, kind, row.received_at)),
        "is_alone": proposal.outcome in ALONE,
    }
