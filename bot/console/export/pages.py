"""書き出し: the queue as it is filtered, as a file for a spreadsheet or a program; nothing that is sealed is in it.

Who took what out, and why, stands in the trail before the first line leaves. A list of any length is read and sent in
pieces; what changes meanwhile is as it was when its piece was read, and nothing is left out or doubled, since the time
of arrival, by which the pieces go, stays.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus

from aiohttp import web
from sqlalchemy.orm import Session

from bot.clock import in_tokyo
from bot.console.audit.streaming import send
from bot.console.export.titles import MARKS, TITLES, in_words
from bot.console.frame.forms import FormIsWrongError, field
from bot.console.frame.guard import actor_of
from bot.console.frame.parts import Console, console_of
from bot.console.frame.rendering import page
from bot.console.requests import words
from bot.console.requests.case import names_of
from bot.console.requests.filters import DUES, MINE, Filter, read_filter
from bot.console.requests.rules import calendar_of
from bot.register.kinds import Kind
from bot.register.ledger import BATCH, COLUMNS, Row, as_dict, defused, rows_after
from bot.register.queue import NOBODY, Place, count_requests
from bot.staff.actor import Actor
from bot.staff.trail import About, StaffAction, note
from bot.storage.engine import reading

MOST_COUNTED = 1000
LONGEST_REASON = 200
_LONGEST_CHOICE = 64
FORMATS = {"csv": "表計算ソフト用（CSV）", "json": "プログラム用（JSON）"}
_TYPES = {"csv": "text/csv", "json": "application/json"}


async def show(request: web.Request) -> web.StreamResponse:
    """What would be written, and the form that writes it; the address holds the queue's own choices."""
    return await _draw(request, read_filter(request.query))


async def write(request: web.Request) -> web.StreamResponse:
    """The file, once it stands in the trail that it was taken."""
    console, actor = console_of(request), actor_of(request)
    sent = {name: value for name, value in (await request.post()).items() if isinstance(value, str)}
    chosen = read_filter(sent)
    try:
        format_ = _format(sent)
        reason = await field(request, "reason", most=LONGEST_REASON, needed="書き出す目的")
    except FormIsWrongError as error:
        return await _draw(request, chosen, str(error))
    now = console.clock()
    about = About("requests", fields=[format_, *_choices(chosen)], reason=reason)

    def begin(session: Session) -> dict[str, str]:
        note(session, actor, StaffAction.LIST_EXPORTED, about, now=now)
        return names_of(session, actor.controller)

    names = await console.write(begin)
    rows = _rows(console, actor, chosen, now)
    pieces = _csv(rows, names) if format_ == "csv" else _json(rows)
    file_name = f"requests-{in_tokyo(now):%Y%m%d-%H%M}.{format_}"
    return await send(
        request,
        (piece.encode("utf-8", "replace") for piece in pieces),
        media_type=_TYPES[format_],
        file_name=file_name,
    )


@dataclass(frozen=True)
class _Shown:
    total: int
    names: dict[str, str]


async def _draw(request: web.Request, chosen: Filter, fault: str = "") -> web.StreamResponse:
    console, actor = console_of(request), actor_of(request)
    wanted = chosen.wanted(actor, in_tokyo(console.clock()).date())
    found = await console.read(
        lambda session: _Shown(
            count_requests(session, actor.controller, wanted, most=MOST_COUNTED + 1),
            names_of(session, actor.controller),
        )
    )
    context = {
        "chosen": chosen,
        "told": list(_told(chosen, found.names)),
        "total": found.total,
        "most": MOST_COUNTED,
        "formats": FORMATS.items(),
        "titles": TITLES.values(),
        "longest": LONGEST_REASON,
        "fault": fault,
    }
    return page(request, "export/form.html", context, HTTPStatus.UNPROCESSABLE_ENTITY if fault else HTTPStatus.OK)


def _told(chosen: Filter, names: dict[str, str]) -> Iterable[tuple[str, str]]:
    yield "状態", words.GROUPS[chosen.group]
    yield "種類", words.KINDS[Kind(chosen.kind)] if chosen.kind else "すべて"
    people = {"": "すべて", MINE: "自分", NOBODY: "未割当"}
    yield "担当", people.get(chosen.assignee) or words.person(chosen.assignee, names)
    yield "期限", DUES[chosen.due]
    if chosen.marks:
        yield "印", "、".join(title for mark, title in MARKS.items() if mark in chosen.marks)


def _format(sent: Mapping[str, str]) -> str:
    format_ = sent.get("format", "")
    if format_ not in FORMATS:
        raise FormIsWrongError("形式を選んでください。")
    return format_


def _choices(chosen: Filter) -> list[str]:
    """The choices as the trail names them: words of the filter, and whose work it is."""
    given = (("group", chosen.group), ("kind", chosen.kind), ("assignee", chosen.assignee), ("due", chosen.due))
    return [*(f"{name}={value}"[:_LONGEST_CHOICE] for name, value in given if value), *sorted(chosen.marks)]


def _rows(console: Console, actor: Actor, chosen: Filter, now: datetime) -> Iterator[Sequence[Row]]:
    wanted, calendar = chosen.wanted(actor, in_tokyo(now).date()), calendar_of(console)
    after: Place | None = None
    while True:
        # Each piece is a look of its own: a slow download must not keep the database from tidying up.
        with reading(console.engine) as session:
            rows = rows_after(session, actor.controller, wanted, after, now=now, is_working_day=calendar)
        yield rows
        if len(rows) < BATCH:
            return
        after = Place(rows[-1].view.received_at, rows[-1].view.id)


def _csv(batches: Iterator[Sequence[Row]], names: dict[str, str]) -> Iterator[str]:
    # Excel takes a file for UTF-8 only when it begins with a byte order mark.
    yield "\ufeff" + _lines(lambda writer: writer.writerow(TITLES.values()))
    for rows in batches:
        yield _lines(lambda writer, rows=rows: writer.writerows(_cells(row, names) for row in rows))


def _lines(write: Callable[..., object]) -> str:
    text = io.StringIO()
    write(csv.writer(text))
    return text.getvalue()


def _cells(row: Row, names: dict[str, str]) -> list[object]:
    told = as_dict(row)
    return [defused(in_words(name, told[name], names)) for name in COLUMNS]


def _json(batches: Iterator[Sequence[Row]]) -> Iterator[str]:
    before = "[\n"
    for rows in batches:
        for row in rows:
            yield before + json.dumps(as_dict(row), ensure_ascii=False)
            before = ",\n"
    yield "[]\n" if before == "[\n" else "\n]\n"
