from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from bot.channels.counting import Counting
from bot.message import Message, fixed
from bot.storage import talk_days
from bot.storage.engine import reading
from bot.storage.models import Conversation
from tests.support.fake_rasa import raw, said
from tests.support.web_member import Desk, running_desk


@pytest.fixture
async def desk(sqlite_template: Path, tmp_path: Path) -> AsyncIterator[Desk]:
    shutil.copy(sqlite_template, tmp_path / "web.db")
    async with running_desk(tmp_path / "web.db") as running:
        yield running


def message(kind: Any, *questions: dict[str, Any]) -> Message:  # noqa: ANN401 - any kind of message
    return Message(kind=kind, parts=(fixed("はい。"),), trace={"questions": list(questions)})


def judged(verdict: str, stated: float, *gates: str) -> dict[str, Any]:
    return {"verdict": verdict, "stated": stated, "gates": list(gates)}


def conversation(desk: Desk) -> Conversation:
    with reading(desk.gateway.engine) as session:
        return session.scalars(select(Conversation)).one()


async def test_a_turn_keeps_what_was_answered_and_how_surely(desk: Desk) -> None:
    member = await desk.member()
    desk.rasa.turns = [
        said(message("answer", judged("answer", 0.9), judged("answer", 0.35, "unclear"))),
        said(message("answer", judged("answer", 0.1, "card:cookie"), judged("not_in_policy", 0.05))),
        said(message("not_in_policy", judged("not_in_policy", 0.01))),
    ]
    for text in ("一", "二", "三"):
        await member.send(text=text)

    row = conversation(desk)
    assert (row.turns, row.answers, row.not_in_policy, row.lowest_stated) == (3, 2, 1, 0.35)


async def test_an_apology_for_now_is_no_error(desk: Desk) -> None:
    member = await desk.member()
    desk.rasa.turns = [raw([])]
    await member.send(text="一")

    assert conversation(desk).errors == 0


async def test_the_jobs_count_every_day_that_changed_at_most_once_in_five_minutes(desk: Desk) -> None:
    counting = Counting(desk.gateway)
    member = await desk.member()
    desk.rasa.turns = [said(message("answer"))]
    await member.send(text="一")
    await counting.sweep()
    desk.clock.pass_time(days=1)
    desk.rasa.turns = [said(message("answer")), said(message("answer"))]
    await member.send(text="二")
    await counting.sweep()
    await member.send(text="三")
    await counting.sweep()
    desk.clock.pass_time(days=1)

    with reading(desk.gateway.engine) as session:
        counted = talk_days.of_days(session, "eparkrelax", date(2026, 11, 24), date(2026, 11, 26))
    assert [(each.day.day, each.counts["answers"]) for each in counted] == [(24, 1), (25, 1)]

    await counting.sweep()
    with reading(desk.gateway.engine) as session:
        counted = talk_days.of_days(session, "eparkrelax", date(2026, 11, 24), date(2026, 11, 26))
    assert [(each.day.day, each.counts["answers"]) for each in counted] == [(24, 1), (25, 2)]
