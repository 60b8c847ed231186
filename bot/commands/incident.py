"""`madoguchi incident`: 漏えいした日. Who and what may be affected, the clocks of the report, drafts of its texts."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime
from typing import Annotated, Any

import typer

from bot.clock import in_tokyo
from bot.commands.register_session import Acting, As, acting, database_session, read_moment, shown
from bot.errors import BadInputError
from bot.incidents.affected import Affected, Item, affected
from bot.incidents.data import Owner
from bot.incidents.drafting import notice_to_persons, report_items
from bot.incidents.filters import Filters, read_filters, with_period_keys
from bot.incidents.gathering import Guard
from bot.incidents.keeping import incident_of, incidents_of, is_late, judge, next_due, note_reported
from bot.incidents.keeping import open_incident as keep
from bot.incidents.law import CONFIRM, Ground, all_are_sealed, clocks, hints
from bot.incidents.models import Incident
from bot.pii import revealed
from bot.register.contacts import reveal
from bot.register.staff import Permission
from bot.staff.trail import About, StaffAction, note_of

app = typer.Typer(invoke_without_command=True, help="漏えいした日: what may be affected, and what is owed by when.")

Since = Annotated[str, typer.Option("--since", help="The first moment: 2026-11-20, 2026-11-20 09:15 or ISO 8601.")]
Until = Annotated[str, typer.Option("--until", help="The first moment after; now when left out.")]
Actors = Annotated[list[str] | None, typer.Option("--actor", help="What this person of the staff saw or took out.")]
Keys = Annotated[list[str] | None, typer.Option("--key", help="What the key of this id sealed; ask before rotating.")]
Channels = Annotated[list[str] | None, typer.Option("--channel", help="What came over this channel in the time.")]
Id = Annotated[str, typer.Argument(metavar="ID", help="As `list` shows it; its first digits will do.")]

_LOOKS_AT_ONCE = 50

_GUARDS = {
    Guard.CLEAR: "平文",
    Guard.KEY_LEAKED: "暗号化（鍵も漏えい）",
    Guard.SEALED: "暗号化",
}
_SORTS = {Owner.REQUEST: "請求", Owner.DRAFT: "下書き", Owner.TALK: "会話", Owner.MEMBER: "利用者"}


@app.callback()
def list_affected(  # noqa: PLR0913 - each is an option of the command
    context: typer.Context,
    *,
    since: Since = "",
    until: Until = "",
    actor: Actors = None,
    key: Keys = None,
    channel: Channels = None,
    names: Annotated[bool, typer.Option("--names", help="Names and mail addresses too; this is recorded.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False,
    as_: As = "",
) -> None:
    """Lists persons and items possibly affected: by person, key, channel, or all of the time; nothing is opened."""
    if context.invoked_subcommand is not None:
        return
    with acting(as_) as act:
        filters = _filters(act, since, until, actor, key, channel)
        if names:
            act.require(Permission.APPROVE)
            act.require(Permission.SENSITIVE)
        about = About("incident", fields=["names"] if names else [])
        note_of(act.session, act.controller, act.actor, StaffAction.INCIDENT_LISTED, about, now=act.now)
    found = _look(act, filters)
    who = _names(found, as_) if names else {}
    if as_json:
        typer.echo(json.dumps(_as_dict(found, who), ensure_ascii=False, indent=2))
        return
    for line in (*_items(found, who), *_summary(found, act.now)):
        typer.echo(line)


@app.command("open")
def open_one(  # noqa: PLR0913 - each is an option of the command
    since: Since,
    *,
    until: Until = "",
    actor: Actors = None,
    key: Keys = None,
    channel: Channels = None,
    noticed: Annotated[str, typer.Option("--noticed", help="When the company came to know; now when left out.")] = "",
    as_: As = "",
) -> None:
    """Keeps an incident with what was asked for and found, and starts both clocks of the report."""
    with acting(as_) as act:
        filters = _filters(act, since, until, actor, key, channel)
    found = _look(act, filters)
    noticed_at = read_moment(noticed) if noticed else act.now
    with acting(as_) as act:
        kept = keep(act.session, filters, found, noticed_at=noticed_at, actor=act.actor, now=act.now)
        for line in (*_summary(found, kept.noticed_at), _line(kept, act.now)):
            act.say(line)


@app.command("list")
def list_kept(as_: As = "") -> None:
    """Every incident, the newest first: id, noticed, what is owed next and by when, persons."""
    with acting(as_) as act:
        for incident in incidents_of(act.session, act.controller):
            act.say(_line(incident, act.now))


@app.command("show")
def show(incident_id: Id, as_: As = "") -> None:
    """One incident: what was asked for and found, who judged what, and what is owed by when."""
    with acting(as_) as act:
        incident = incident_of(act.session, act.controller, incident_id)
        act.say(_line(incident, act.now))
        act.say(json.dumps(_kept(incident), ensure_ascii=False, indent=2))


@app.command("judge")
def judge_it(
    incident_id: Id,
    *,
    ground: Annotated[
        list[Ground] | None, typer.Option("--ground", help="A case of 施行規則7条 that holds; may come again.")
    ] = None,
    none: Annotated[bool, typer.Option("--none", help="None holds: no report is owed; it is closed.")] = False,
    as_: As = "",
) -> None:
    """Notes which cases of 施行規則7条 a person found to hold; `unlawful` gives 60 days for the final report."""
    if bool(ground) == none:
        raise BadInputError("say either --ground, as often as needed, or --none")
    with acting(as_) as act:
        act.require(Permission.APPROVE)
        incident = incident_of(act.session, act.controller, incident_id)
        judge(act.session, incident, ground or [], actor=act.actor, now=act.now)
        act.say(_line(incident, act.now))


@app.command("reported")
def reported(
    incident_id: Id,
    *,
    final: Annotated[bool, typer.Option("--final/--first", help="Which report was handed in.")],
    at: Annotated[str, typer.Option("--at", help="When; now when left out.")] = "",
    as_: As = "",
) -> None:
    """Notes that 速報 (--first) or 確報 (--final) was handed in; the final one closes the incident."""
    with acting(as_) as act:
        act.require(Permission.APPROVE)
        incident = incident_of(act.session, act.controller, incident_id)
        reported_at = read_moment(at) if at else act.now
        note_reported(act.session, incident, final=final, reported_at=reported_at, actor=act.actor, now=act.now)
        act.say(_line(incident, act.now))


@app.command("draft")
def draft(incident_id: Id, as_: As = "") -> None:
    """Writes the report's items and the notice to the persons; what nobody can know stays an open bracket ［…］."""
    with acting(as_) as act:
        incident = incident_of(act.session, act.controller, incident_id)
        act.say(report_items(incident))
        act.say(notice_to_persons(incident, controller=act.desk.controller, desk=act.desk.desks[0].quote))


def _filters(
    act: Acting, since: str, until: str, actors: list[str] | None, keys: list[str] | None, channels: list[str] | None
) -> Filters:
    if not since:
        raise BadInputError("--since is missing: from which moment on?")
    ends = read_moment(until) if until else act.now
    filters = read_filters(act.controller, read_moment(since), ends, actors=actors, keys=keys, channels=channels)
    return with_period_keys(filters, act.vault.period_keys) if keys else filters


def _look(act: Acting, filters: Filters) -> Affected:
    """What may be affected, read without a lock: on this day above all, members go on filing."""
    with database_session(act.settings, only_reading=True) as session:
        return affected(session, filters)


def _names(found: Affected, as_: str) -> dict[str, str]:
    """Who asks, by the request's id; each look is an event of the request's own trail, committed before it is shown."""
    told: dict[str, str] = {}
    ids = [item.id for item in found.items if item.sort is Owner.REQUEST]
    for first in range(0, len(ids), _LOOKS_AT_ONCE):
        with acting(as_) as act:
            for id_ in ids[first : first + _LOOKS_AT_ONCE]:
                contact = reveal(act.session, id_, vault=act.vault, actor=act.actor, now=act.now)
                told[id_] = " ".join(filter(None, (revealed(contact.name), revealed(contact.email))))
    return told


def _items(found: Affected, who: dict[str, str]) -> Iterable[str]:
    for item in found.items:
        data = "、".join(f"{data}:{_GUARDS[guard]}" for data, guard in item.found.items())
        cells = (_SORTS[item.sort], item.number or item.id, item.channel, *_cautions(item), data, who.get(item.id, ""))
        yield "  ".join(cell for cell in cells if cell)
    for export in found.exports:
        yield f"書き出し  {export.id}  {export.actor}  中身は記録にありません。ファイルを確かめてください"


def _cautions(item: Item) -> Iterable[str]:
    if item.about_health:
        yield "要配慮（健康）"
    if item.about_accounts:
        yield "口座"
    if item.has_free_text:
        yield "自由記述あり"


def _summary(found: Affected, noticed_at: datetime) -> Iterable[str]:
    counts = found.counts()
    yield (
        f"本人 多くて{counts['persons']:,}人、{counts['items']:,}件"
        f"（平文 {counts['clear']:,}、鍵も漏えい {counts['key_leaked']:,}、暗号化 {counts['sealed']:,}）、"
        f"書き出し {counts['exports']:,}件。すでに消去したものは数えられません。"
    )
    yield "報告対象かどうか（人が判断します。`incident judge`）:"
    for hint in hints(found):
        yield f"  [ ] {hint.ground}: {hint.ground.rule}。{hint.says}"
    if found.items and all_are_sealed(found):
        yield f"  {CONFIRM}すべて暗号化されています。「高度な暗号化」に当たり報告の対象外になるかを確かめてください。"
    due, unlawful = clocks(noticed_at), clocks(noticed_at, [Ground.UNLAWFUL])
    yield f"{in_tokyo(noticed_at):%Y-%m-%d}に知ったとすると、速報は{due.first_from}から{due.first_by}まで、"
    yield f"  確報は{due.final_by}まで（不正の目的のおそれがあるときは{unlawful.final_by}まで）。"
    yield f"  {CONFIRM}知った日を1日目とし、休日による延長をしない数え方です。"


def _line(incident: Incident, now: datetime) -> str:
    if incident.closed_at is not None:
        owed = "完了" if incident.final_reported_at is not None else "報告の対象外と判断"
    else:
        report = "速報" if incident.first_reported_at is None else "確報"
        owed = f"{report} {next_due(incident)}まで{'（期限を過ぎています）' if is_late(incident, now) else ''}"
    judged = "未判断" if incident.grounds is None else "、".join(incident.grounds) or "該当なし"
    return "  ".join((incident.id, shown(incident.noticed_at), owed, judged, f"{incident.counts['persons']:,}人"))


def _kept(incident: Incident) -> dict[str, Any]:
    moments = ("since", "before", "noticed_at", "opened_at", "judged_at", "first_reported_at", "final_reported_at")
    told: dict[str, Any] = {name: _iso(getattr(incident, name)) for name in (*moments, "closed_at")}
    plain = ("filters", "counts", "grounds", "opened_by", "judged_by")
    days = {"first_by": str(incident.first_by), "final_by": str(incident.final_by)}
    return told | {name: getattr(incident, name) for name in plain} | days


def _iso(moment: datetime | None) -> str | None:
    return None if moment is None else in_tokyo(moment).isoformat(timespec="seconds")


def _as_dict(found: Affected, who: dict[str, str]) -> dict[str, Any]:
    return {
        "counts": found.counts(),
        "hints": [{"ground": hint.ground, "rule": hint.ground.rule, "says": hint.says} for hint in hints(found)],
        "items": [
            {
                "sort": item.sort,
                "id": item.id,
                "number": item.number,
                "channel": item.channel,
                "data": {str(data): guard.name.lower() for data, guard in item.found.items()},
                "health": item.about_health,
                "accounts": item.about_accounts,
                "free_text": item.has_free_text,
                **({"who": who[item.id]} if item.id in who else {}),
            }
            for item in found.items
        ],
        "exports": [{"id": export.id, "actor": export.actor} for export in found.exports],
    }
