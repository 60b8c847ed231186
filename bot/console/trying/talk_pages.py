"""試す: whole conversations the way a member's go, marked as tests; and the same turns side by side."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from http import HTTPStatus
from itertools import zip_longest

from aiohttp import web

from bot.channels.intake import ChoiceIsUnknownError, TextIsUnusableError
from bot.console.frame.forms import FormIsWrongError, field
from bot.console.frame.guard import actor_of
from bot.console.frame.parts import Console, console_of
from bot.console.frame.rendering import page, see
from bot.console.requests.case import names_of
from bot.console.trying import talks
from bot.console.trying.rasa_parse import RasaParser, Tracker
from bot.console.trying.single_pages import MOST_CHARACTERS, chosen
from bot.console.trying.single_pages import choices as subject_choices
from bot.console.trying.talks import Spoken
from bot.console.trying.tools import Tools, tools_of
from bot.console.trying.words import ACTIONS, MESSAGE_KINDS
from bot.errors import BadInputError, UnavailableError
from bot.evaluation.rehearsal import Line, RehearsalIsGoneError, Rehearsals
from bot.evaluation.runs.models import TrialTalk
from bot.evaluation.runs.subject import TITLES, Subject
from bot.policy.model import Policy

_NO_RASA = "Rasa から答えを得られませんでした。少し待って、もう一度送ってください。"


@dataclass(frozen=True)
class _Held:
    """A test with where it is held, what was said in it, and the texts that answer."""

    talk: TrialTalk
    rehearsals: Rehearsals
    lines: list[Line]
    policy: Policy | None


@dataclass(frozen=True)
class _Side:
    """One of two tests beside each other."""

    talk: TrialTalk
    lines: list[Spoken]


async def show_start(request: web.Request) -> web.Response:
    """The tests that are still there, and the press that begins one."""
    console = console_of(request)
    found, names = await console.read(
        lambda session: (
            talks.recent_talks(session, console.controller, console.clock()),
            names_of(session, console.controller),
        )
    )
    subjects = [pair for pair in await subject_choices(tools_of(request)) if pair[0] != "both"]
    context = {"talks": found, "names": names, "titles": TITLES, "subjects": subjects}
    return page(request, "trying/talks.html", context)


async def begin(request: web.Request) -> web.StreamResponse:
    """Begins a test."""
    sort = await field(request, "subject", most=16)
    (subject,) = await asyncio.to_thread(chosen, tools_of(request), "candidate" if sort == "candidate" else "live")
    conversation_id = await _begun(request, subject)
    raise see(f"/try/talks/{conversation_id}")


async def show(request: web.Request) -> web.Response:
    """A test, every turn laid open, with the buttons to press."""
    return await _page(request)


async def say(request: web.Request) -> web.StreamResponse:
    """Types a text."""
    text = ""
    try:
        text = await field(request, "text", most=MOST_CHARACTERS, needed="メッセージ")
        held = await _held(request)
        await held.rehearsals.resume(held.talk.conversation_id).say(text)
    except (FormIsWrongError, TextIsUnusableError) as error:
        return await _page(request, fault=str(error), typed=text)
    except UnavailableError:
        return await _page(request, fault=_NO_RASA, typed=text)
    raise see(f"/try/talks/{held.talk.conversation_id}#now")


async def press(request: web.Request) -> web.StreamResponse:
    """Presses a button."""
    choice = await field(request, "choice", most=64)
    held = await _held(request)
    try:
        await held.rehearsals.resume(held.talk.conversation_id).press(choice)
    except ChoiceIsUnknownError as error:
        return await _page(request, fault=str(error))
    except UnavailableError:
        return await _page(request, fault=_NO_RASA)
    raise see(f"/try/talks/{held.talk.conversation_id}#now")


async def replay(request: web.Request) -> web.StreamResponse:
    """Runs the same turns again, on 公開中 and, where there is one, on 公開候補."""
    held = await _held(request)
    turns = talks.turns_of(held.lines)
    if not turns:
        return await _page(request, fault="まだ発言がありません。")
    tools = tools_of(request)
    both = await asyncio.to_thread(tools.subjects.has_candidate)
    begun: list[str] = []
    for subject in await asyncio.to_thread(chosen, tools, "both" if both else "live"):
        conversation_id = await _begun(request, subject)
        rehearsals = await tools.rehearsals(subject)
        await talks.replay(rehearsals.resume(conversation_id), turns)
        begun.append(conversation_id)
    # Without a candidate the earlier run itself is what the new one is laid beside.
    first, second = begun if both else (held.talk.conversation_id, begun[0])
    raise see(f"/try/talks/{first}/beside/{second}")


async def show_beside(request: web.Request) -> web.Response:
    """Two tests side by side."""
    sides = [await _side(request, request.match_info[name]) for name in ("id", "other")]
    rows = list(zip_longest(*(side.lines for side in sides)))
    context = {"sides": sides, "rows": rows, "titles": TITLES, "kinds": MESSAGE_KINDS}
    return page(request, "trying/beside.html", context)


async def _side(request: web.Request, conversation_id: str) -> _Side:
    held = await _held(request, conversation_id)
    return _Side(held.talk, talks.spoken(held.lines, held.policy))


async def _begun(request: web.Request, subject: Subject) -> str:
    console, actor = console_of(request), actor_of(request)
    rehearsals = await tools_of(request).rehearsals(subject)
    # What answers is laid out and embedded here first, so that the first turn is not the one that waits.
    await asyncio.to_thread(tools_of(request).subjects.open, subject)
    conversation_id = (await rehearsals.begin()).conversation_id
    now = console.clock()
    await console.write(lambda session: talks.note_talk(session, conversation_id, subject, by=actor.id, now=now))
    return conversation_id


async def _held(request: web.Request, conversation_id: str = "") -> _Held:
    console, tools = console_of(request), tools_of(request)
    wanted = conversation_id or request.match_info["id"]
    talk = await console.read(lambda session: talks.find_talk(session, console.controller, wanted))
    subject = await asyncio.to_thread(_subject_of, tools, talk)
    rehearsals = await tools.rehearsals(subject)
    lines = await rehearsals.lines(wanted)
    return _Held(talk, rehearsals, lines, await asyncio.to_thread(_policy_of, tools, subject))


def _subject_of(tools: Tools, talk: TrialTalk) -> Subject:
    subject = tools.subjects.find("candidate" if talk.subject == "candidate" else "live")
    if talk.subject == "candidate" and subject.digest != talk.subject_digest:
        raise RehearsalIsGoneError("公開候補が変わったため、このテスト会話は続けられません。新しく始めてください。")
    return subject


def _policy_of(tools: Tools, subject: Subject) -> Policy | None:
    try:
        return tools.subjects.open(subject).policy
    except BadInputError:
        return None


async def _page(request: web.Request, *, fault: str = "", typed: str = "") -> web.Response:
    held = await _held(request)
    console = console_of(request)
    tracker = await _tracker(console, held.talk.conversation_id)
    context = {
        "talk": held.talk,
        "lines": talks.spoken(held.lines, held.policy),
        "choices": talks.offered(held.lines),
        "previews": talks.last_previews(held.lines),
        "fault": fault,
        "typed": typed,
        "most": MOST_CHARACTERS,
        "titles": TITLES,
        "kinds": MESSAGE_KINDS,
        "tracker": tracker,
        "actions": ACTIONS,
    }
    return page(request, "trying/talk.html", context, HTTPStatus.BAD_REQUEST if fault else HTTPStatus.OK)


async def _tracker(console: Console, conversation_id: str) -> Tracker | None:
    try:
        return await RasaParser(console.settings, console.http).tracker(conversation_id)
    except UnavailableError:
        return None
