"""What becomes of a request: `grounds`, `decide`, then a second person's `approve` or `reject`, and `executed`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from bot.clock import in_tokyo
from bot.commands.register_session import Acting, As, Number, acting, read_text, shown
from bot.errors import BadInputError
from bot.register.decisions import deciding
from bot.register.decisions.grounds import Regime, grounds, outcomes
from bot.register.decisions.looking import open_decision, pending_decisions
from bot.register.decisions.models import Outcome
from bot.register.decisions.releasing import pending_releases
from bot.register.requests import by_id
from bot.register.staff import Permission

app = typer.Typer()


@app.command("grounds")
def list_grounds(number: Number, as_: As = "") -> None:
    """What can become of a request, and which grounds of the law may be chosen for it today."""
    with acting(as_) as act:
        kind, regime, today = act.request(number).kind, _regime(act), in_tokyo(act.now).date()
        for outcome in outcomes(kind, regime, today):
            act.say(f"{outcome}")
            for ground in grounds(kind, outcome, regime, today):
                act.say(f"  {ground.id}: {ground.title}（{ground.source}）")


@app.command()
def decide(
    number: Number,
    outcome: Annotated[Outcome, typer.Option(help="What shall become of it; see `grounds`.")],
    ground: Annotated[str | None, typer.Option(help="Id of a ground, where something is not done as asked.")] = None,
    explanation: Annotated[
        Path | None,
        typer.Option("--explanation", metavar="FILE", help="Why, for the member to read (36条); - for standard input."),
    ] = None,
    detail: Annotated[
        Path | None,
        typer.Option("--detail", metavar="FILE", help="What is changed, for the member to read; - as above."),
    ] = None,
    as_: As = "",
) -> None:
    """Proposes what shall become of a request in review; `routed` and `answered` take effect at once."""
    proposal = deciding.Proposal(
        outcome,
        ground,
        explanation=read_text(explanation) if explanation is not None else "",
        detail=read_text(detail) if detail is not None else "",
    )
    with acting(as_) as act:
        deciding.propose(
            act.session,
            act.request(number).id,
            proposal,
            actor=act.actor,
            now=act.now,
            vault=act.vault,
            regime=_regime(act),
        )
        act.say_standing(number)


@app.command()
def approve(number: Number, as_: As = "") -> None:
    """Puts the proposal for a request into effect, as the second person; the member is told."""
    with acting(as_) as act:
        act.require(Permission.APPROVE)
        deciding.approve(act.session, _decision_id(act, number), actor=act.actor, now=act.now)
        act.say_standing(number)


@app.command()
def reject(number: Number, as_: As = "") -> None:
    """Turns the proposal for a request down, or takes one's own back."""
    with acting(as_) as act:
        deciding.reject(act.session, _decision_id(act, number), actor=act.actor, now=act.now)
        act.say_standing(number)


@app.command()
def executed(number: Number, as_: As = "") -> None:
    """Notes that what was decided has been done to the data themselves."""
    with acting(as_) as act:
        deciding.note_executed(act.session, _decision_id(act, number), actor=act.actor, now=act.now)
        act.say_standing(number)


@app.command()
def waiting(as_: As = "") -> None:
    """What waits for a second person: proposals and prepared answers, oldest first."""
    with acting(as_) as act:
        for row in pending_decisions(act.session, act.controller):
            act.say(f"{row.number}: {row.kind} as {row.outcome}, proposed by {row.decided_by} {shown(row.decided_at)}")
        for answer in pending_releases(act.session, act.controller):
            view = by_id(act.session, answer.request_id)
            number = view.number if view else answer.request_id
            act.say(f"{number}: answer by {answer.delivery}, prepared by {answer.prepared_by}")


def _decision_id(act: Acting, number: str) -> str:
    view = act.request(number)
    row = open_decision(act.session, view.id)
    if row is None:
        raise BadInputError(f"request {view.number} has no decision and no proposal for one")
    return row.id


def _regime(act: Acting) -> Regime:
    return Regime(act.settings.refusal_regime)
