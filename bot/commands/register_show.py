"""`register show`: everything about one request; what is sealed only on demand, and then it is recorded."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Any

import typer

from bot.clock import in_tokyo
from bot.commands.register_session import Acting, As, Number, acting
from bot.commands.register_table import line, row_of
from bot.register import audit
from bot.register.contacts import reveal
from bot.register.decisions.linking import links_of, suspected_duplicates
from bot.register.decisions.looking import decision_of
from bot.register.decisions.releasing import releases_of
from bot.register.identity.proofs import proofs_of
from bot.register.ledger import as_dict
from bot.register.requests import RequestView
from bot.register.sensitivity import is_sensitive
from bot.register.staff import Permission
from bot.register.thread.files import files_of
from bot.register.thread.messages import Message, read_messages

app = typer.Typer()

Facts = dict[str, Any]


@app.command()
def show(
    number: Number,
    *,
    show_sealed: Annotated[
        bool,
        typer.Option("--reveal", help="Also words, contact, messages and the decision's text; this is recorded."),
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False,
    as_: As = "",
) -> None:
    """One request with its dates, proofs, links, files, decision, answers and trail."""
    with acting(as_) as act:
        view = act.request(number)
        if show_sealed and is_sensitive(view.scope):
            act.require(Permission.SENSITIVE)
        facts = _facts(act, view, show_sealed=show_sealed)
        if as_json:
            act.say(json.dumps(facts, ensure_ascii=False, indent=2, default=str))
        else:
            act.say(line(row_of(act, view)))
            for told in _lines(facts):
                act.say(told)


def _facts(act: Acting, view: RequestView, *, show_sealed: bool) -> Facts:
    session = act.session
    sealed = _sealed(act, view) if show_sealed else {}
    return {
        **as_dict(row_of(act, view)),
        "held_at": _iso(view.held_at),
        "purged_at": _iso(view.purged_at),
        "proofs": [
            {"sort": proof.sort, "agrees": proof.agrees, "suffices": proof.suffices, "binds": proof.binds_address}
            | {"facts": proof.facts, "by": proof.by, "at": _iso(proof.at)}
            for proof in proofs_of(session, view.id)
        ],
        "links": [
            {"sort": link.sort, "other": link.other_number, "from_here": link.is_from_here}
            for link in links_of(session, view.id)
        ],
        "alike": [alike.number for alike in suspected_duplicates(session, view.id)],
        "files": [
            {"id": file.id, "purpose": file.purpose, "type": file.media_type, "size": file.size}
            | {"by": file.by, "removed": file.is_removed}
            for file in files_of(session, view.id)
        ],
        "decision": _decision(act, view, show_sealed=show_sealed),
        "answers": [
            {"id": answer.id, "delivery": answer.delivery, "prepared_by": answer.prepared_by}
            | {"released_by": answer.released_by, "available_until": _iso(answer.available_until)}
            | {"posted_at": _iso(answer.posted_at)}
            for answer in releases_of(session, view.id)
        ],
        "trail": [
            {"position": event.position, "at": _iso(event.at), "actor": event.actor, "action": event.action}
            | {"fields": event.fields}
            for event in audit.trail(session, view.id)
        ],
        **sealed,
    }


def _sealed(act: Acting, view: RequestView) -> Facts:
    revealed = reveal(act.session, view.id, vault=act.vault, actor=act.actor, now=act.now)
    messages = read_messages(act.session, view.id, actor=act.actor, now=act.now, vault=act.vault)
    return {"sealed": revealed.in_clear(), "messages": [_message(message) for message in messages]}


def _message(message: Message) -> Facts:
    told = asdict(message)
    return {name: told[name] for name in ("direction", "asks", "by", "text")} | {"at": _iso(message.at)}


def _decision(act: Acting, view: RequestView, *, show_sealed: bool) -> Facts | None:
    decision = decision_of(act.session, view.id, vault=act.vault)
    if decision is None:
        return None
    told: Facts = {
        "id": decision.id,
        "outcome": decision.outcome,
        "ground": None if decision.ground is None else decision.ground.id,
        "decided_by": decision.decided_by,
        "approved_by": decision.approved_by,
        "in_effect": decision.is_in_effect,
        "executed_at": _iso(decision.executed_at),
    }
    words = {"explanation": decision.explanation, "detail": decision.detail} if show_sealed else {}
    return told | words


def _lines(facts: Facts) -> Iterator[str]:
    for name in ("scope", "channel", "suit_possible_from"):
        yield f"{name.replace('_', ' ')}: {facts[name] or '-'}"
    if facts["purged_at"]:
        yield f"content: removed on {facts['purged_at']}, since its period of keeping was over"
    else:
        yield f"contact details: {'given' if facts['has_contact'] else 'missing'}"
    if facts["held_at"]:
        yield f"held since {facts['held_at']}: nothing of it is removed"
    for name in ("proofs", "links", "files", "answers", "messages"):
        for entry in facts.get(name, []):
            yield f"{name.removesuffix('s')}: {_entry(entry)}"
    if facts["alike"]:
        yield f"alike, to be looked at: {', '.join(facts['alike'])}"
    if facts["decision"]:
        yield f"decision: {_entry(facts['decision'])}"
    for name, value in facts.get("sealed", {}).items():
        yield f"{name}: {value or '-'}"
    yield "trail:"
    for event in facts["trail"]:
        written = f" ({', '.join(event['fields'])})" if event["fields"] else ""
        yield f"  {event['position']}. {event['at']} {event['actor']} {event['action']}{written}"


def _entry(entry: Facts) -> str:
    return ", ".join(f"{name} {_value(value)}" for name, value in entry.items() if value not in (None, [], ""))


def _value(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def _iso(moment: datetime | None) -> str | None:
    return None if moment is None else in_tokyo(moment).isoformat(timespec="seconds")
