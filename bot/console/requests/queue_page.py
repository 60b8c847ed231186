"""The queue: the list with its filters, and giving several requests to somebody at once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from urllib.parse import parse_qsl

from aiohttp import web
from sqlalchemy.orm import Session

from bot.clock import in_tokyo
from bot.console.frame.forms import FormIsWrongError, field, fields
from bot.console.frame.guard import actor_of
from bot.console.frame.paging import PAGE_ROWS, PageOf, cut
from bot.console.frame.parts import console_of
from bot.console.frame.rendering import page, see
from bot.console.inbox.places import arrival_place
from bot.console.requests import words
from bot.console.requests.access import MayNotError, refuse, require_access, touches_sensitive
from bot.console.requests.case import names_of, people_for
from bot.console.requests.filters import DUES, MINE, Filter, read_filter
from bot.console.requests.rules import calendar_of
from bot.register.casework import assign
from bot.register.meanwhile import lock_together
from bot.register.queue import (
    NOBODY,
    Group,
    QueueRow,
    Wanted,
    assigned_people,
    count_requests,
    list_requests,
)
from bot.staff.actor import Actor
from bot.staff.roles import Right

MOST_COUNTED = 1000
_TABS = (Group.OPEN, Group.IDENTITY, Group.REVIEW, Group.ASKED, Group.DECIDED, Group.NOTIFIED, Group.OVER, Group.ALL)
_COUNTED = frozenset(_TABS) - {Group.OVER, Group.ALL}


@dataclass(frozen=True)
class _Found:
    rows: PageOf[QueueRow]
    counts: dict[Group, int]
    total: int
    names: dict[str, str]
    people: list[tuple[str, str]]
    assigned: list[str]


async def show(request: web.Request) -> web.StreamResponse:
    """The list as the address asks for it."""
    return await _draw(request, read_filter(request.query))


async def assign_several(request: web.Request) -> web.StreamResponse:
    """Gives what was ticked to somebody, all of it or nothing.

    Each box carries who looked after the request when the list was drawn: what somebody else has given away since is
    not taken from them.
    """
    console, actor = console_of(request), actor_of(request)
    chosen = read_filter(dict(parse_qsl((await field(request, "query")).partition("?")[2])))
    ticked = [value.partition(" ") for value in await fields(request, "request")]
    seen = {id_: assignee for id_, _, assignee in ticked}
    now = console.clock()
    try:
        to = await field(request, "to", needed="担当")
        await console.write(lambda session: _assign(session, actor, seen, to, now))
    except MayNotError as error:
        return await refuse(request, error)
    except FormIsWrongError as error:
        return await _draw(request, chosen, fault=str(error), ticked=frozenset(seen))
    raise see(chosen.query(done=str(len(seen))))


def _assign(session: Session, actor: Actor, seen: dict[str, str], to: str, now: datetime) -> None:
    if not seen:
        raise FormIsWrongError("割り当てる請求を選んでください。")
    allowed = [require_access(session, actor, id_).id for id_ in sorted(seen)]
    rows = lock_together(session, allowed)
    taken = [row.number for row in rows.values() if (row.assignee or "") != seen[row.id]]
    if taken:
        raise FormIsWrongError(f"一覧を開いた後に担当が変わりました：{'、'.join(taken)}。何も変えていません。")
    sensitive = any(touches_sensitive(session, row) for row in rows.values())
    if to not in dict(people_for(session, actor.controller, sensitive=sensitive)):
        raise FormIsWrongError("この人には割り当てられない請求が含まれています。")
    for row in rows.values():
        assign(session, row.id, to, actor=actor.id, now=now)


async def _draw(
    request: web.Request, chosen: Filter, *, fault: str = "", ticked: frozenset[str] = frozenset()
) -> web.Response:
    console, actor = console_of(request), actor_of(request)
    now = console.clock()
    wanted = chosen.wanted(actor, in_tokyo(now).date())
    after = arrival_place(request.query.get("after", ""))
    calendar = calendar_of(console)

    def look(session: Session) -> _Found:
        rows = list_requests(
            session,
            actor.controller,
            wanted,
            after=after,
            most=PAGE_ROWS + 1,
            now=now,
            is_working_day=calendar,
        )
        return _Found(
            cut(rows, lambda row: (row.received_at.isoformat(), row.id)),
            {group: _count(session, actor, Wanted(group=group)) for group in _TABS if group in _COUNTED},
            _count(session, actor, wanted),
            names_of(session, actor.controller),
            people_for(session, actor.controller, sensitive=False),
            assigned_people(session, actor.controller),
        )

    found = await console.read(look)
    context = {
        "found": found,
        "chosen": chosen,
        "tabs": _TABS,
        "words": words,
        "dues": DUES.items(),
        "assignees": _assignees(found),
        "person": lambda told: words.person(told, found.names),
        "most": MOST_COUNTED,
        "can_assign": actor.has(Right.WORK_REQUESTS),
        "sees_sensitive": actor.sees_sensitive,
        "fault": fault,
        "ticked": ticked,
        "done": _done(request),
    }
    status = HTTPStatus.UNPROCESSABLE_ENTITY if fault else HTTPStatus.OK
    return page(request, "requests/queue.html", context, status)


def _count(session: Session, actor: Actor, wanted: Wanted) -> int:
    return count_requests(session, actor.controller, wanted, most=MOST_COUNTED + 1)


def _assignees(found: _Found) -> list[tuple[str, str]]:
    everybody = dict(found.people) | {told: words.person(told, found.names) for told in found.assigned}
    return [("", "すべて"), (MINE, "自分"), (NOBODY, "未割当"), *everybody.items()]


def _done(request: web.Request) -> str:
    count = request.query.get("done", "")
    return f"{count}件の担当を決めました。" if request.method == "GET" and count.isascii() and count.isdigit() else ""
