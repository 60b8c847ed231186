"""The page of one request: drawn as it is, with who asks when that was asked for, or again after a step that failed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus

from aiohttp import web
from sqlalchemy.orm import Session

from bot.channels.timeline.texts import file_words
from bot.clock import in_tokyo
from bot.console.frame.guard import actor_of
from bot.console.frame.parts import Console, console_of
from bot.console.frame.rendering import page
from bot.console.requests import words
from bot.console.requests.access import MayNotError, refuse, require_access
from bot.console.requests.case import Case, read_case
from bot.console.requests.form import Form
from bot.console.requests.open_steps import Step, can_release, waits_for_the_post
from bot.console.requests.rules import proofs_of, regime_of
from bot.register.decisions.grounds import grounds, outcomes
from bot.register.decisions.models import ALONE, Outcome
from bot.register.errors import RequestIsUnknownError
from bot.register.meanwhile import IN_NOBODYS_WAY, Happened
from bot.register.models import Request
from bot.staff.actor import Actor
from bot.staff.roles import Right

Require = Callable[[Session, Actor, str], Request]
"""The request of an id, for somebody who may know of it."""

_DONE = {
    Step.ASSIGN: "担当を決めました。",
    Step.URGENT: "急ぎの印を変えました。",
    Step.CORRECT_ARRIVAL: "受付日時を直しました。",
    Step.CHECK_ARRIVAL: "受付日時を確認しました。",
    Step.DETAILS: "連絡先を入力しました。",
    Step.PROOF: "本人確認の結果を記録しました。",
    Step.RESUME: "本人確認を再開しました。",
    Step.BEGIN: "調査を始めました。",
    Step.ASK: "会員に質問を送りました。",
    Step.MESSAGE: "会員にメッセージを送りました。",
    Step.INTERIM: "中間のお知らせを送りました。",
    Step.REPLY: "会員の返事を記録しました。",
    Step.NOTE: "内部メモを残しました。",
    Step.ATTACH: "ファイルを保管しました。",
    Step.PROPOSE: "決定を記録しました。",
    Step.APPROVE: "提案を承認し、決定しました。",
    Step.REJECT: "提案を差し戻しました。",
    Step.EXECUTED: "データへの対応を記録しました。",
    Step.PREPARE: "回答を用意しました。二人目の承認を待っています。",
    Step.RELEASE: "回答の送付を承認しました。",
    Step.POSTED: "郵送を記録しました。",
    Step.TOLD: "通知を記録しました。",
    Step.LINK: "ほかの請求と関連づけました。",
    Step.ACKNOWLEDGE: "知らせを確認済みにしました。",
    Step.CLOSE: "完了しました。",
    Step.WITHDRAW: "取下げを記録しました。",
    Step.HOLD: "保全しました。解除するまで、内容を削除しません。",
    Step.LIFT: "保全を解除しました。",
}


_WRITTEN = (
    "text",
    "reason",
    "explanation",
    "detail",
    "tracking",
    "name",
    "subject",
    "email",
    "phone",
    "address",
    "remarks",
)


@dataclass(frozen=True)
class Trouble:
    """A step that was not taken: what was filled in, why, and what happened since the page was drawn, if that is it."""

    form: Form = field(repr=False)
    fault: str
    meanwhile: Sequence[Happened] = ()


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
    """The page of the request that the address names.

    Args:
        request: a look, or a step that failed.
        trouble: what was typed and why it was not taken.
        status: of the response.
        with_contact: whether to open who asks, which the route's right has been checked for.
    """
    try:
        case = await look(request, with_contact=with_contact)
    except (MayNotError, RequestIsUnknownError) as error:
        return await refuse(request, error)
    return page(request, "requests/detail.html", context_of(request, case, trouble), status)


async def look(request: web.Request, require: Require = require_access, *, with_contact: bool = False) -> Case:
    """Reads the case and records the look; only what somebody is shown without anything sealed writes nothing.

    Args:
        request: names the request.
        require: what a page asks of the request that it shows.
        with_contact: whether to open who asks.

    Raises:
        RequestIsUnknownError: this company has no request of the id.
        MayNotError: this account may not know of it.
    """
    console, actor, id_ = console_of(request), actor_of(request), request.match_info["id"]
    now = console.clock()

    def read(session: Session) -> Case:
        row = require(session, actor, id_)
        return read_case(session, row, console=console, actor=actor, now=now, with_contact=with_contact)

    is_recorded = actor.has(Right.WORK_REQUESTS)
    return await (console.write(read) if is_recorded else console.read(read))


def context_of(request: web.Request, case: Case, trouble: Trouble | None) -> dict[str, object]:
    """What the page's template draws from."""
    console, actor = console_of(request), actor_of(request)
    changes = [event for event in case.trail if event.action not in IN_NOBODYS_WAY]
    return {
        "case": case,
        "open": {step.name: step in case.steps for step in Step},
        "words": words,
        "person": lambda told: words.person(told, case.names),
        "file_words": file_words,
        "changes": changes,
        "looks": [event for event in case.trail if event.action in IN_NOBODYS_WAY],
        "choices": decision_choices(case, console),
        "changes_data": case.kind.value in ("correction", "addition", "deletion"),
        "alone": ALONE,
        "facts": proofs_of(console).facts,
        "can_release": lambda release: can_release(release, actor),
        "can_reveal": actor.has(Right.REVEAL_CONTACT) and case.request.purged_at is None,
        "waits_for_the_post": waits_for_the_post,
        "trouble": trouble,
        "typed": trouble.form if trouble else None,
        "kept": _kept(case, trouble),
        "done": _done(request) if request.method == "GET" else "",
    }


def decision_choices(case: Case, console: Console) -> list[tuple[str, list[tuple[str, str]]]]:
    """What can become of a request now: by outcome, every ground that may be chosen, or the outcome alone."""
    regime, today = regime_of(console), in_tokyo(console.clock()).date()
    found = []
    for outcome in outcomes(case.kind, regime, today):
        allowed = grounds(case.kind, outcome, regime, today)
        options = [(f"{outcome}:{ground.id}", f"{ground.title}（{ground.source}）") for ground in allowed]
        found.append((words.OUTCOMES[Outcome(outcome)], options or [(f"{outcome}:", words.OUTCOMES[outcome])]))
    return found


def _kept(case: Case, trouble: Trouble | None) -> list[str]:
    """What was written in a form that the page has no more, since the request has moved on; it must not be lost."""
    if trouble is None or trouble.form.step in case.steps:
        return []
    return [text for name, text in trouble.form.texts.items() if name in _WRITTEN and text]


def _done(request: web.Request) -> str:
    step = request.query.get("done", "")
    return _DONE[Step(step)] if step in set(Step) else ""
