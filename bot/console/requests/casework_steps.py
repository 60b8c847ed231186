"""Steps between arrival and end: who looks after it, when it came, beginning, telling, links, the end."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from bot.clock import TOKYO
from bot.console.frame.forms import FormIsWrongError
from bot.console.requests.access import require_access, touches_sensitive
from bot.console.requests.acting import Acting
from bot.console.requests.case import people_for
from bot.console.requests.form import Form
from bot.register import casework
from bot.register.alerts.models import Alert
from bot.register.alerts.standing import acknowledge as take_up
from bot.register.arrival import check_arrival as check_it
from bot.register.arrival import correct_arrival as correct_it
from bot.register.decisions.linking import link as link_them
from bot.register.decisions.models import LinkSort
from bot.register.errors import AlertIsUnknownError, RequestIsUnknownError
from bot.register.models import ReplyBy
from bot.register.requests import by_number
from bot.register.requests import withdraw as take_back
from bot.staff.actor import Actor


def assign(act: Acting) -> None:
    """Gives it to somebody who works on requests and may read about what it is about."""
    to = act.form.needed("to", "担当")
    people = people_for(act.session, act.request.controller, sensitive=touches_sensitive(act.session, act.request))
    if to not in dict(people):
        raise FormIsWrongError("この人には割り当てられません。")
    casework.assign(act.session, act.id, to, actor=act.actor.id, now=act.now)


def urgent(act: Acting) -> None:
    """Sets the mark, or takes it off."""
    casework.set_urgent(act.session, act.id, urgent=act.form["on"] == "yes", actor=act.actor.id, now=act.now)


def correct_arrival(act: Acting) -> None:
    """Puts the time of arrival right."""
    typed = act.form.needed("at", "受付日時")
    try:
        moment = datetime.fromisoformat(typed)
    except ValueError:
        raise FormIsWrongError("受付日時は、年月日と時刻で入力してください。") from None
    at = moment if moment.tzinfo is not None else moment.replace(tzinfo=TOKYO)
    correct_it(act.session, act.id, at, actor=act.actor.id, now=act.now)


def check_arrival(act: Acting) -> None:
    """Notes that it was compared with the original."""
    check_it(act.session, act.id, actor=act.actor.id, now=act.now)


def begin(act: Acting) -> None:
    """Takes it into review."""
    casework.begin_review(act.session, act.id, actor=act.actor.id, now=act.now)


def told(act: Acting) -> None:
    """Notes that staff themselves told the member."""
    casework.note_told(act.session, act.id, act.form.choice("by", ReplyBy), actor=act.actor.id, now=act.now)


def close(act: Acting) -> None:
    """Ends it."""
    casework.close(act.session, act.id, actor=act.actor.id, now=act.now)


def withdraw(act: Acting) -> None:
    """Takes it back, for a member who has said so."""
    if act.form["confirmed"] != "yes":
        raise FormIsWrongError("ご本人が取下げを望んでいることを確かめ、印を付けてください。")
    take_back(act.session, act.id, now=act.now, actor=act.actor.id)


def acknowledge(act: Acting) -> None:
    """Takes up a notice to staff about this very request."""
    alert = act.session.get(Alert, act.form["alert"])
    if alert is None or alert.request_id != act.id:
        raise AlertIsUnknownError("no such alert of this request")
    take_up(act.session, alert.id, actor=act.actor.id, now=act.now)


def linked_ids(session: Session, form: Form, actor: Actor) -> Sequence[str]:
    """The request that a link names, as one that this person may know of.

    Raises:
        RequestIsUnknownError: there is none of this number.
        MayNotError: they may not know of it.
    """
    found = by_number(session, form["number"])
    if found is None:
        raise RequestIsUnknownError("no request of this number")
    return [require_access(session, actor, found.id).id]


def link(act: Acting) -> None:
    """Notes that two belong together."""
    (other,) = linked_ids(act.session, act.form, act.actor)
    link_them(act.session, act.id, other, act.form.choice("sort", LinkSort), actor=act.actor.id, now=act.now)
