"""答えのない質問: what members ask that nothing answers, by meaning, and the way from there to a card or a gap."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from http import HTTPStatus

from aiohttp import web

from bot.console.frame.forms import FormIsWrongError, field
from bot.console.frame.guard import actor_of
from bot.console.frame.parts import Console, console_of
from bot.console.frame.rendering import notice_page, page, see
from bot.console.talks import open_groups
from bot.console.talks.gathering import DAYS, regroup
from bot.console.talks.open_groups import GroupRow, Question
from bot.console.talks.policies import spared_of
from bot.console.talks.reading import Veil
from bot.console.talks.rewording import destination
from bot.staff.trail import About, StaffAction, note
from bot.storage.engine import reading
from bot.storage.models import QuestionGroup

PATH = "/talks/questions"
_TASK = "talks: open questions"


@dataclass(frozen=True)
class _Group:
    row: QuestionGroup
    questions: Sequence[Question]


async def show(request: web.Request) -> web.StreamResponse:
    """The groups as they were made last."""
    console = console_of(request)
    off_topic = request.query.get("sort") == "out_of_scope"
    await _note(request, "questions", None)
    made_at, groups = await asyncio.to_thread(_groups, console, off_topic=off_topic)
    context = {
        "made_at": made_at,
        "groups": groups,
        "off_topic": off_topic,
        "days": DAYS,
        "task": console.background.find(_TASK),
    }
    return page(request, "talks/questions.html", context)


async def begin(request: web.Request) -> web.StreamResponse:
    """Groups them anew, in the background."""
    console = console_of(request)
    console.background.start(_TASK, partial(regroup, console))
    raise see(PATH)


async def show_group(request: web.Request) -> web.StreamResponse:
    """The questions of one group, veiled."""
    return await _draw_group(request)


async def reword(request: web.Request) -> web.StreamResponse:
    """Sends staff's own wording on to where a card, a gap or a case is made of it."""
    question = ""
    try:
        question = await field(request, "question", most=200, needed="言い換えた質問")
        to = await destination(request, question)
    except FormIsWrongError as error:
        return await _draw_group(request, fault=str(error), reworded=question)
    raise to


async def _draw_group(request: web.Request, *, fault: str = "", reworded: str = "") -> web.Response:
    console, group_id = console_of(request), request.match_info["id"]
    found = await asyncio.to_thread(_group, console, group_id)
    if found is None:
        return notice_page(
            request, "このまとまりはありません。まとめ直されたか、会話が消されました。", HTTPStatus.NOT_FOUND
        )
    await _note(request, "question_group", group_id)
    context = {"group": found.row, "questions": found.questions, "whys": open_groups.WHYS}
    context |= {"fault": fault, "reworded": reworded, "most": open_groups.MOST_QUESTIONS}
    return page(request, "talks/group.html", context, HTTPStatus.UNPROCESSABLE_ENTITY if fault else HTTPStatus.OK)


async def _note(request: web.Request, sort: str, id_: str | None) -> None:
    console, actor = console_of(request), actor_of(request)
    about = About(sort, id_, ["words"])
    await console.write(lambda session: note(session, actor, StaffAction.TALK_READ, about, now=console.clock()))


def _groups(console: Console, *, off_topic: bool) -> tuple[datetime | None, list[GroupRow]]:
    veil = Veil(is_on=True, spared=spared_of(console))
    with reading(console.engine) as session:
        made_at = open_groups.made_at(session, console.controller)
        middle = (made_at or console.clock()) - timedelta(days=DAYS / 2)
        found = open_groups.list_groups(
            session, console.controller, off_topic=off_topic, middle=middle, veil=veil, vault=console.vault
        )
        return made_at, found


def _group(console: Console, group_id: str) -> _Group | None:
    veil = Veil(is_on=True, spared=spared_of(console))
    with reading(console.engine) as session:
        row = open_groups.find_group(session, console.controller, group_id)
        if row is None:
            return None
        return _Group(row, open_groups.questions_of(session, row, veil=veil, vault=console.vault))
