"""What staff were told: `alerts` that nobody has taken up, `acknowledge`, and a mail that came back (`bounce`)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from bot.clock import in_tokyo
from bot.commands.register_session import STANDARD_INPUT, As, acting, read_bytes, shown
from bot.errors import BadInputError
from bot.register.alerts.standing import AlertView, open_alerts
from bot.register.alerts.standing import acknowledge as acknowledge_it

app = typer.Typer()


@app.command()
def alerts(*, as_json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False, as_: As = "") -> None:
    """What nobody has taken up yet, oldest first: id, number, kind, why, who was told and when."""
    with acting(as_) as act:
        found = open_alerts(act.session, act.controller)
        if as_json:
            act.say(json.dumps([_as_dict(alert) for alert in found], indent=2))
        else:
            for alert in found:
                act.say(_line(alert))


@app.command()
def acknowledge(
    alert_ids: Annotated[list[str], typer.Argument(metavar="ALERT_ID…", help="As `alerts` names them.")],
    as_: As = "",
) -> None:
    """Takes alerts up, so that they no longer climb."""
    with acting(as_) as act:
        for alert_id in alert_ids:
            acknowledge_it(act.session, alert_id, actor=act.actor, now=act.now)
        act.say(f"{len(alert_ids)} taken up by {act.actor}")


@app.command()
def bounce(
    mail: Annotated[
        Path, typer.Argument(metavar="FILE.eml", help="The delivery status notification; - for standard input.")
    ] = STANDARD_INPUT,
    as_: As = "",
) -> None:
    """Notes that a mail to a member came back: the notice counts as failed, and staff are told."""
    from bot.channels.mail.bounces import note_bounce  # noqa: PLC0415 - it brings the web with it, for this command alone

    content = read_bytes(mail)
    with acting(as_) as act:
        if not note_bounce(act.session, content, now=act.now):
            raise BadInputError(f"{mail}: reports no failure of a mail of ours")
        act.say("noted")


def _line(alert: AlertView) -> str:
    cells = (alert.id, alert.number, f"{alert.kind:<18}", f"{alert.sort:<13}", alert.told, shown(alert.told_at))
    return "  ".join(cells)


def _as_dict(alert: AlertView) -> dict[str, object]:
    return {
        "id": alert.id,
        "number": alert.number,
        "kind": alert.kind,
        "sort": alert.sort,
        "told": alert.told,
        "raised_at": in_tokyo(alert.raised_at).isoformat(),
        "told_at": in_tokyo(alert.told_at).isoformat(),
        "climbs": alert.climbs,
    }
