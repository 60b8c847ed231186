"""Entering what came by mail, telephone, letter or at the counter: typed, looked at once more, filed.

A mail is read and proposes; a person puts it right. Before anything is filed the page says when it is due and which
requests may be the same wish. What was changed after that look is looked at again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from http import HTTPStatus

from aiohttp import web
from sqlalchemy.orm import Session

from bot.clock import in_tokyo
from bot.console.entry.form import (
    CHANNELS,
    Checked,
    EntryIsUnusableError,
    Typed,
    check,
    from_mail,
    original_title,
    particular_groups,
    read_typed,
)
from bot.console.entry.kept import KeptFile, KeptFileIsGoneError, KeptFiles
from bot.console.frame.forms import Upload, upload
from bot.console.frame.guard import actor_of
from bot.console.frame.parts import Console, console_of
from bot.console.frame.rendering import page, see
from bot.console.requests import words
from bot.console.requests.faults import told
from bot.console.requests.rules import desk_of
from bot.register.arrived_mail import read_mail
from bot.register.deadlines import policy_due_from_receipt
from bot.register.decisions.linking import alike_from_address
from bot.register.details import email_key
from bot.register.entry import Entry, EntryChannel, Original, enter
from bot.register.errors import FileIsUnusableError, MailCannotBeReadError, OriginalWasEnteredError
from bot.register.kinds import FILED_KINDS
from bot.register.models import Request
from bot.register.sensitivity import is_sensitive
from bot.register.thread.models import LARGEST_FILE
from bot.staff.actor import Actor

_MAIL = "message/rfc822"
_GONE = "ファイルの保管時間が過ぎました。もう一度選んでください。"


@dataclass(frozen=True)
class Look:
    """What is shown before filing: what the form comes to, when it is due, what it may repeat."""

    checked: Checked
    due: date
    alike: Sequence[Request]


@dataclass(frozen=True)
class Drawn:
    """What the page is drawn from, beside the form itself."""

    faults: Mapping[str, str] = field(default_factory=dict)
    look: Look | None = None
    known: Sequence[str] = ()


async def show(request: web.Request) -> web.StreamResponse:
    """The empty form; the address may choose the channel and the kind."""
    channel, kind = request.query.get("channel", ""), request.query.get("kind", "")
    texts = {"channel": channel} if channel in set(EntryChannel) else {}
    return await _draw(request, Typed(texts, (kind,) if kind in set(FILED_KINDS) else ()))


async def read_arrived(request: web.Request) -> web.StreamResponse:
    """The form as a mail proposes it."""
    console, actor = console_of(request), actor_of(request)
    file = await upload(request, "mail")
    if file is None:
        return await _draw(request, Typed({}), Drawn({"mail": "メールのファイル（.eml）を選んでください。"}))
    try:
        mail = await asyncio.to_thread(read_mail, file.content)
    except MailCannotBeReadError:
        fault = "メールとして読めないファイルです。メールソフトで「.eml」として保存したものを選んでください。"
        return await _draw(request, Typed({}), Drawn({"mail": fault}))
    kept = KeptFile(f"{file.name.removesuffix('.eml')}.eml", _MAIL, mail.message_id, file.content)
    token = await asyncio.to_thread(_kept_files(console).keep, kept, actor.account_id)
    return await _draw(request, from_mail(mail, token))


async def submit(request: web.Request) -> web.StreamResponse:
    """Looks at what was typed, and files it once it has been looked at as it stands."""
    console, actor = console_of(request), actor_of(request)
    sent = await request.post()
    typed = read_typed(sent)
    try:
        typed = await _keep_chosen(request, typed, console, actor)
        checked = check(typed, await asyncio.to_thread(desk_of, console), now=console.clock())
        original = await asyncio.to_thread(_original, console, typed, actor)
    except EntryIsUnusableError as error:
        return await _draw(request, typed, Drawn(error.faults))
    if sent.get("step") != "file" or sent.get("checked") != typed.digest:
        return await _draw(request, typed, Drawn(look=await _look(console, actor, checked)))
    try:
        draft_id = await console.write(lambda session: _file(session, console, actor, checked, original))
    except OriginalWasEnteredError as error:
        return await _draw(
            request, typed, Drawn({"original": "この原本は、すでに入力されています。"}, None, error.numbers)
        )
    except FileIsUnusableError as error:
        return await _draw(request, typed, Drawn({"original": told(error)}))
    if typed["kept"]:
        await asyncio.to_thread(_kept_files(console).forget, typed["kept"])
    raise see(f"/entry/filed/{draft_id}")


async def _keep_chosen(request: web.Request, typed: Typed, console: Console, actor: Actor) -> Typed:
    """The form with the file that was just chosen kept in the place of one that was kept before."""
    chosen: Upload | None = await upload(request, "original")
    if chosen is None:
        return typed.with_kept("") if await _drops(request) else typed
    if len(chosen.content) > LARGEST_FILE:
        raise EntryIsUnusableError({"original": told(FileIsUnusableError("too_large"))})
    message_id = None
    if typed["channel"] == EntryChannel.EMAIL and chosen.name.lower().endswith(".eml"):
        message_id = await asyncio.to_thread(_message_id, chosen.content)
    kept = KeptFile(chosen.name, chosen.media_type, message_id, chosen.content)
    token = await asyncio.to_thread(_kept_files(console).keep, kept, actor.account_id)
    return typed.with_kept(token)


async def _drops(request: web.Request) -> bool:
    return (await request.post()).get("drop_original") == "yes"


def _message_id(content: bytes) -> str | None:
    try:
        return read_mail(content).message_id
    except MailCannotBeReadError:
        raise EntryIsUnusableError({"original": "メールとして読めないファイルです。"}) from None


def _original(console: Console, typed: Typed, actor: Actor) -> Original | None:
    if not typed["kept"]:
        return None
    try:
        kept = _kept_files(console).find(typed["kept"], actor.account_id)
    except KeptFileIsGoneError:
        raise EntryIsUnusableError({"original": _GONE}) from None
    return Original(kept.name, kept.media_type, kept.content, kept.message_id)


async def _look(console: Console, actor: Actor, checked: Checked) -> Look:
    email = checked.details.email if checked.details else None
    alike: list[Request] = []
    if email:
        email_hash = console.vault.keyed_hash(email_key(email), purpose="email")
        alike = await console.read(
            lambda session: alike_from_address(
                session, actor.controller, email_hash, checked.kinds, checked.received_at
            )
        )
    seen = [row for row in alike if actor.sees_sensitive or not is_sensitive(row.scope)]
    return Look(checked, policy_due_from_receipt(checked.received_at), seen)


def _file(session: Session, console: Console, actor: Actor, checked: Checked, original: Original | None) -> str:
    entry = Entry(
        channel=checked.channel,
        kinds=checked.kinds,
        received_at=checked.received_at,
        scope=checked.scope,
        words=checked.words,
        details=checked.details,
        original=original,
        is_test=checked.is_test,
    )
    now: datetime = console.clock()
    filed = enter(session, entry, actor=actor.id, now=now, vault=console.vault, controller=actor.controller)
    return session.get_one(Request, filed[0].request_id).draft_id


async def _draw(request: web.Request, typed: Typed, drawn: Drawn | None = None) -> web.StreamResponse:
    console, actor = console_of(request), actor_of(request)
    drawn = drawn or Drawn()
    kept_name = await asyncio.to_thread(_kept_name, console, typed, actor)
    if typed["kept"] and not kept_name:
        typed = typed.with_kept("")
    desk = await asyncio.to_thread(desk_of, console)
    context = {
        "typed": typed,
        "faults": drawn.faults,
        "look": drawn.look,
        "known": drawn.known,
        "kept_name": kept_name,
        "channels": [("", "選んでください"), *CHANNELS.items()],
        "original_title": original_title(typed),
        "kinds": [(str(kind), kind.title) for kind in FILED_KINDS],
        "scopes": list(dict.fromkeys(each.title for each in desk.scopes)),
        "groups": particular_groups(typed),
        "words": words,
        "today": in_tokyo(console.clock()).date(),
    }
    status = HTTPStatus.UNPROCESSABLE_ENTITY if drawn.faults else HTTPStatus.OK
    return page(request, "entry/form.html", context, status)


def _kept_name(console: Console, typed: Typed, actor: Actor) -> str:
    if not typed["kept"]:
        return ""
    try:
        return _kept_files(console).find(typed["kept"], actor.account_id).name
    except KeptFileIsGoneError:
        return ""


def _kept_files(console: Console) -> KeptFiles:
    return KeptFiles(console.settings.data_dir, console.vault)
