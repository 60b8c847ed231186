"""What the page asks beyond who and where: only the fields that the kinds of its draft need.

A correction needs the item and what it should be (個人情報保護法 34条: the content is not factual); what helps to
specify the data or the ground is welcome and never demanded (37条2項 and 4項).
"""

from __future__ import annotations

import json
from collections.abc import Mapping, MutableMapping
from dataclasses import dataclass

from bot.register.kinds import Kind
from bot.register.life import TO_THE_DESK
from bot.register.models import Request
from bot.register.typed_lines import check_length, cleaned
from bot.storage.encryption import Vault

LONGEST_ITEM = 200
LONGEST_TEXT = 1000
LONGEST_SCOPE = 200

_TABLE, _COLUMN = Request.__tablename__, "sealed_particulars"
_ADVERTISING = "広告"


@dataclass(frozen=True)
class Field:
    """One field of one kind; `name` is also what its value is called in the sealed JSON."""

    kind: Kind
    name: str
    is_required: bool
    longest: int

    @property
    def form_name(self) -> str:
        """The name of the field in the form, where several kinds may stand side by side."""
        return f"{self.kind}_{self.name}"


def _fields(kind: Kind, *, required: str = "", optional: str = "") -> tuple[Field, ...]:
    order = ("item", "is_now", "should_be", "period", "reason")
    wanted = dict.fromkeys(required.split(), True) | dict.fromkeys(optional.split(), False)
    return tuple(
        Field(kind, name, wanted[name], LONGEST_ITEM if name == "item" else LONGEST_TEXT)
        for name in order
        if name in wanted
    )


FIELDS: dict[Kind, tuple[Field, ...]] = {
    Kind.DISCLOSURE: _fields(Kind.DISCLOSURE, optional="period"),
    Kind.CORRECTION: _fields(Kind.CORRECTION, required="item should_be", optional="is_now reason"),
    Kind.ADDITION: _fields(Kind.ADDITION, required="item should_be", optional="is_now reason"),
    Kind.DELETION: _fields(Kind.DELETION, required="item", optional="is_now reason"),
    Kind.USE_STOP: _fields(Kind.USE_STOP, optional="reason"),
    Kind.ERASURE: _fields(Kind.ERASURE, optional="reason"),
    Kind.THIRD_PARTY_STOP: _fields(Kind.THIRD_PARTY_STOP, optional="reason"),
    Kind.THIRD_PARTY_RECORD: _fields(Kind.THIRD_PARTY_RECORD, optional="period"),
}
"""The fields of each kind; a kind that is not here needs none."""


@dataclass(frozen=True)
class Asked:
    """What a page asks about: the kinds of its draft, the data they mean, and titles to narrow them down to."""

    kinds: tuple[Kind, ...] = ()
    scope: str | None = None
    scopes: tuple[str, ...] = ()

    @property
    def is_only_mail_stop(self) -> bool:
        """Whether nothing but mails is to stop, so that the mailbox is all one has to know."""
        return is_only_mail_stop(self.kinds, self.scope)

    @property
    def scope_is_open(self) -> bool:
        """Whether the chat left it at everything, and it may be narrowed down here."""
        return self.scope is None and bool(self.scopes) and not TO_THE_DESK.issuperset(self.kinds)

    @property
    def fields(self) -> tuple[Field, ...]:
        """The fields of all kinds; mails are stopped without any."""
        kinds = () if self.is_only_mail_stop else self.kinds
        return tuple(field for kind in kinds for field in FIELDS.get(kind, ()))


def is_only_mail_stop(kinds: tuple[Kind, ...], scope: str | None) -> bool:
    """Whether this is 配信停止: the use of the data for advertising is to stop, and nothing else is asked for."""
    return len(set(kinds)) == 1 and stops_advertising(kinds[0], scope)


def stops_advertising(kind: str, scope: str | None) -> bool:
    """Whether advertising is among the uses that this request wants stopped; until it is, more of it arrives."""
    return kind == Kind.USE_STOP and _ADVERTISING in (scope or "")


def read_particulars(
    form: Mapping[str, str], asked: Asked, faults: MutableMapping[str, str]
) -> dict[Kind, dict[str, str]]:
    """What was entered by kind, without what was left empty; what cannot be used is added to `faults`."""
    found: dict[Kind, dict[str, str]] = {}
    for field in asked.fields:
        value = cleaned(form.get(field.form_name, ""))
        if value or field.is_required:
            check_length(field.form_name, value, field.longest, faults)
        if value:
            found.setdefault(field.kind, {})[field.name] = value
    return found


def read_scope(form: Mapping[str, str], asked: Asked) -> str | None:
    """The titles that were chosen, in the desk's order; None when it stays at everything."""
    if not asked.scope_is_open:
        return None
    chosen = "、".join(title for place, title in enumerate(asked.scopes) if form.get(scope_field(place)))
    # Whoever marks more titles than the column holds means nearly everything, and staff ask back.
    return chosen if 0 < len(chosen) <= LONGEST_SCOPE else None


def scope_field(place: int) -> str:
    """The name of the box for the title that stands at this place of the desk's list."""
    return f"scope_{place}"


def seal_particulars(request: Request, entered: Mapping[str, str], *, vault: Vault) -> None:
    """Keeps what was entered for this request's kind, sealed."""
    plain = json.dumps(dict(entered), ensure_ascii=False)
    request.sealed_particulars = vault.seal(plain, table=_TABLE, row=request.id, column=_COLUMN)


def open_particulars(request: Request, *, vault: Vault) -> dict[str, str] | None:
    """What `seal_particulars` kept; None when nothing was."""
    if request.sealed_particulars is None:
        return None
    plain = vault.open(request.sealed_particulars, table=_TABLE, row=request.id, column=_COLUMN)
    opened: dict[str, str] = json.loads(plain)
    return opened
