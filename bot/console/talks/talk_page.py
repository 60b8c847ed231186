"""One conversation: read veiled, unveiled for a reason, marked, and what staff make of a question in their own words.

Whoever opens it, or takes the veil away, stands in the console's trail before anything is shown.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus

from aiohttp import web
from sqlalchemy.orm import Session

from bot.console.frame.forms import FormIsWrongError, field
from bot.console.frame.guard import actor_of
from bot.console.frame.parts import Console, console_of
from bot.console.frame.rendering import notice_page, page, see
from bot.console.requests.case import names_of
from bot.console.requests.words import KINDS, STATES, person
from bot.console.talks import listing
from bot.console.talks.policies import spared_of, versions_of
from bot.console.talks.reading import LineView, Veil, read_lines
from bot.register import requests
from bot.register.requests import RequestView
from bot.register.sensitivity import is_sensitive
from bot.staff.actor import Actor
from bot.staff.trail import About, StaffAction, note
from bot.storage import talks
from bot.storage.engine import reading
from bot.storage.models import Conversation
from bot.storage.talks import Review

_MOST_NOTE = 1000
_MOST_REASON = 200


@dataclass(frozen=True)
class Talk:
    """What the page shows of one conversation."""

    row: Conversation
    lines: Sequence[LineView]
    requests: Sequence[RequestView]
    note: str
    reviewer: str


async def show(request: web.Request) -> web.StreamResponse:
    """The conversation, veiled."""
    return await draw(request)


async def reveal(request: web.Request) -> web.StreamResponse:
    """The conversation as it is stored, this once, for a reason that is kept."""
    try:
        reason = await field(request, "reason", most=_MOST_REASON, needed="理由")
    except FormIsWrongError as error:
        return await draw(request, fault=str(error))
    return await draw(request, reason=reason)


async def review(request: web.Request) -> web.StreamResponse:
    """Says that somebody looked at it, and what is to be answered better."""
    console, actor, talk_id = console_of(request), actor_of(request), request.match_info["id"]
    try:
        said = _review(await field(request, "review"))
        words = await field(request, "note", most=_MOST_NOTE, needed="改善したい点" if said == Review.IMPROVE else "")
    except FormIsWrongError as error:
        return await draw(request, fault=str(error), typed=await field(request, "note"))
    if not await console.write(lambda session: _mark(console, session, actor, talk_id, said, words)):
        return no_such_talk(request)
    raise see(f"/talks/{talk_id}")


async def draw(
    request: web.Request, *, reason: str = "", fault: str = "", typed: str | None = None, reworded: str = ""
) -> web.Response:
    """The page; with a `reason` it is not veiled. `typed` and `reworded` are what a form that was refused held."""
    console, actor, talk_id = console_of(request), actor_of(request), request.match_info["id"]
    if not await console.write(lambda session: _note(console, session, actor, talk_id, reason)):
        return no_such_talk(request)
    talk = await asyncio.to_thread(_read, console, actor, talk_id, is_veiled=not reason)
    if talk is None:
        return no_such_talk(request)
    context = {
        "talk": talk,
        "words": listing,
        "kinds": KINDS,
        "states": STATES,
        "is_veiled": not reason,
        "fault": fault,
        "note": talk.note if typed is None else typed,
        "reworded": reworded,
    }
    return page(request, "talks/talk.html", context, HTTPStatus.UNPROCESSABLE_ENTITY if fault else HTTPStatus.OK)


def no_such_talk(request: web.Request) -> web.Response:
    """The page for an id that stands for nothing here, or for a conversation that is not kept any more."""
    return notice_page(request, "この会話はありません。保存期間が過ぎたか、会員が消しました。", HTTPStatus.NOT_FOUND)


def kept(session: Session, actor: Actor, talk_id: str) -> Conversation | None:
    """A conversation of this company that is still kept."""
    row = session.get(Conversation, talk_id)
    return None if row is None or row.controller != actor.controller or row.deleted_at is not None else row


def _note(console: Console, session: Session, actor: Actor, talk_id: str, reason: str) -> bool:
    if kept(session, actor, talk_id) is None:
        return False
    action = StaffAction.TALK_REVEALED if reason else StaffAction.TALK_READ
    note(session, actor, action, About("talk", talk_id, ["words"], reason or None), now=console.clock())
    return True


def _read(console: Console, actor: Actor, talk_id: str, *, is_veiled: bool) -> Talk | None:
    # Policies may have to be read from disk, which is no work for within a transaction.
    veil, policies = Veil(is_veiled, spared_of(console)), versions_of(console)
    with reading(console.engine) as session:
        row = kept(session, actor, talk_id)
        if row is None:
            return None
        filed = requests.of_conversation(session, row.id)
        return Talk(
            row=row,
            lines=read_lines(session, row, veil, vault=console.vault, policies=policies),
            requests=[each for each in filed if actor.sees_sensitive or not is_sensitive(each.scope)],
            note=talks.note_on(row, console.vault),
            reviewer=person(row.reviewed_by, names_of(session, actor.controller)) if row.reviewed_by else "",
        )


def _mark(console: Console, session: Session, actor: Actor, talk_id: str, said: Review, words: str) -> bool:
    row = kept(session, actor, talk_id)
    if row is None:
        return False
    now = console.clock()
    talks.mark(row, said, note=words, actor=actor.id, vault=console.vault, now=now)
    note(session, actor, StaffAction.TALK_MARKED, About("talk", row.id, ["review", "note"]), now=now)
    return True


def _review(given: str) -> Review:
    try:
        return Review(given)
    except ValueError:
        raise FormIsWrongError("確認の結果を選んでください。") from None
