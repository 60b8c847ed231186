"""試す: a question, and everything the assistant makes of it."""

from __future__ import annotations

from http import HTTPStatus

import aiohttp_jinja2
from aiohttp import web

from bot.console.parts import CONSOLE
from bot.console.trial import Trial, try_question
from bot.console.verdicts import candidates, measures, score_names, verdicts

_MOST_CHARACTERS = 1000
_MOST_CANDIDATES = 10


async def show(request: web.Request) -> web.Response:
    """The empty form."""
    return _page(request, question="")


async def submit(request: web.Request) -> web.Response:
    """The form with its results.

    The question is posted and the page is the answer to the post: in an address it would stand in histories and logs.
    """
    question = str((await request.post()).get("question", "")).strip()
    if not question:
        return _page(request, question="", fault="質問を入力してください。")
    if len(question) > _MOST_CHARACTERS:
        return _page(request, question=question, fault=f"{_MOST_CHARACTERS:,} 文字以内で入力してください。")
    console = request.app[CONSOLE]
    trial = await try_question(question, parser=console.parser, assistant=console.assistant, clock=console.clock)
    return _page(request, question=question, trial=trial)


def _page(request: web.Request, *, question: str, fault: str = "", trial: Trial | None = None) -> web.Response:
    answer = trial.answer.result if trial else None
    context: dict[str, object] = {
        "question": question,
        "most": _MOST_CHARACTERS,
        "fault": fault,
        "trial": trial,
        "answer": answer,
        "policy": request.app[CONSOLE].settings.default_policy,
    }
    if answer is not None:
        context |= {
            "candidates": candidates(answer)[:_MOST_CANDIDATES],
            "score_names": score_names(answer),
            "verdicts": verdicts(answer),
            "measures": measures(answer),
        }
    status = HTTPStatus.BAD_REQUEST if fault else HTTPStatus.OK
    return aiohttp_jinja2.render_template("try.html", request, context, status=status)


ROUTES = [web.get("/", show), web.post("/", submit)]
