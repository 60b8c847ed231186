"""回帰テスト: how runs go on, what they found, and each case beside itself in an earlier run."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from aiohttp import web
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.console.frame.parts import Console, console_of
from bot.console.frame.rendering import page
from bot.console.requests.case import names_of
from bot.console.testing import shelf, work
from bot.console.testing.titles import REQUEST_KINDS, titled
from bot.console.trying.tools import tools_of
from bot.console.trying.words import MESSAGE_KINDS
from bot.evaluation.runs import export, reading
from bot.evaluation.runs.comparing import Compared, compared, steps_of
from bot.evaluation.runs.models import RegressionResult, RegressionRun
from bot.evaluation.runs.reading import RunIsUnknownError, Scope

FILTERS = {
    "all": "すべて",
    "failed": "失敗",
    "broken": "前回から壊れた",
    "mended": "前回から直った",
    "answer": "答えが変わった",
}
CHANGES = {"same": "同じ", "answer": "答えが変わった", "broken": "壊れた", "mended": "直った", "new": "前回にない"}

_FORMATS = {
    "csv": ("text/csv; charset=utf-8", lambda _run, results: export.as_csv(results)),
    "json": ("application/json", export.as_json),
    "xml": ("application/xml", export.as_junit),
}


@dataclass(frozen=True)
class _Found:
    """A run with its cases beside an earlier run's; `base` is that run, `earlier` those to choose from."""

    run: RegressionRun
    base: RegressionRun | None
    earlier: Sequence[RegressionRun]
    pairs: Sequence[Compared]
    names: dict[str, str]


async def show_batch(request: web.Request) -> web.Response:
    """The runs that were asked for in one press, as far as they have come."""
    return page(request, "testing/batch.html", await _batch(request))


async def show_batch_piece(request: web.Request) -> web.Response:
    """The live part of that page, asked for again and again."""
    return page(request, "testing/batch_piece.html", await _batch(request))


async def show_run(request: web.Request) -> web.Response:
    """The cases of a run, those that changed since an earlier one marked."""
    show = request.query.get("show", "all")
    found = await _find(request)
    pairs = [pair for pair in found.pairs if _is_shown(pair, show)]
    counts = {name: sum(_is_shown(pair, name) for pair in found.pairs) for name in FILTERS}
    return page(
        request,
        "testing/run.html",
        _shown(found) | {"pairs": pairs, "show": show, "filters": FILTERS, "counts": counts},
    )


async def show_case(request: web.Request) -> web.Response:
    """One case in both runs: answers and passages side by side."""
    found = await _find(request)
    case = request.match_info["position"]
    pair = next((pair for pair in found.pairs if str(pair.now.position) == case), None)
    if pair is None:
        raise RunIsUnknownError("この事例はありません")
    return page(request, "testing/case.html", _shown(found) | {"pair": pair, "steps": steps_of(pair)})


async def save(request: web.Request) -> web.Response:
    """The run as a file."""
    console, form = console_of(request), request.match_info["format"]
    if form not in _FORMATS:
        raise web.HTTPNotFound
    run, results = await console.read(lambda session: _run_with_results(session, console, request.match_info["run"]))
    media_type, write = _FORMATS[form]
    content = await asyncio.to_thread(write, run, results)
    name = f"{run.set_name}-{run.started_at:%Y%m%d-%H%M%S}.{form}"
    headers = {"Content-Type": media_type, "Content-Disposition": f'attachment; filename="{name}"'}
    return web.Response(body=content, headers=headers)


async def _batch(request: web.Request) -> dict[str, object]:
    console, batch = console_of(request), request.match_info["batch"]
    scope = shelf.scope_of(console)
    await shelf.mark_interrupted(console)

    def look(session: Session) -> tuple[list[RegressionRun], dict[str, str]]:
        query = select(RegressionRun).where(RegressionRun.batch == batch, RegressionRun.policy == scope.policy)
        query = query.where(RegressionRun.controller == scope.controller).order_by(RegressionRun.set_name)
        runs = list(session.scalars(query))
        return runs, names_of(session, console.controller)

    runs, names = await console.read(look)
    if not runs:
        raise RunIsUnknownError("この実行はありません")
    is_open = any(run.state in ("waiting", "running") for run in runs)
    tools = tools_of(request)
    if is_open and all(run.holder == tools.holder for run in runs):
        # A run that was asked for while the last one was just ending would wait for ever.
        work.start(console, tools)
    return {"runs": runs, "names": names, "is_open": is_open, "batch": batch, "verdict_of": shelf.verdict_of}


async def _find(request: web.Request) -> _Found:
    console, against = console_of(request), request.query.get("against", "")
    scope = shelf.scope_of(console)

    def look(session: Session) -> _Found:
        run, results = _run_with_results(session, console, request.match_info["run"])
        earlier = reading.earlier_runs(session, run)
        base = _base(session, scope, against, earlier)
        before = reading.results_of(session, base.id) if base is not None else []
        return _Found(run, base, earlier, compared(results, before), names_of(session, console.controller))

    return await console.read(look)


def _base(session: Session, scope: Scope, against: str, earlier: Sequence[RegressionRun]) -> RegressionRun | None:
    if against:
        return reading.find_run(session, scope, against)
    return earlier[0] if earlier else None


def _run_with_results(session: Session, console: Console, run_id: str) -> tuple[RegressionRun, list[RegressionResult]]:
    run = reading.find_run(session, shelf.scope_of(console), run_id)
    return run, reading.results_of(session, run.id)


def _is_shown(pair: Compared, show: str) -> bool:
    if show == "failed":
        return not pair.now.passed
    return show not in FILTERS or show in ("all", pair.change)


def _shown(found: _Found) -> dict[str, object]:
    return {
        "run": found.run,
        "base": found.base,
        "earlier": found.earlier,
        "names": found.names,
        "changes": CHANGES,
        "kinds": MESSAGE_KINDS,
        "request_kinds": REQUEST_KINDS,
        "titled": titled,
        "verdict_of": shelf.verdict_of,
        "states": shelf.STATES,
    }
