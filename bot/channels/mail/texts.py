"""The words of every mail, from the templates in `bot/web/templates/mail`: plain text, its first line the subject.

No mail carries content: it says that news waits, where to read it, whom to ask and how to know that it is ours.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path

import jinja2

from bot.channels.papers.line_breaking import lines_of
from bot.channels.remains import Keeping, keeping_of, what_remains
from bot.channels.wall_clock import day, moment
from bot.desk import Desk
from bot.register.alerts.models import AlertSort
from bot.register.kinds import Kind
from bot.register.life import TO_THE_DESK
from bot.register.notices import MemberNotice
from bot.settings import Settings

LONGEST_LINE = 76
_FOLDER = Path(__file__).resolve().parents[2] / "web" / "templates" / "mail"
_SPACE = re.compile(r"\n{3,}")
_NUMBER_END = 5
_INCIDENT_DIGITS = 8

SORTS = {
    AlertSort.ARRIVAL: "新しい受付があります",
    AlertSort.DUE_SOON: "期限が近づいています",
    AlertSort.OVERDUE: "期限を過ぎています",
    AlertSort.REPLY: "ご本人からの連絡があります",
    AlertSort.BOUNCE: "メールが届きませんでした",
    AlertSort.CLOSURE: "窓口の休業中に期限が来ます",
    AlertSort.NO_CONTACT: "ご本人に連絡できません",
    AlertSort.SECOND_PERSON: "2人目の確認を待っています",
}
"""Why staff are told, as mails and posts put it."""

URGENT = "【至急】"
"""What mails and posts about an urgent request begin with."""

# Plain text has no markup to escape; nothing that a member wrote stands in a mail anyway.
_templates = jinja2.Environment(
    loader=jinja2.FileSystemLoader(_FOLDER),
    autoescape=False,  # noqa: S701 - as said above
    undefined=jinja2.StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


@dataclass(frozen=True)
class Text:
    """Subject and body of a mail."""

    subject: str
    body: str


@dataclass(frozen=True)
class House:
    """What every mail of one installation says of itself.

    Attributes:
        controller: the company's legal name.
        service: what members know it by.
        desks: one line for each desk of the policy.
        quote: what the policy says of the time an answer takes; empty when it says nothing.
        public_url: what every address in a mail begins with.
        caution: that nothing real is taken, as long as that is so.
        keeping: how long what is kept after the end of a procedure.
    """

    controller: str
    service: str
    desks: tuple[str, ...]
    quote: str
    public_url: str
    caution: str = ""
    keeping: Keeping | None = None

    @property
    def page_url(self) -> str:
        """Where a request's page is opened by its number."""
        return f"{self.public_url}/request"


@dataclass(frozen=True)
class Facts:
    """What a mail to a member may name.

    Attributes:
        number: the receipt number.
        kind: what was asked for; only the receipt names it.
        received_at: when it arrived.
        code: the one-time code, for the mail that brings it.
        code_expires_at: until when it can be used.
        ended_at: when it was closed, for the mail that tells so.
    """

    number: str
    kind: Kind
    received_at: datetime
    code: str = field(repr=False, default="")
    code_expires_at: datetime | None = None
    ended_at: datetime | None = None


def house_of(desk: Desk, settings: Settings) -> House:
    """The house that a policy's desk file and the settings describe."""
    return House(
        controller=desk.controller,
        service=desk.service,
        desks=tuple(_desk_lines(desk)),
        quote=desk.quotes.get("identity_check", ""),
        public_url=settings.public_url.rstrip("/"),
        caution=settings.caution,
        keeping=keeping_of(desk, settings),
    )


def member_text(notice: MemberNotice, house: House, facts: Facts) -> Text:
    """The mail that tells a member that something waits."""
    is_for_the_desk = facts.kind in TO_THE_DESK
    return _text(
        notice,
        house.caution,
        service=house.service,
        controller=house.controller,
        desks=house.desks,
        page_url=house.page_url,
        public_url=house.public_url,
        asked="お申し出" if is_for_the_desk else "ご請求",
        result="回答" if is_for_the_desk else "決定",
        quote="" if is_for_the_desk else house.quote,
        number=facts.number,
        number_end=facts.number[-_NUMBER_END:],
        kind=facts.kind.title,
        received_at=moment(facts.received_at),
        code=facts.code,
        expires_at=moment(facts.code_expires_at) if facts.code_expires_at else "",
        remains=what_remains(facts.ended_at, house.keeping) if facts.ended_at and house.keeping else (),
    )


def alert_text(
    number: str, kind: Kind, sort: AlertSort, days_left: int | None, *, is_urgent: bool = False, caution: str = ""
) -> Text:
    """The mail of an alert to staff: number, kind, why, how urgent, how many working days are left, nothing else."""
    urgent = URGENT if is_urgent else ""
    facts = {"urgent": urgent, "number": number, "kind": kind.title, "sort": SORTS[sort], "days_left": days_left}
    return _text("alert", caution, **facts)


def report_owed_text(incident: str, by: date, today: date, *, is_first: bool, caution: str = "") -> Text:
    """The mail that reminds the desk of 速報 or 確報; the incident is named by as much of its id as commands need."""
    report, option = ("速報", "--first") if is_first else ("確報", "--final")
    facts = {"incident": incident[:_INCIDENT_DIGITS], "report": report, "option": option}
    return _text("report_owed", caution, by=day(by), is_late=by < today, **facts)


def _text(template: str, caution: str, **facts: object) -> Text:
    rendered = _templates.get_template(f"{template}.txt").render(**facts)
    subject, _, body = _SPACE.sub("\n\n", rendered.strip()).partition("\n")
    whole = f"{caution}\n\n{body.strip()}" if caution else body.strip()
    return Text(subject, "\n".join(lines_of(whole, LONGEST_LINE)) + "\n")


def _desk_lines(desk: Desk) -> list[str]:
    pages = {"membership": desk.owner.membership_desk_url}
    elsewhere = "プライバシーポリシーにある窓口"
    return [f"{entry.about}：{entry.email or pages.get(entry.id) or elsewhere}" for entry in desk.desks]
