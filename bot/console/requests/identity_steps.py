"""Steps about who asks: contact details that came otherwise, what was looked at and what came of it, going on."""

from __future__ import annotations

from bot.console.frame.forms import FormIsWrongError
from bot.console.requests.acting import Acting
from bot.console.requests.rules import proofs_of
from bot.register.completing import give_details
from bot.register.details import read_details
from bot.register.identity.expiry import resume_identities
from bot.register.identity.models import ProofSort
from bot.register.identity.proofs import ProofResult, record_proof

_LOOKED_AT = (ProofSort.COLLATION, ProofSort.DOCUMENT)


def details(act: Acting) -> None:
    """Enters who asks and how to answer, as the member said it by telephone or letter."""
    given = read_details(act.form.texts)
    give_details(act.session, act.request.draft_id, given, actor=act.actor.id, now=act.now, vault=act.console.vault)


def proof(act: Acting) -> None:
    """Records an attempt by the named person who made it; the first one that suffices verifies the request.

    A code and the word of the host site come from where they are checked, and from nobody's form.
    """
    sort = act.form.choice("sort", ProofSort)
    if sort not in _LOOKED_AT:
        raise FormIsWrongError("選択肢からひとつ選んでください。")
    if act.form["agrees"] not in ("yes", "no"):
        raise FormIsWrongError("結果を選んでください。")
    result = ProofResult(
        sort=sort,
        agrees=act.form["agrees"] == "yes",
        facts=tuple(act.form.chosen("fact")),
        binds_address=act.form["binds"] == "yes",
    )
    record_proof(act.session, act.id, result, actor=act.actor.id, now=act.now, table=proofs_of(act.console))


def resume(act: Acting) -> None:
    """Takes up again what was set aside, with everything that was filed with it."""
    resume_identities(act.session, act.request.draft_id, actor=act.actor.id, now=act.now)
