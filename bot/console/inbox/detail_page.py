"""One inquiry or complaint: what was asked, what was written since, and the box to answer in.

What a person may do with a request of any kind beside answering (the time of arrival, links, files, the whole trail)
is on its page in the queue; both pages read the same case and record the same look.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus

from aiohttp import web
from sqlalchemy.orm import Session

from bot.console.frame.guard import actor_of
from bot.console.frame.parts import console_of
from bot.console.frame.rendering import page
from bot.console.inbox.places import state_of
from bot.console.inbox.replies import ready_made
from bot.console.requests import words
from bot.console.requests.access import MayNotError, refuse, require_access
from bot.console.requests.case import Case
from bot.console.requests.detail_page import look
from bot.console.requests.form import Form
from bot.console.requests.open_steps import Step
from bot.console.requests.rules import desk_of
from bot.register.errors import RequestIsUnknownError
from bot.register.life import TO_THE_DESK, Move, can_move
from bot.register.models import Request, State
from bot.register.thread.models import Direction
from bot.staff.actor import Actor
from bot.staff.roles import Right

DONE = {
    "answer": "回答を記録しました。会員に回答があることをお知らせします。",
    "route": "別の窓口の案内を記録しました。会員にお知らせします。",
    "message": "会員にメッセージを送りました。",
    "ask": "会員に質問を送りました。返事を待っています。",
    "note": "内部メモを残しました。",
    "assign": "担当を決めました。",
    "urgent": "急ぎの印を変えました。",
    "told": "通知を記録しました。",
    "complaint": "苦情の対象を関連づけました。",
    "close": "完了しました。",
}


_QUOTED = re.compile(r"「([^「」]{8,})」")
_LONGEST_QUESTION, _LONGEST_ANSWER = 1000, 2000


@dataclass(frozen=True)
class CardDraft:
    """What a card's page is begun with (`bot.console.improving`)."""

    question: str = field(repr=False)
    answer: str = field(repr=False)
    quotes: tuple[str, ...] = field(repr=False)


@dataclass(frozen=True)
class Trouble:
    """A step that was not taken: why, and what was typed; or, without a fault, a reply that was begun ready-made."""

    typed: Mapping[str, str] = field(repr=False)
    fault: str = ""


async def show(request: web.Request) -> web.StreamResponse:
    """The page as it is."""
    return await draw(request)


async def show_contact(request: web.Request) -> web.StreamResponse:
    """The page with who asks and how to reach them, for this one look."""
    return await draw(request, with_contact=True)


async def draw(
    request: web.Request,
    trouble: Trouble | None = None,
    status: HTTPStatus = HTTPStatus.OK,
    *,
    with_contact: bool = False,
) -> web.StreamResponse:
    """The page of the inquiry that the address names; what is sealed is opened for those who work on requests.

    Args:
        request: a look, or a step that failed.
        trouble: what was typed and why it was not taken.
        status: of the response.
        with_contact: whether to open who asks, which the route's right has been checked for.
    """
    try:
        case = await look(request, require_inquiry, with_contact=with_contact)
    except (MayNotError, RequestIsUnknownError) as error:
        return await refuse(request, error)
    console, actor = console_of(request), actor_of(request)
    context = {
        "case": case,
        "can": {step.name: step in case.steps for step in Step},
        "can_answer": actor.has(Right.WORK_REQUESTS) and is_answerable(case),
        "may_work": actor.has(Right.WORK_REQUESTS),
        "can_reveal": actor.has(Right.REVEAL_CONTACT),
        "card": card_of(case) if case.opened and actor.has(Right.EDIT_ANSWERS) else None,
        "ready": [(each.id, each.title) for each in ready_made(desk_of(console))],
        "words": words,
        "state_of": state_of,
        "person": lambda told: words.person(told, case.names),
        "fault": trouble.fault if trouble else "",
        "typed": trouble.typed if trouble else {},
        "done": DONE.get(request.query.get("done", ""), "") if request.method == "GET" else "",
    }
    return page(request, "inbox/detail.html", context, status)


def require_inquiry(session: Session, actor: Actor, request_id: str) -> Request:
    """The inquiry or complaint of this id, for somebody who may know of it.

    Raises:
        RequestIsUnknownError: there is none.
        MayNotError: it is about health or bank accounts, which this account may not read about.
    """
    row = require_access(session, actor, request_id)
    if row.kind not in TO_THE_DESK:
        raise RequestIsUnknownError(f"request {row.number} is no inquiry")
    return row


def is_answerable(case: Case) -> bool:
    """Whether an answer can be given now: nobody has decided, and the member has not been asked anything."""
    is_ready = case.state is State.IN_REVIEW or can_move(case.request, Move.BEGIN_REVIEW)
    return is_ready and case.decision is None


def card_of(case: Case) -> CardDraft | None:
    """A card's beginning out of what was asked and told; what is of a person is taken out where the card is written."""
    asked, answer = (case.words.words if case.words else None) or "", told_last(case)
    if not asked or not answer:
        return None
    # What stands in brackets may be the policy's own words; the card's page keeps what really is.
    quotes = tuple(quote.strip() for quote in _QUOTED.findall(answer))
    return CardDraft(asked[:_LONGEST_QUESTION], answer[:_LONGEST_ANSWER], quotes)


def told_last(case: Case) -> str:
    """What the member was told: the answer, or what was last written to them."""
    if case.decision is not None and case.decision.explanation:
        return case.decision.explanation
    written = [message.text for message in case.messages if message.direction is Direction.TO_MEMBER]
    return written[-1] if written else ""


def begun(form: Form, text: str) -> Mapping[str, str]:
    """What was typed, with a ready-made text below it."""
    return {**form.texts, "text": f"{form['text']}\n\n{text}".strip()}
