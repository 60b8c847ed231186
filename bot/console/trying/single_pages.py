"""試す: a question, and everything that 公開中, 公開候補 or both of them make of it."""

from __future__ import annotations

import asyncio
from http import HTTPStatus

from aiohttp import web

from bot.console.frame.forms import FormIsWrongError, field
from bot.console.frame.parts import console_of
from bot.console.frame.rendering import page
from bot.console.trying.rasa_parse import RasaParser
from bot.console.trying.tools import Tools, tools_of
from bot.console.trying.trace_view import intent
from bot.console.trying.trial import Trial, try_question
from bot.console.trying.words import MESSAGE_KINDS
from bot.evaluation.runs.subject import TITLES, Subject
from bot.evaluation.runs.subjects import CandidateIsMissingError

MOST_CHARACTERS = 1000
_INTENTS = 6


async def show(request: web.Request) -> web.Response:
    """The empty form."""
    return await _page(request, "", "live")


async def ask(request: web.Request) -> web.Response:
    """The form with its results.

    The question is posted and the page is the answer to the post: in an address it would stand in histories and logs.
    """
    sort = "live"
    question = ""
    try:
        sort = await field(request, "subject", most=16) or sort
        question = await field(request, "question", most=MOST_CHARACTERS, needed="質問")
        subjects = await asyncio.to_thread(chosen, tools_of(request), sort)
    except (FormIsWrongError, CandidateIsMissingError) as error:
        return await _page(request, question, sort, fault=str(error))
    console = console_of(request)
    parser = RasaParser(console.settings, console.http)
    opened = tools_of(request).subjects
    trial = await try_question(question, subjects, opened=opened, parser=parser, now=console.clock())
    return await _page(request, question, sort, trial=trial)


def chosen(tools: Tools, sort: str) -> list[Subject]:
    """What a choice of the form means.

    Raises:
        CandidateIsMissingError: there is no candidate.
    """
    live = [tools.subjects.find("live")] if sort != "candidate" else []
    return live + ([tools.subjects.find("candidate")] if sort in ("candidate", "both") else [])


async def choices(tools: Tools) -> list[tuple[str, str]]:
    """What can be asked."""
    if not await asyncio.to_thread(tools.subjects.has_candidate):
        return [("live", TITLES["live"])]
    return [("live", TITLES["live"]), ("candidate", TITLES["candidate"]), ("both", "両方を並べて")]


async def _page(
    request: web.Request, question: str, sort: str, *, fault: str = "", trial: Trial | None = None
) -> web.Response:
    parse = trial.parse.result if trial else None
    ranking = (parse.intent_ranking or [parse.intent])[:_INTENTS] if parse else []
    context = {
        "question": question,
        "most": MOST_CHARACTERS,
        "fault": fault,
        "trial": trial,
        "subject": sort,
        "subjects": await choices(tools_of(request)),
        "intents": [intent(each.name, each.confidence) for each in ranking],
        "kinds": MESSAGE_KINDS,
        "policy": console_of(request).settings.default_policy,
    }
    return page(request, "trying/try.html", context, HTTPStatus.BAD_REQUEST if fault else HTTPStatus.OK)
