"""Steps of the decision: proposed by one person on a ground and with an explanation, put into effect by another."""

from __future__ import annotations

from bot.console.frame.forms import FormIsWrongError
from bot.console.requests.acting import Acting
from bot.console.requests.form import Form
from bot.console.requests.rules import regime_of
from bot.register.decisions import deciding
from bot.register.decisions.looking import open_decision
from bot.register.decisions.models import Outcome
from bot.register.errors import DecisionIsUnknownError


def proposal_of(form: Form) -> deciding.Proposal:
    """What was filled in; outcome and ground are one choice, since a ground goes with its outcome.

    Raises:
        FormIsWrongError: no outcome was chosen.
    """
    outcome, _, ground = form["choice"].partition(":")
    if outcome not in set(Outcome):
        raise FormIsWrongError("結果を選んでください。")
    return deciding.Proposal(Outcome(outcome), ground or None, explanation=form["explanation"], detail=form["detail"])


def propose(act: Acting) -> None:
    """Proposes what shall become of it; routing and answering take effect at once."""
    deciding.propose(
        act.session,
        act.id,
        proposal_of(act.form),
        actor=act.actor.id,
        now=act.now,
        vault=act.console.vault,
        regime=regime_of(act.console),
    )


def approve(act: Acting) -> None:
    """Puts the proposal into effect, as the second person."""
    deciding.approve(act.session, _decision_id(act), actor=act.actor.id, now=act.now)


def reject(act: Acting) -> None:
    """Turns the proposal down, or takes one's own back."""
    deciding.reject(act.session, _decision_id(act), actor=act.actor.id, now=act.now)


def executed(act: Acting) -> None:
    """Notes that it has been done to the data themselves."""
    deciding.note_executed(act.session, _decision_id(act), actor=act.actor.id, now=act.now)


def _decision_id(act: Acting) -> str:
    # The form names the proposal that was read, so that nobody approves another one that took its place.
    row = open_decision(act.session, act.id)
    if row is None or row.id != act.form["decision"]:
        raise DecisionIsUnknownError("this proposal is no longer the request's")
    return row.id
