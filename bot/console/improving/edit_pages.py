"""Lists and forms of cards, gaps, words and phrases. What was typed and cannot be saved is shown again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from http import HTTPStatus

from aiohttp import web

from bot.console.frame.forms import FormIsWrongError, field, fields
from bot.console.frame.guard import actor_of
from bot.console.frame.rendering import page, see
from bot.console.improving.bench import Bench, bench_of
from bot.console.improving.changes import FIELDS
from bot.console.improving.quoting import groups_of
from bot.console.improving.saving import put
from bot.console.improving.sorts import SORTS, Given, Sort
from bot.policy import phrases
from bot.policy.releases.editing import Edit, EntryHasChangedError
from bot.policy.releases.entry_files import Place, Row, find, places, seen_of
from bot.policy.releases.faults import CandidateIsWrongError, SomebodyWasFasterError

_MOST_QUOTES = 40


@dataclass(frozen=True)
class Form:
    """An entry's form.

    Attributes:
        key: of the entry; empty for a new one.
        seen: what the entry was when the person opened it.
        given: what stands in the fields.
        theirs: what somebody else saved meanwhile; None when nobody did, and an empty row when they removed it.
    """

    key: str
    seen: str
    given: Given
    fault: str = ""
    theirs: Row | None = None


async def show_list(request: web.Request) -> web.StreamResponse:
    """Every entry of a sort, those that differ from what is in force marked."""
    sort, bench = _sort(request), await bench_of(request)
    before = {str(place.row.get("id", place.seen)): place.seen for place in places(bench.before.get(sort.file, ""))}
    rows = [(key, place, before.get(key) != place.seen) for key, place in _entries(sort, bench)]
    context = {"sort": sort, "sorts": SORTS, "rows": rows, "bench": bench, "titles": phrases.TITLES}
    return page(request, "improving/list.html", context)


async def show_blank(request: web.Request) -> web.StreamResponse:
    """The form of a new entry."""
    sort = _sort(request)
    _demand_new(sort)
    return await _draw(request, sort, Form("", "", sort.shown(None)))


async def show_borrowed(request: web.Request) -> web.StreamResponse:
    """The form of a new card or gap, filled from an answer that was looked at; nothing is saved yet.

    Fields of the post: `question` (in the staff's own words), `answer` (for a card's sentence), `quote` (each a
    verbatim slice of the policy). What goes on to be saved is looked at once more there.
    """
    sort = _sort(request)
    _demand_new(sort)
    question, answer = await field(request, "question", most=1000), await field(request, "answer", most=2000)
    bench = await bench_of(request)
    quotes = tuple(quote for quote in (await fields(request, "quote"))[:_MOST_QUOTES] if quote in bench.policy.text)
    blank = sort.shown(None)
    texts = {**blank.texts, "questions": question}
    if sort.name == "cards":
        given = Given({**texts, "text": answer}, {"keep": quotes, "pick": ()}, is_borrowed=True)
    else:
        near = {"nearest": quotes[0], "near": "keep"} if quotes else {}
        given = Given({**texts, **near}, is_borrowed=True)
    return await _draw(request, sort, Form("", "", given), bench=bench)


async def show_one(request: web.Request) -> web.StreamResponse:
    """The form of an entry as it stands."""
    sort, bench, key = _sort(request), await bench_of(request), request.match_info["key"]
    place = find(bench.draft.text(sort.file), key)
    if place is None and not _is_built_in(sort, key):
        raise web.HTTPNotFound
    given = sort.shown(place.row if place else None)
    return await _draw(request, sort, Form(key, place.seen if place else "", given), bench=bench)


async def save(request: web.Request) -> web.StreamResponse:
    """Saves an entry; what is wrong with it, or what somebody else made of it meanwhile, is shown beside the form."""
    sort, bench = _sort(request), await bench_of(request)
    key, seen = await field(request, "key", most=64), await field(request, "seen", most=64)
    form = Form(key, seen, await sort.read(request))
    place = find(bench.draft.text(sort.file), key) if key else None
    try:
        row = sort.row(form.given, place.row if place else None, bench, actor_of(request))
        row = {**row, "id": key} if _is_built_in(sort, key) else row
        edit = Edit(sort.file, (key if seen else None) if key else None, row, seen)
        await put(request, edit, _what(sort, row))
    except EntryHasChangedError as error:
        return await _draw(request, sort, _beside_theirs(form, error), bench=await bench_of(request))
    except (FormIsWrongError, CandidateIsWrongError, SomebodyWasFasterError) as error:
        return await _draw(request, sort, replace(form, fault=str(error)), bench=bench)
    raise see(f"/improving/{sort.name}#saved")


async def remove(request: web.Request) -> web.StreamResponse:
    """Takes an entry out of the candidate; a phrase is said in the built-in words again."""
    sort = _sort(request)
    key, seen = await field(request, "key", most=64, needed="項目"), await field(request, "seen", most=64)
    try:
        await put(request, Edit(sort.file, key, None, seen), f"{sort.name}:{key}"[:120])
    except EntryHasChangedError as error:
        given = sort.shown(error.theirs)
        form = Form(key if error.theirs is not None else "", seen_of(error.theirs), given, str(error))
        return await _draw(request, sort, form)
    raise see(f"/improving/{sort.name}")


async def _draw(request: web.Request, sort: Sort, form: Form, *, bench: Bench | None = None) -> web.Response:
    bench = bench or await bench_of(request)
    context: dict[str, object] = {
        "sort": sort,
        "form": form,
        "bench": bench,
        "given": form.given,
        "field_titles": FIELDS,
    }
    if sort.name in ("cards", "gaps"):
        context |= {"groups": groups_of(bench.policy), "desks": bench.desks}
    if sort.name == "phrases":
        context |= {"built_in": getattr(phrases.BUILT_IN, form.key), "title": phrases.TITLES[form.key]}
    status = HTTPStatus.CONFLICT if form.theirs is not None else HTTPStatus.BAD_REQUEST
    return page(request, f"improving/{sort.name}.html", context, status if form.fault else HTTPStatus.OK)


def _beside_theirs(form: Form, error: EntryHasChangedError) -> Form:
    """The form again with what was typed; saving it now knows of theirs. One that is gone becomes a new one."""
    key = form.key if error.theirs is not None else ""
    return Form(key, seen_of(error.theirs), form.given, str(error), error.theirs if error.theirs is not None else {})


def _entries(sort: Sort, bench: Bench) -> list[tuple[str, Place]]:
    return [(str(place.row.get("id", place.seen)), place) for place in places(bench.draft.text(sort.file))]


def _sort(request: web.Request) -> Sort:
    found: Mapping[str, Sort] = SORTS
    sort = found.get(request.match_info["sort"])
    if sort is None:
        raise web.HTTPNotFound
    return sort


def _demand_new(sort: Sort) -> None:
    if sort.name == "phrases":
        raise web.HTTPNotFound


def _is_built_in(sort: Sort, key: str) -> bool:
    return sort.name == "phrases" and key in phrases.TITLES


def _what(sort: Sort, row: Row) -> str:
    return f"{sort.name}:{row.get('id') or sort.label(row)}"[:120]
