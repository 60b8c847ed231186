"""Steps that keep a request from being forgotten, and let it go again."""

from __future__ import annotations

from bot.console.requests.acting import Acting
from bot.register.forgetting import hold as holding


def hold(act: Acting) -> None:
    """Holds it, for a reason that is read by those who work on requests."""
    reason = act.form.needed("reason", "保全する理由")
    holding.hold(act.session, act.id, reason, actor=act.actor.id, now=act.now, vault=act.console.vault)


def lift(act: Acting) -> None:
    """Lets it go: what was due meanwhile is deleted with the next purge."""
    holding.lift(act.session, act.id, actor=act.actor.id, now=act.now)
