"""Made-up requests in every state, brought there one step after the other in the order in which things happened."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import yaml
from sqlalchemy.orm import Session

from actions import receipts as spoken
from actions.services import Services
from bot.launch.demo.cases import Case
from bot.launch.demo.talks import Said, Talker
from bot.message import Message, RequestRef, computed, fixed
from bot.register.decisions.grounds import Regime
from bot.register.details import Details
from bot.register.drafts import open_draft
from bot.register.entry import Entry, EntryChannel, enter
from bot.register.filing import file_draft
from bot.register.identity.proof_table import load_proof_table
from bot.register.kinds import Kind
from bot.register.models import ReplyBy, Request, Role
from bot.register.particulars import stops_advertising
from bot.storage.engine import transaction

_FILE = Path(__file__).with_name("requests.yml")
_FAMILIES = ("見本", "架空", "試用", "例示", "仮名")
_GIVEN = ("太郎", "花子", "一郎", "美咲", "健太", "さくら", "陽子", "翔", "直美", "大輔", "結衣", "蓮")
_LEAST_DISTANCE = timedelta(minutes=20)
_MOST_DISTANCE = timedelta(days=1)
_SUMMARY = "次の内容でお受けします。まだ受け付けていません。"
_CONFIRM = "この内容で請求する"

Happening = tuple[datetime, Callable[[Session], None]]


@dataclass(frozen=True)
class Desk:
    """What requests are made up with: who talks, and the services whose words a receipt has."""

    talker: Talker
    services: Services
    until: datetime


def tell_requests(desk: Desk) -> int:
    """Everything in the script, in the order of time; gives how many requests there are."""
    rows = yaml.safe_load(_FILE.read_text(encoding="utf-8"))
    stories = [(row, days) for row in rows for days in row["days"]]
    happenings = [one for number, (row, days) in enumerate(stories) for one in _story(desk, row, days, number)]
    # Steps of one request keep their order: each is later than the one before.
    for moment, happen in sorted(happenings, key=lambda happening: happening[0]):
        desk.talker.clock.now = moment
        with transaction(desk.talker.gateway.engine) as session:
            happen(session)
    return len(stories)


def _story(desk: Desk, row: Mapping[str, Any], days: int, number: int) -> Iterator[Happening]:
    settings = desk.services.settings
    case = Case(
        details=_details(number, row["channel"]),
        kind=Kind(row["kind"]),
        vault=desk.talker.gateway.vault,
        table=load_proof_table(settings.proofs_file),
        regime=Regime(settings.refusal_regime),
        is_first=number % 2 == 0,
    )
    steps = [step if isinstance(step, dict) else {step: ""} for step in row["steps"]]
    arrival = _arrival(desk, days, len(steps), number)
    is_entered = row["channel"] in set(EntryChannel)
    yield arrival, partial(_enter if is_entered else _file, desk, case, row)
    distance = min(_MOST_DISTANCE, (desk.until - arrival) / (len(steps) + 1))
    for place, step in enumerate(steps, start=1):
        ((name, words),) = step.items()
        moment = arrival + place * distance
        yield moment, partial(_step, case, name, words, moment)


def _arrival(desk: Desk, days: int, steps: int, number: int) -> datetime:
    # Between eight in the morning and nine in the evening in Japan, and early enough for all that follows.
    hours = random.Random(number).uniform(-1, 12)  # noqa: S311 - nothing secret hangs on it
    midnight = desk.until.replace(hour=0, minute=0, second=0, microsecond=0)
    wished = midnight - timedelta(days=days) + timedelta(hours=hours)
    return min(wished, desk.until - (steps + 1) * _LEAST_DISTANCE - timedelta(seconds=number))


def _step(case: Case, name: str, words: str, moment: datetime, session: Session) -> None:
    case.step(session, name, words, moment)


def _details(number: int, channel: str) -> Details:
    name = f"{_FAMILIES[number % len(_FAMILIES)]} {_GIVEN[number % len(_GIVEN)]}"
    by_post = channel in (EntryChannel.LETTER, EntryChannel.COUNTER)
    return Details(
        role=Role.SELF,
        name=name,
        reply_by=ReplyBy.POST if by_post else ReplyBy.PHONE if channel == EntryChannel.PHONE else ReplyBy.EMAIL,
        email=None if by_post or channel == EntryChannel.PHONE else f"mihon{number:02}@example.jp",
        # Numbers of this block are given to nobody (総務省, 電気通信番号計画).
        phone="03-0000-0000" if channel == EntryChannel.PHONE else None,
        address="〒000-0000 見本県架空市例示町0-0-0" if by_post else None,
    )


def _file(desk: Desk, case: Case, row: Mapping[str, Any], session: Session) -> None:
    talker, kind, scope = desk.talker, case.kind, row.get("scope")
    now = talker.clock()
    member, conversation = talker.begin(session, row["channel"])
    asked = RequestRef(kinds=(kind,), step="confirm")
    summary = Message(kind="request", parts=(fixed(_SUMMARY), computed(kind.title)), request=asked)
    talker.take_turn(session, member, conversation, Said(row["words"], [summary]))
    case.draft_id = open_draft(
        session,
        controller=talker.gateway.controller,
        conversation_id=conversation.id,
        channel=row["channel"],
        kinds=[kind],
        scope=scope,
        words=row["words"],
        vault=case.vault,
        now=now,
        stops_advertising=stops_advertising(kind, scope),
    )
    filed = file_draft(session, case.draft_id, now=now, vault=case.vault)
    (case.filed,) = filed
    told = list(spoken.receipts(filed, case.draft_id, desk.services))
    talker.take_turn(session, member, conversation, Said(_CONFIRM, told, door="press"))


def _enter(desk: Desk, case: Case, row: Mapping[str, Any], session: Session) -> None:
    now = desk.talker.clock()
    entry = Entry(
        channel=EntryChannel(row["channel"]),
        kinds=(case.kind,),
        received_at=now - timedelta(hours=2),
        scope=row.get("scope"),
        words=row["words"],
        details=case.details,
    )
    controller = desk.talker.gateway.controller
    (case.filed,) = enter(session, entry, actor=case.worker, now=now, vault=case.vault, controller=controller)
    case.draft_id = session.get_one(Request, case.request_id).draft_id
