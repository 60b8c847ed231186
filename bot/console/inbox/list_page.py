"""お問い合わせ: inquiries and complaints in one list, those that wait first."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

from aiohttp import web
from sqlalchemy.orm import Session

from bot.console.frame.guard import actor_of
from bot.console.frame.paging import PAGE_ROWS, PageOf, cut
from bot.console.frame.parts import console_of
from bot.console.frame.rendering import page
from bot.console.inbox.places import arrival_place, state_of
from bot.console.requests import words
from bot.console.requests.case import names_of
from bot.console.requests.filters import MINE
from bot.console.requests.rules import calendar_of
from bot.register.kinds import Kind
from bot.register.queue import NOBODY, Group, QueueRow, Wanted, count_requests, list_requests
from bot.staff.actor import Actor
from bot.staff.roles import Right

MOST_COUNTED = 1000
KINDS = {"": "すべて", "inquiry": "お問い合わせ", "complaint": "苦情"}
TABS = {Group.OPEN: "回答待ち", Group.NOTIFIED: "通知済み", Group.OVER: "完了・取下げ", Group.ALL: "すべて"}
ASSIGNEES = {"": "すべて", MINE: "自分", NOBODY: "未割当"}
_BOTH = (Kind.INQUIRY, Kind.COMPLAINT)
_HOUR, _DAY = 3600, 86_400


@dataclass(frozen=True)
class Filter:
    """The choices of the list; only words of this module stand in its address."""

    group: Group
    kind: str
    assignee: str
    replied: bool

    def wanted(self, actor: Actor) -> Wanted:
        """What to ask the queue for."""
        return Wanted(
            group=self.group,
            kinds=(Kind(self.kind),) if self.kind else _BOTH,
            assignee=actor.id if self.assignee == MINE else self.assignee,
            replied=self.replied,
            ordinary_only=not actor.sees_sensitive,
        )

    def query(self, **changes: str) -> str:
        """The address of the list with these choices, changed in some."""
        given = {"group": str(self.group), "kind": self.kind, "assignee": self.assignee}
        given |= {"replied": "1" if self.replied else ""} | changes
        return "/inbox?" + urlencode({name: value for name, value in given.items() if value})


@dataclass(frozen=True)
class _Found:
    rows: PageOf[QueueRow]
    total: int
    names: dict[str, str]


def read_filter(query: Mapping[str, str]) -> Filter:
    """The choices of an address; what is no choice counts as none."""
    group, kind, assignee = query.get("group", ""), query.get("kind", ""), query.get("assignee", "")
    replied = query.get("replied") == "1"
    usual = Group.ALL if replied else Group.OPEN
    return Filter(
        group=Group(group) if group in set(TABS) else usual,
        kind=kind if kind in KINDS else "",
        assignee=assignee if assignee in ASSIGNEES else "",
        replied=replied,
    )


async def show(request: web.Request) -> web.StreamResponse:
    """The list as the address asks for it; it opens nothing that is sealed."""
    console, actor = console_of(request), actor_of(request)
    chosen = read_filter(request.query)
    after = arrival_place(request.query.get("after", ""))
    now = console.clock()

    def look(session: Session) -> _Found:
        wanted = chosen.wanted(actor)
        rows = list_requests(
            session,
            actor.controller,
            wanted,
            after=after,
            most=PAGE_ROWS + 1,
            now=now,
            is_working_day=calendar_of(console),
        )
        return _Found(
            cut(rows, lambda row: (row.received_at.isoformat(), row.id), PAGE_ROWS),
            count_requests(session, actor.controller, wanted, most=MOST_COUNTED + 1),
            names_of(session, actor.controller),
        )

    found = await console.read(look)
    context = {
        "found": found,
        "chosen": chosen,
        "tabs": TABS,
        "kinds": KINDS.items(),
        "assignees": ASSIGNEES.items(),
        "words": words,
        "state_of": state_of,
        "person": lambda told: words.person(told, found.names),
        "age": lambda row: age_of(row.received_at, now),
        "most": MOST_COUNTED,
        "may_work": actor.has(Right.WORK_REQUESTS),
    }
    return page(request, "inbox/list.html", context)


def age_of(moment: datetime, now: datetime) -> str:
    """How long ago, as one says it."""
    seconds = max(0, int((now - moment).total_seconds()))
    if seconds < _HOUR:
        return f"{seconds // 60}分"
    return f"{seconds // _HOUR}時間" if seconds < _DAY else f"{seconds // _DAY}日"
