"""Every function of the rooms that opens objects by their names, found by its signature, and called.

A function is called with what its parameters are named after: ids and keys of an object, and the company that asks.
What it gives, or refuses, for an object of another company has to be what it gives for one that was never there.
"""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import fields, is_dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Engine
from sqlalchemy.orm import DeclarativeBase, Session

from bot.errors import MadoguchiError
from bot.evaluation.runs.reading import Scope
from bot.policy.releases.history import Happened
from bot.register.alerts.models import AlertSort
from bot.register.decisions.deciding import Proposal
from bot.register.decisions.grounds import Regime
from bot.register.decisions.models import Delivery, LinkSort, Outcome
from bot.register.details import Details
from bot.register.identity.models import ProofSort, Purpose
from bot.register.identity.proof_table import load_proof_table
from bot.register.identity.proofs import ProofResult
from bot.register.kinds import Kind
from bot.register.models import ReplyBy
from bot.register.models import Role as Who
from bot.register.thread.models import FilePurpose
from bot.settings import Settings
from bot.staff.actor import Actor
from bot.staff.roles import Role
from bot.storage import walls
from bot.storage.encryption import Vault
from bot.storage.engine import Base
from bot.storage.walls import RowIsForeignError, WalledSession
from tests.support.company_rows import NOW, key_of

ROOMS = (
    *("bot.storage", "bot.register", "bot.staff", "bot.incidents", "bot.policy.releases", "bot.evaluation.runs"),
    *("bot.console.talks", "bot.console.trying", "bot.console.requests", "bot.console.inbox"),
)
_VAULT = Vault(b"e" * 32, b"h" * 32)
_CHANCE = re.compile(r"[0-9a-f]{16,}|[\w-]{40,}|K\d{6}-\w{4}-\w{5}")

# What a parameter of this name is the id of.
_IDS: Mapping[str, str] = {
    "request_id": "request",
    "other_id": "request",
    "draft_id": "draft",
    "conversation_id": "conversation",
    "talk_id": "conversation",
    "from_conversation": "conversation",
    "to_conversation": "conversation",
    "member_id": "member",
    "turn_id": "inbox",
    "entry_id": "transcript",
    "release_id": "answer_release",
    "decision_id": "decision",
    "alert_id": "alert",
    "code_id": "code",
    "row_id": "outbox",
    "choice_id": "choice",
    "candidate_id": "policy_candidate",
    "run_id": "regression_run",
    "group_id": "question_group",
    "incident_id": "incident",
    "session_id": "staff_session",
    "account_id": "staff_account",
    "verdict_id": "trial_verdict",
    "file_id": "stored_file",
}
# What it is the value of, in a column.
_KEYS: Mapping[str, str] = {
    "event_id": "inbox.event_id",
    "message_id": "inbox.message_id",
    "dedupe_key": "outbox.dedupe_key",
    "recipient": "outbox.recipient",
    "email_hash": "contact.email_hash",
    "set_name": "regression_run.set_name",
    "digest": "policy_release.digest",
    "number_text": "request.number",
    "name": "lease.name",
    "token": "visit.token_hash",
    "handle": "code.handle_hash",
}
_PLAIN: Mapping[str, Any] = {
    "now": NOW,
    "before": NOW - timedelta(days=400),
    "due": NOW,
    "moment": NOW - timedelta(days=400),
    "vault": _VAULT,
    "most": 10,
    "days": 3,
    "minutes": 9,
    "helpful": True,
    "urgent": True,
    "table": load_proof_table(None),
    "table_of": lambda _controller: load_proof_table(None),
    "believes": lambda _controller: True,
    "then": lambda *_part: None,
    "is_working_day": lambda day: day.weekday() < 5,
    "first": date(2026, 11, 1),
    "last": date(2026, 11, 30),
    "day": date(2026, 11, 27),
    "by": "staff:ken",
    "assignee": "staff:ken",
    "holder": "h" * 32,
    "typed": "000000",
    "code_text": "0000",
    "text": "文",
    "reason": "理由",
    "tracking": "0000-0000-0000",
    "sorts": [AlertSort.ARRIVAL],
    "lowest_stated": 0.5,
    "opened_by": "code",
    "but": [],
    "seconds": 9.0,
    "version": 1,
    "seen": 1,
    "why": "理由",
    "what": "文",
    "code": "0000",
    "kind": "notice",
    "key": "k",
    "email": "hanako@example.jp",
    "received_at": NOW - timedelta(days=1),
    "give_up_after": timedelta(minutes=10),
    "lines": [],
    "rates": (),
    "media_type": "application/pdf",
    "content": b"%PDF-1.7",
    "body": {},
    "words": None,
    "companies": {},
}
# Where a name alone does not tell.
_BY_TYPE: Mapping[tuple[str, str], Any] = {
    ("scope", "Scope"): Scope("acme", "privacy"),
    ("scope", "str | None"): None,
    ("sort", "LinkSort"): LinkSort.FOLLOWS,
    ("delivery", "Delivery"): Delivery.POST,
    ("kinds", "Collection[Kind]"): [Kind.DISCLOSURE],
    ("kinds", "Sequence[Kind]"): [Kind.DISCLOSURE],
    ("kinds", "Sequence[str]"): ["answer"],
    ("result", "ProofResult"): ProofResult(ProofSort.COLLATION, agrees=True),
    ("purpose", "FilePurpose"): FilePurpose.EVIDENCE,
    ("purpose", "Purpose"): Purpose.OPEN,
    ("role", "Role"): "answer",
    ("settings", "Settings"): Settings(_env_file=None),
    ("proposal", "Proposal"): Proposal(Outcome.GRANTED),
    ("regime", "Regime"): Regime.APPI_AND_JIS,
    ("details", "Details"): Details(role=Who.SELF, reply_by=ReplyBy.EMAIL, name="見本 花子", email="hanako@example.jp"),
    ("action", "Happened"): Happened.EDITED,
}


def found() -> dict[str, Callable[..., Any]]:
    """Every public function of the rooms whose first parameter is a session."""
    return {f"{module}.{name}": function for module, name, function in _functions()}


def can_be_called(function: Callable[..., Any]) -> bool:
    """Whether all that it needs is named after something that is known here."""
    return all(_is_known(name, parameter) for name, parameter in _needed(function))


def opens_by_name(function: Callable[..., Any]) -> bool:
    """Whether it is told which object by an id or a key."""
    return any(name in _IDS or name in _KEYS or name in ("number", "policy_id") for name, _ in _needed(function))


def outcome(engine: Engine, function: Callable[..., Any], asks: str, owner: str, number: int) -> str:
    """What a company is told of another one's object, in words in which no chance is left; nothing is committed."""
    # Not `transaction`: whatever a function writes is to be rolled back.
    with WalledSession(engine, expire_on_commit=False) as session:
        try:
            result = function(session, **{name: _value(name, p, asks, owner, number) for name, p in _needed(function)})
            told = _told(session, list(result) if isinstance(result, Iterator) else result)
            session.flush()
        except RowIsForeignError:
            told = "refused: row of another company"
        except MadoguchiError as error:
            told = f"refused: {type(error).__name__}"
        except Exception as error:  # noqa: BLE001 - a fault is an outcome like others, and has to be the same
            told = f"failed: {type(error).__name__}"
        session.rollback()
    return _CHANCE.sub("#", told)


def _functions() -> Iterator[tuple[str, str, Callable[..., Any]]]:
    for room in ROOMS:
        package = importlib.import_module(room)
        for info in pkgutil.walk_packages(package.__path__, f"{room}."):
            if info.name == walls.__name__:
                continue  # what the walls are made of, and the door in them, is no way to an object
            module = importlib.import_module(info.name)
            for name, thing in vars(module).items():
                if inspect.isfunction(thing) and thing.__module__ == info.name and not name.startswith("_"):
                    first = next(iter(inspect.signature(thing).parameters), "")
                    if first == "session":
                        yield info.name, name, thing


def _needed(function: Callable[..., Any]) -> list[tuple[str, str]]:
    parameters = list(inspect.signature(function).parameters.values())[1:]
    return [(one.name, str(one.annotation)) for one in parameters if one.default is inspect.Parameter.empty]


def _is_known(name: str, annotation: str) -> bool:
    if name in ("controller", "policy_id", "number", "channel", "request_ids", "entry_ids", "ids"):
        return True
    if name == "actor":
        return annotation in ("str", "Actor")
    if name in {known for known, _ in _BY_TYPE}:
        return (name, annotation) in _BY_TYPE
    return name in _IDS or name in _KEYS or name in _PLAIN


def _value(name: str, annotation: str, asks: str, owner: str, number: int) -> Any:  # noqa: ANN401 - what it is told
    if name in _IDS:
        return key_of(owner, _IDS[name], number)
    if name in _KEYS:
        table, _, _ = _KEYS[name].partition(".")
        return key_of(owner, table if name == "name" else _KEYS[name], number)
    if (name, annotation) in _BY_TYPE:
        return _BY_TYPE[name, annotation]
    if name == "actor" and annotation == "Actor":
        return Actor("ken", "見本 健", asks, Role.ADMIN, sees_sensitive=True, session_id="s" * 32)
    special: Mapping[str, Any] = {
        "controller": asks,
        "actor": "staff:ken",
        "policy_id": f"{owner}/{key_of(owner, 'policy_release.policy', number)[:32]}",
        "number": number + 1 if annotation == "int" else key_of(owner, "request.number", number),
        "channel": key_of(owner, "inbox.channel", number)[:16],
        "request_ids": [key_of(owner, "request", number)],
        "entry_ids": [key_of(owner, "transcript", number)],
    }
    return special.get(name, _PLAIN.get(name))


def _told(session: Session, value: Any) -> str:  # noqa: ANN401 - whatever a function gives
    if isinstance(value, DeclarativeBase):
        # Whatever came into a session counts, and of a row all of it.
        columns = Base.metadata.tables[value.__tablename__].columns
        return "{" + ", ".join(f"{one.key}: {getattr(value, one.key, None)!r}" for one in columns) + "}"
    if is_dataclass(value) and not isinstance(value, type):
        parts = (f"{one.name}: {_told(session, getattr(value, one.name))}" for one in fields(value))
        return "(" + ", ".join(parts) + ")"
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key}: {_told(session, one)}" for key, one in value.items()) + "}"
    if isinstance(value, list | tuple | set | frozenset):
        return "[" + ", ".join(_told(session, one) for one in value) + "]"
    return repr(value)
