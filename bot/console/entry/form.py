"""The form of an entry: what was typed, and what it comes to; every fault at once, beside its field."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time

from multidict import MultiMapping

from bot.channels.request_page import texts
from bot.clock import TOKYO, in_tokyo
from bot.desk import Desk
from bot.register.arrival import EARLIEST_ARRIVAL
from bot.register.arrived_mail import LONGEST_WORDS, ArrivedMail
from bot.register.details import Details, read_details
from bot.register.entry import EntryChannel
from bot.register.errors import DetailsAreUnusableError
from bot.register.kinds import FILED_KINDS, Kind, detect
from bot.register.models import ReplyBy, Role
from bot.register.particulars import FIELDS, LONGEST_SCOPE, Asked

CHANNELS = {
    EntryChannel.EMAIL: "メール",
    EntryChannel.PHONE: "電話",
    EntryChannel.LETTER: "郵便",
    EntryChannel.COUNTER: "窓口",
}
_ORIGINALS = {
    EntryChannel.EMAIL: "メールのファイル（.eml）",
    EntryChannel.PHONE: "メモのファイル",
    EntryChannel.LETTER: "郵便のスキャン（PDF・画像）",
    EntryChannel.COUNTER: "書面のスキャン（PDF・画像）",
}
_WHO = ("name", "subject", "email", "phone", "postal_code", "address", "remarks")
_PARTICULARS = tuple(each.form_name for fields in FIELDS.values() for each in fields)
_TEXTS = ("channel", "day", "time", "words", "role", "reply_by", *_WHO, *_PARTICULARS, "is_test", "kept")


@dataclass(frozen=True)
class Typed:
    """What stands in the form: texts by name, and the boxes of kinds and of data that are ticked."""

    texts: Mapping[str, str] = field(repr=False)
    kinds: tuple[str, ...] = ()
    scopes: tuple[str, ...] = ()

    def __getitem__(self, name: str) -> str:
        """A text, empty when there is none."""
        return self.texts.get(name, "")

    def with_kept(self, token: str) -> Typed:
        """The same form with this file kept beside it, or with none."""
        others = {name: text for name, text in self.texts.items() if name != "kept"}
        return Typed(others | ({"kept": token} if token else {}), self.kinds, self.scopes)

    @property
    def digest(self) -> str:
        """Changes with anything that is typed: what is filed is what was looked at."""
        said = [sorted(self.texts.items()), sorted(self.kinds), sorted(self.scopes)]
        return hashlib.sha256(json.dumps(said, ensure_ascii=False).encode("utf-8", "surrogatepass")).hexdigest()


@dataclass(frozen=True)
class Checked:
    """What the form comes to; `details` is None while nobody knows who asks."""

    channel: EntryChannel
    kinds: tuple[Kind, ...]
    received_at: datetime
    scope: str | None
    words: str | None = field(repr=False)
    details: Details | None
    is_test: bool


class EntryIsUnusableError(Exception):
    """Fields of the form cannot be used.

    Attributes:
        faults: field name to the sentence beside it.
    """

    def __init__(self, faults: Mapping[str, str]) -> None:
        super().__init__(", ".join(faults))
        self.faults = dict(faults)


def read_typed(sent: MultiMapping[object]) -> Typed:
    """What a form sent, with line ends as Python's and without blanks around it."""
    given = {name: sent.get(name, "") for name in _TEXTS}
    told = {name: value.replace("\r\n", "\n").strip() for name, value in given.items() if isinstance(value, str)}
    return Typed({name: text for name, text in told.items() if text}, _ticked(sent, "kind"), _ticked(sent, "scope"))


def from_mail(mail: ArrivedMail, kept: str) -> Typed:
    """The form as a mail proposes it, for a person to put right."""
    local = None if mail.received_at is None else in_tokyo(mail.received_at)
    proposed = {
        "channel": str(EntryChannel.EMAIL),
        "day": f"{local:%Y-%m-%d}" if local else "",
        "time": f"{local:%H:%M}" if local else "",
        "words": mail.words,
        "role": str(Role.SELF),
        "reply_by": str(ReplyBy.EMAIL),
        "name": mail.sender_name,
        "email": mail.sender_email,
        "kept": kept,
    }
    return Typed({name: text for name, text in proposed.items() if text}, tuple(map(str, mail.kinds)))


def original_title(typed: Typed) -> str:
    """What the original is called that comes by this channel."""
    channel = typed["channel"]
    return _ORIGINALS[EntryChannel(channel)] if channel in set(EntryChannel) else "原本のファイル"


def check(typed: Typed, desk: Desk, *, now: datetime) -> Checked:
    """What the form comes to.

    Raises:
        EntryIsUnusableError: with the faults of all fields at once.
    """
    faults: dict[str, str] = {}
    channel = typed["channel"] if typed["channel"] in set(EntryChannel) else ""
    if not channel:
        faults["channel"] = "どのように届いたかを選んでください。"
    received_at = _received_at(typed, now, faults)
    kinds = tuple(kind for kind in FILED_KINDS if kind in typed.kinds)
    if not kinds:
        faults["kind"] = _which_kinds(typed["words"])
    scope = _scope(typed, desk, faults)
    if len(typed["words"]) > LONGEST_WORDS:
        faults["words"] = f"内容は{LONGEST_WORDS:,}文字以内にしてください。"
    details = _details(typed, Asked(kinds, scope), faults)
    if faults or received_at is None:
        raise EntryIsUnusableError(faults)
    return Checked(
        EntryChannel(channel), kinds, received_at, scope, typed["words"] or None, details, typed["is_test"] == "yes"
    )


def _ticked(sent: MultiMapping[object], name: str) -> tuple[str, ...]:
    return tuple(value for value in sent.getall(name, ()) if isinstance(value, str))


def _received_at(typed: Typed, now: datetime, faults: dict[str, str]) -> datetime | None:
    try:
        day = datetime.strptime(typed["day"], "%Y-%m-%d").date()  # noqa: DTZ007 - a day has no zone
        at = time.fromisoformat(typed["time"]) if typed["time"] else time()
    except ValueError:
        faults["day"] = "届いた日を、年月日で入力してください。時刻が分からないときは空のままにします。"
        return None
    moment = datetime.combine(day, at.replace(tzinfo=None), TOKYO)
    if moment > now:
        faults["day"] = "届いた日時が、いまより後になっています。"
    elif moment < EARLIEST_ARRIVAL:
        faults["day"] = f"届いた日時が、{EARLIEST_ARRIVAL.year}年より前になっています。"
    return moment


def _which_kinds(words: str) -> str:
    heard = [kind.title for kind in detect(words) if kind.is_filed]
    return "何を求めているかを選んでください。" + (f"（内容からは：{'、'.join(heard)}）" if heard else "")


def _scope(typed: Typed, desk: Desk, faults: dict[str, str]) -> str | None:
    scope = "、".join(each.title for each in desk.scopes if each.title in typed.scopes)
    if len(scope) > LONGEST_SCOPE:
        faults["scope"] = "対象が多すぎます。すべてが対象のときは、何も選ばないでください。"
    return scope or None


def _details(typed: Typed, asked: Asked, faults: dict[str, str]) -> Details | None:
    if not any(typed[name] for name in _WHO):
        return None
    try:
        return read_details(typed.texts, asked)
    except DetailsAreUnusableError as error:
        faults.update(_sentences(error.faults, asked))
        return None


def _sentences(faults: Mapping[str, str], asked: Asked) -> Iterator[tuple[str, str]]:
    particulars = {each.form_name: each for each in asked.fields}
    for name, fault in faults.items():
        known = particulars.get(name)
        yield name, texts.FAULTS[name, fault] if known is None else texts.field_fault(known, fault)


def particular_groups(typed: Typed) -> Sequence[tuple[Kind, Sequence[tuple[str, str, bool, bool]]]]:
    """The fields that some kinds have: name, title, whether one must fill it in, whether it is long."""
    return [
        (kind, [(each.form_name, texts.field_title(each), each.is_required, each.name != "item") for each in fields])
        for kind, fields in FIELDS.items()
        if kind in typed.kinds
    ]
