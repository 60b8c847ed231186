"""From a member's question to a card, a gap or a test case: only in staff's own words, and without a way back.

What goes on is the text that somebody typed and confirmed; no id of the conversation goes with it, and nothing of the
member's words is filled in for them.
"""

from __future__ import annotations

from types import MappingProxyType

from aiohttp import web

from bot.console.frame.forms import FormIsWrongError, field
from bot.console.frame.parts import console_of
from bot.console.improving.borrowed import refusal_of
from bot.console.talks.policies import spared_of
from bot.console.talks.talk_page import draw

DESTINATIONS = MappingProxyType(
    {"card": "/improving/cards/new", "gap": "/improving/gaps/new", "case": "/tests/cases/new"}
)
"""Where each sort of thing is made; those pages take the field `question`, and ask `refusal_of` again."""

_MOST = 200
NOT_CONFIRMED = "個人に関する内容が含まれないことを確かめて、チェックを入れてください。"


async def reword(request: web.Request) -> web.StreamResponse:
    """Sends the form on to where the thing is made, or says why it may not go there."""
    question = ""
    try:
        question = await field(request, "question", most=_MOST, needed="言い換えた質問")
        to = await destination(request, question)
    except FormIsWrongError as error:
        return await draw(request, fault=str(error), reworded=question)
    raise to


async def destination(request: web.Request, question: str) -> web.HTTPTemporaryRedirect:
    """The redirect that repeats this post where the thing is made (RFC 9110, 15.4.8).

    Raises:
        FormIsWrongError: it is not confirmed, or holds something of a person.
    """
    to = DESTINATIONS.get(await field(request, "to"))
    if to is None:
        raise FormIsWrongError("作るものを選んでください。")
    if await field(request, "confirmed") != "1":
        raise FormIsWrongError(NOT_CONFIRMED)
    reason = refusal_of(question, spared=spared_of(console_of(request)))
    if reason:
        raise FormIsWrongError(reason)
    return web.HTTPTemporaryRedirect(to)
