"""The form of the secure page: what it shows, in the order in which it is read, and what was wrong with an answer."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace

from bot.channels.request_page import texts
from bot.channels.request_page.uploads import FILE_FIELDS, Submitted
from bot.desk import Desk
from bot.register.details import Details, read_details
from bot.register.errors import DetailsAreUnusableError
from bot.register.identity.models import ProofSort
from bot.register.identity.proof_table import ProofTable
from bot.register.kinds import Kind
from bot.register.models import Role
from bot.register.particulars import Asked, Field, scope_field

_FIELDS = (
    "role",
    "name",
    "subject",
    "reply_by",
    "email",
    "email_again",
    "postal_code",
    "address",
    "phone",
    "remarks",
    "member_token",
)
_BEFORE_PARTICULARS = ("role", "name", "subject")
_AFTER_PARTICULARS = (
    "reply_by",
    "email",
    "email_again",
    "postal_code",
    "address",
    "phone",
    *FILE_FIELDS,
    "remarks",
    "consent",
)


@dataclass(frozen=True)
class ShownField:
    """A field of one kind as the page shows it."""

    name: str
    title: str
    hint: str
    is_required: bool
    is_long: bool
    value: str = field(repr=False)


@dataclass(frozen=True)
class ShownScope:
    """A box for one sort of data."""

    name: str
    title: str
    is_checked: bool


@dataclass(frozen=True)
class ShownSister:
    """A box for one further company."""

    id: str
    company: str
    is_chosen: bool

    @property
    def name(self) -> str:
        """What the form calls it."""
        return f"sister-{self.id}"


@dataclass(frozen=True, kw_only=True)
class Form:
    """Everything the form shows. `identity_reasons` say why documents will be asked for, if they will."""

    asked: Asked
    entered: Mapping[str, str] = field(repr=False)
    scopes: tuple[ShownScope, ...]
    groups: tuple[tuple[str, tuple[ShownField, ...]], ...]
    consent: tuple[tuple[str, str], ...]
    consent_version: str
    identity_reasons: tuple[str, ...]
    identity_documents: str
    agent_documents: str
    errors: Mapping[str, str]
    files_were_chosen: bool


def build_form(
    asked: Asked,
    desk: Desk,
    table: ProofTable,
    submitted: Submitted,
    errors: Mapping[str, str] | None = None,
    *,
    sisters: Collection[str] = (),
) -> Form:
    """The form for a page, holding what was entered before, if anything was; `sisters` may be asked as well."""
    entered = submitted.fields
    return Form(
        asked=asked,
        entered={name: entered.get(name, "") for name in _FIELDS},
        scopes=tuple(
            ShownScope(scope_field(place), title, bool(entered.get(scope_field(place))))
            for place, title in enumerate(asked.scopes)
            if asked.scope_is_open
        ),
        groups=tuple(_groups(asked, entered)),
        consent=tuple(consent_items(desk, sisters)),
        consent_version=desk.consent.version,
        identity_reasons=tuple(dict.fromkeys(_document_reasons(asked, table))),
        identity_documents=desk.owner.identity_documents,
        agent_documents=desk.owner.agent_documents,
        errors=errors or {},
        files_were_chosen=bool(submitted.uploads),
    )


def check_form(submitted: Submitted, asked: Asked, desk: Desk) -> tuple[Details | None, dict[str, str]]:
    """The details, or the sentence to show beside each field that cannot be used, in the order of the page."""
    form = submitted.fields
    errors = {name: texts.file_fault(fault) for name, fault in submitted.faults.items()}
    details = None
    try:
        details = read_details(form, asked)
    except DetailsAreUnusableError as error:
        errors |= dict(_sentences(error.faults, asked))
    if "email" not in errors and form.get("email", "").strip() != form.get("email_again", "").strip():
        errors["email_again"] = texts.FAULTS["email_again", "different"]
    if form.get("consent_version") != desk.consent.version:
        errors["consent"] = texts.FAULTS["consent", "changed"]
    return (None, _in_order(errors, asked)) if errors else (details, {})


def shown_sisters(sisters: Mapping[str, str], submitted: Submitted) -> list[ShownSister]:
    """The companies that may be asked as well, and which of them were chosen."""
    boxes = (ShownSister(id_, company, is_chosen=False) for id_, company in sisters.items())
    return [replace(box, is_chosen=bool(submitted.fields.get(box.name))) for box in boxes]


def consent_items(desk: Desk, sisters: Collection[str] = ()) -> Iterator[tuple[str, str]]:
    """What JIS Q 15001 (A.3.4.2.5) wants shown, in its order; what the owner has not filled is left out.

    The member gives what they enter to each company that they choose, so that all of them are named.
    """
    consent = desk.consent
    contacts = "、".join(f"{entry.about}：{entry.email}" for entry in desk.desks if entry.email)
    items = (
        ("事業者名", "\n".join((desk.controller, *(f"{company}（上で選ばれた場合）" for company in sisters)))),
        ("個人情報保護管理者", consent.manager),
        ("利用目的", consent.purpose),
        ("第三者への提供", consent.provision),
        ("取り扱いの委託", consent.entrustment),
        ("開示等のご請求の窓口", contacts),
        ("任意性と、入力されない場合の結果", consent.consequence),
        ("容易に知覚できない方法による取得", consent.unnoticed),
    )
    return (item for item in items if item[1])


def _groups(asked: Asked, entered: Mapping[str, str]) -> Iterator[tuple[str, tuple[ShownField, ...]]]:
    for kind in asked.kinds:
        fields = tuple(_shown(each, entered) for each in asked.fields if each.kind == kind)
        if fields:
            yield kind.title, fields


def _shown(asked: Field, entered: Mapping[str, str]) -> ShownField:
    return ShownField(
        name=asked.form_name,
        title=texts.field_title(asked),
        hint=texts.field_hint(asked),
        is_required=asked.is_required,
        is_long=asked.name != "item",
        value=entered.get(asked.form_name, ""),
    )


def _document_reasons(asked: Asked, table: ProofTable) -> Iterator[str]:
    for kind in asked.kinds:
        row = table.row(Kind(kind), asked.scope, Role.SELF, collation_failed=False)
        if row.sort == ProofSort.DOCUMENT:
            yield row.reason


def _sentences(faults: Mapping[str, str], asked: Asked) -> Iterator[tuple[str, str]]:
    particulars = {each.form_name: each for each in asked.fields}
    for name, fault in faults.items():
        known = particulars.get(name)
        yield name, texts.FAULTS[name, fault] if known is None else texts.field_fault(known, fault)


def _in_order(errors: Mapping[str, str], asked: Asked) -> dict[str, str]:
    order = (*_BEFORE_PARTICULARS, *(each.form_name for each in asked.fields), *_AFTER_PARTICULARS)
    return {name: errors[name] for name in order if name in errors}
