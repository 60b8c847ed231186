"""回帰テストに追加: a case gets into a set's file, in words that are nobody's, and without a link to its source."""

from __future__ import annotations

import asyncio
import dataclasses
import secrets
from collections.abc import Iterator
from dataclasses import dataclass, replace
from http import HTTPStatus

from aiohttp import web
from pydantic import ValidationError

from bot.clock import in_tokyo
from bot.console.frame.forms import FormIsWrongError, field, fields
from bot.console.frame.guard import actor_of
from bot.console.frame.parts import Console, console_of
from bot.console.frame.rendering import page, see
from bot.console.improving.borrowed import refusal_of
from bot.console.talks.policies import spared_of
from bot.console.testing import shelf
from bot.console.testing.titles import REQUEST_KINDS
from bot.console.trying.words import MESSAGE_KINDS
from bot.errors import BadInputError
from bot.evaluation.regression.cases import RegressionSet
from bot.evaluation.regression.files import append_case, create_set
from bot.evaluation.regression.schema import CaseShape
from bot.policy.documents import full_id
from bot.register.kinds import Kind
from bot.staff.trail import About, StaffAction, note

NEW = "new"
_NOT_CONFIRMED = "個人に関する内容が含まれないことを確かめて、チェックを入れてください。"
_EXPECTED = ("", "answer", "not_in_policy", "clarify", "out_of_scope", "request", "receipt", "status", "smalltalk")


@dataclass(frozen=True)
class CaseForm:
    """What the form holds, as it was typed; several things stand on lines of their own, or apart by blanks."""

    set: str = ""
    title: str = ""
    name: str = ""
    id: str = ""
    question: str = ""
    expect: str = ""
    sections: str = ""
    include: str = ""
    exclude: str = ""
    requests: str = ""
    forbid: str = ""
    note: str = ""
    confirmed: str = ""

    def texts(self) -> Iterator[str]:
        """Everything that would stand in the file for everybody to read."""
        yield from (self.title, self.question, self.include, self.exclude, self.note)

    def shape(self, source: str) -> CaseShape:
        """The case.

        Raises:
            FormIsWrongError: it is none.
        """
        try:
            return CaseShape.model_validate(
                {
                    "id": self.id,
                    "say": self.question,
                    "expect": self.expect.split(),
                    "sections": self.sections.split(),
                    "include": self.include.splitlines(),
                    "exclude": self.exclude.splitlines(),
                    "requests": self.requests.split(),
                    "forbid": self.forbid.split(),
                    "note": self.note,
                    "source": source,
                }
            )
        except ValidationError as error:
            raise FormIsWrongError(_told(error)) from None


async def offer(request: web.Request) -> web.Response:
    """The form, with what another page knows already; asked for by a post, since questions stand in no address."""
    return await _draw(request, await _given(request))


async def add(request: web.Request) -> web.StreamResponse:
    """Adds the case; what is wrong is told beside the form, which keeps what was typed."""
    given = await _given(request)
    try:
        changed = await _add(request, given)
    except BadInputError as error:
        return await _draw(request, given, str(error))
    raise see(f"/tests/sets/{changed.name}")


async def _given(request: web.Request) -> CaseForm:
    given = {each.name: await field(request, each.name, most=2000) for each in dataclasses.fields(CaseForm)}
    return CaseForm(**given | {"forbid": " ".join(await fields(request, "forbid"))})


async def _add(request: web.Request, given: CaseForm) -> RegressionSet:
    console, actor = console_of(request), actor_of(request)
    if given.confirmed != "1":
        raise FormIsWrongError(_NOT_CONFIRMED)
    await asyncio.to_thread(_check_words, console, given)
    now = console.clock()
    case = given.shape(f"コンソールから追加（{in_tokyo(now):%Y-%m-%d}）")
    changed = await asyncio.to_thread(_write, console, given, case)
    about = About("case", case.id, fields=[changed.name])
    await console.write(lambda session: note(session, actor, StaffAction.CASE_ADDED, about, now=now))
    return changed


def _check_words(console: Console, given: CaseForm) -> None:
    spared = spared_of(console)
    for text in given.texts():
        reason = refusal_of(text, spared=spared) if text else None
        if reason:
            raise FormIsWrongError(reason)


def _write(console: Console, given: CaseForm, case: CaseShape) -> RegressionSet:
    if given.set == NEW:
        folder = console.settings.regression_dir / full_id(console.settings.default_policy)
        if not given.title:
            raise FormIsWrongError("新しいセットの題名を入力してください。")
        return create_set(folder / f"{given.name}.yml", given.title, "answers", case)
    known = next((each for each in shelf.readable(shelf.read_all(console)) if each.name == given.set), None)
    if known is None:
        raise FormIsWrongError("追加先のセットを選んでください。")
    return append_case(known.path, case)


async def _draw(request: web.Request, given: CaseForm, fault: str = "") -> web.Response:
    console = console_of(request)
    sets = await asyncio.to_thread(shelf.read_all, console)
    known = [(each.name, each.title) for each in shelf.readable(sets) if each.path.suffix == ".yml"]
    shown = replace(given, id=given.id or _suggested(console), set=given.set or (known[0][0] if known else NEW))
    return page(
        request,
        "testing/new_case.html",
        {
            "given": shown,
            "fault": fault,
            "sets": [*known, (NEW, "新しいセット")],
            "expected": [(kind, MESSAGE_KINDS.get(kind, "（問わない）")) for kind in _EXPECTED],
            "requests": [("", "（問わない）"), *((kind.value, kind.title) for kind in Kind)],
            "forbidden": REQUEST_KINDS | MESSAGE_KINDS,
        },
        HTTPStatus.BAD_REQUEST if fault else HTTPStatus.OK,
    )


def _suggested(console: Console) -> str:
    return f"case-{in_tokyo(console.clock()):%y%m%d}-{secrets.token_hex(2)}"


_FIELDS = {
    "id": "ID（英小文字・数字・ハイフン）",
    "say": "質問",
    "expect": "答えの種類",
    "sections": "引用する箇所",
    "include": "含む言葉",
    "exclude": "含まない言葉",
    "requests": "請求の種類",
    "forbid": "なってはいけない種類",
    "note": "メモ",
}


def _told(error: ValidationError) -> str:
    place = error.errors(include_url=False)[0]["loc"]
    name = _FIELDS.get(str(place[0]), "") if place else ""
    return (
        f"「{name}」が正しくありません。" if name else "答えの種類・箇所・言葉・請求の種類のどれかを指定してください。"
    )
