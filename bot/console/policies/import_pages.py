"""Importing a version: a file comes in, a person looks at what was made of it, and it goes into the candidate."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import date
from http import HTTPStatus

from aiohttp import web
from sqlalchemy.orm import Session

from bot.channels.website.policy_layout import lay_out
from bot.clock import in_tokyo
from bot.console.frame.forms import FormIsWrongError, Upload, field, upload
from bot.console.frame.guard import actor_of
from bot.console.frame.parts import console_of
from bot.console.frame.rendering import page, see
from bot.console.policies.corpora import CANDIDATE, corpus_in_force, policies_of
from bot.console.policies.reviewing import review_of
from bot.console.policies.staging import Staged, Staging, Wish
from bot.errors import BadInputError
from bot.policy.documents import list_versions, read_head
from bot.policy.releases.editing import checked, draft_of, save
from bot.policy.versions import version_in_force
from bot.staff.trail import About, StaffAction, note

_MOST_CHARACTERS = 1_000_000


async def show_form(request: web.Request) -> web.StreamResponse:
    """The empty form."""
    console = console_of(request)
    today = in_tokyo(console.clock()).date().isoformat()
    return _form(request, {"policy_id": console.settings.default_policy, "version": today})


async def take_file(request: web.Request) -> web.StreamResponse:
    """Imports the file, or the text that was pasted, into a place of its own."""
    given = {name: await field(request, name, most=200) for name in ("policy_id", "version")}
    try:
        file, wish = await _file(request), await _wish(request, given)
        staged_id = await asyncio.to_thread(_staging(request).add, file, wish, by=actor_of(request).id)
    except BadInputError as error:
        return _form(request, given, fault=error.told)
    raise see(f"/policies/import/{staged_id}")


async def show_review(request: web.Request) -> web.StreamResponse:
    """What was made of the file: doubts first, every section, the text as members would see it."""
    staged = await _staged(request)
    return _review(request, staged, staged.markdown, _begins(staged))


async def correct(request: web.Request) -> web.StreamResponse:
    """Takes a corrected structure; one that does not fit the text is shown again with the reason."""
    staged = await _staged(request)
    markdown = await field(request, "markdown", most=_MOST_CHARACTERS, needed="構成")
    begins = await field(request, "begins", most=10)
    try:
        day = date.fromisoformat(begins) if begins else None
        await asyncio.to_thread(_staging(request).rewrite, staged.id, markdown + "\n", day)
    except ValueError:
        return _review(request, staged, markdown, begins, "公開する日は 2026-12-01 のように書いてください。")
    except BadInputError as error:
        return _review(request, staged, markdown, begins, f"構成が本文と合いません。保存していません。{error.told}")
    raise see(f"/policies/import/{staged.id}")


async def adopt(request: web.Request) -> web.StreamResponse:
    """Puts the version into the candidate; there it is compared, tested and published by a second person."""
    console, actor, staged = console_of(request), actor_of(request), await _staged(request)
    policy_id, now, settings = staged.policy.id, console.clock(), console.settings
    files = {name: content.decode() for name, content in staged.files.items()}

    draft = await console.read(lambda session: draft_of(session, settings, policy_id))
    # Reading a whole corpus takes a while: nobody who writes waits for it.
    day = in_tokyo(now).date()
    changed = await asyncio.to_thread(checked, draft, lambda before: {**before.files, **files}, policy_id, day)

    def put(session: Session) -> None:
        save(session, policy_id, draft, changed, actor=actor.id, what=f"方針 {staged.policy.version} 版", now=now)
        about = About("policy", policy_id, fields=[staged.policy.version])
        note(session, actor, StaffAction.POLICY_IMPORTED, about, now=now)

    await console.write(put)
    await asyncio.to_thread(_staging(request).drop, staged.id)
    before = version_in_force(await corpus_in_force(console, policy_id), policy_id, day)
    raise see(f"/policies/of/{policy_id}/{before}/to/{staged.policy.version}?of={CANDIDATE}")


async def drop(request: web.Request) -> web.StreamResponse:
    """Forgets the import."""
    staged = await _staged(request)
    await asyncio.to_thread(_staging(request).drop, staged.id)
    raise see("/policies")


def _staging(request: web.Request) -> Staging:
    return Staging(console_of(request).settings.data_dir)


async def _staged(request: web.Request) -> Staged:
    return await asyncio.to_thread(_staging(request).find, request.match_info["staged"])


async def _wish(request: web.Request, given: Mapping[str, str]) -> Wish:
    policy_id = given["policy_id"]
    if policy_id not in await asyncio.to_thread(policies_of, console_of(request)):
        raise FormIsWrongError("方針を選んでください。")
    corpus = await corpus_in_force(console_of(request), policy_id)
    versions = await asyncio.to_thread(list_versions, corpus, policy_id)
    if given["version"] in versions:
        raise FormIsWrongError("この日付の版はすでにあります。別の日付にしてください。")
    head = await asyncio.to_thread(read_head, corpus, policy_id, versions[-1])
    return Wish(policy_id, head.controller, given["version"])


async def _file(request: web.Request) -> Upload:
    file = await upload(request, "file")
    if file is not None:
        return file
    text = await field(request, "text", most=_MOST_CHARACTERS)
    if not text:
        raise FormIsWrongError("ファイルを選ぶか、本文を貼り付けてください。")
    return Upload("pasted.txt", "text/plain", text.encode())


def _begins(staged: Staged) -> str:
    begins = staged.policy.effective_date
    return begins.isoformat() if begins else ""


def _form(request: web.Request, given: Mapping[str, str], fault: str = "") -> web.Response:
    status = HTTPStatus.BAD_REQUEST if fault else HTTPStatus.OK
    context = {"given": given, "fault_text": fault, "policies": policies_of(console_of(request))}
    return page(request, "policies/import.html", context, status)


def _review(request: web.Request, staged: Staged, markdown: str, begins: str, fault: str = "") -> web.Response:
    context = {
        "staged": staged,
        "review": review_of(staged.policy, staged.doubts),
        "units": lay_out(staged.policy, ()),
        "markdown": markdown,
        "begins": begins,
        "fault_text": fault,
    }
    return page(request, "policies/review.html", context, HTTPStatus.BAD_REQUEST if fault else HTTPStatus.OK)
