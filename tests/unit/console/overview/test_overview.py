from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from bot.console.overview.numbers import overview
from bot.console.overview.requests import RequestFigures, Taken, request_figures
from bot.register import audit
from bot.register.drafts import open_draft
from bot.register.filing import file_draft
from bot.register.kinds import Kind
from bot.register.models import Request, State
from bot.staff.roles import Role
from bot.storage import talk_days
from bot.storage.encryption import Vault
from bot.storage.engine import reading, transaction
from tests.support.console import Desk
from tests.support.talks import Told, store_talk

NOW = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)
TODAY = date(2026, 11, 24)
VAULT = Vault(encryption_key=b"e" * 32, hash_key=b"h" * 32)


def filed(
    session: Session,
    *,
    days_ago: float,
    kind: Kind = Kind.DISCLOSURE,
    told_after: tuple[int, ...] = (),
    is_test: bool = False,
) -> Request:
    """A request that arrived some days ago, its member told so many days later, once or more often."""
    arrived = NOW - timedelta(days=days_ago)
    draft = open_draft(
        session,
        controller="eparkrelax",
        conversation_id=None,
        channel="web",
        kinds=[kind],
        scope=None,
        words="見せて",
        vault=VAULT,
        now=arrived,
        is_test=is_test,
    )
    request = session.get_one(Request, file_draft(session, draft, now=arrived, vault=VAULT)[0].request_id)
    for days in told_after:
        audit.record(
            session,
            request,
            action=audit.Action.MEMBER_NOTIFIED,
            actor=audit.SYSTEM,
            now=arrived + timedelta(days=days),
        )
    return request


def figures(engine: Engine, days: int = 30) -> RequestFigures:
    with reading(engine) as session:
        return request_figures(session, "eparkrelax", TODAY - timedelta(days=days - 1), TODAY)


def test_how_long_answers_took(engine: Engine) -> None:
    with transaction(engine) as session:
        for days in (1, 2, 3, 4, 5, 6, 7, 8, 9, 15):
            filed(session, days_ago=20, told_after=(days,))
        filed(session, days_ago=60, told_after=(2,))
        filed(session, days_ago=20, told_after=(1,), is_test=True)

    found = figures(engine)
    assert found.taken == Taken(answers=10, median=5, p90=9, late=1)
    assert found.taken_by_day[TODAY - timedelta(days=19)] == Taken(1, 1, 1, 0)
    assert figures(engine, days=7).taken == Taken(1, 15, 15, 1)


def test_an_answer_that_bounced_counts_when_it_arrived(engine: Engine) -> None:
    with transaction(engine) as session:
        filed(session, days_ago=20, told_after=(3, 16))

    assert figures(engine).taken == Taken(1, 16, 16, 1)


def test_what_is_due_and_what_is_late(engine: Engine) -> None:
    with transaction(engine) as session:
        for days in (0, 14, 14, 15, 1):
            filed(session, days_ago=days)
        filed(session, days_ago=14, is_test=True)

    found = figures(engine)
    assert found.due[0] == (TODAY, 2)
    assert found.due[13] == (TODAY + timedelta(days=13), 1)
    assert found.overdue == 1
    assert found.open == {State.RECEIVED: (2, 2, 1)}


def test_a_request_just_after_midnight_in_japan_is_of_that_day(engine: Engine) -> None:
    with transaction(engine) as session:
        arrived = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)
        filed_at(session, arrived)
        filed_at(session, arrived - timedelta(seconds=1))

    assert figures(engine).open == {State.RECEIVED: (2, 0, 0)}
    assert dict(figures(engine).due)[TODAY + timedelta(days=13)] == 1


def filed_at(session: Session, moment: datetime) -> Request:
    days = (NOW - moment) / timedelta(days=1)
    return filed(session, days_ago=days)


def test_kinds_of_the_period(engine: Engine) -> None:
    with transaction(engine) as session:
        filed(session, days_ago=1)
        filed(session, days_ago=2, kind=Kind.INQUIRY)
        filed(session, days_ago=2, kind=Kind.INQUIRY)
        filed(session, days_ago=40, kind=Kind.ERASURE)

    assert figures(engine).kinds == {Kind.DISCLOSURE: 1, Kind.INQUIRY: 2}


def test_shares_and_days_of_conversations(engine: Engine) -> None:
    with transaction(engine) as session:
        store_talk(session, Told("一", helpful=True), Told("二", "not_in_policy", helpful=False), vault=VAULT, now=NOW)
        store_talk(session, Told("三"), Told("四"), vault=VAULT, now=NOW - timedelta(days=6), channel="line")
        store_talk(session, Told("五"), vault=VAULT, now=NOW, is_test=True)
        talk_days.count_days(session, "eparkrelax")
    with reading(engine) as session:
        told = overview(session, "eparkrelax", 7, TODAY)

    assert (told.talks, told.turns) == (2, 4)
    assert [(each.title, each.percent) for each in told.outcomes][:2] == [
        ("方針から回答", 75),
        ("方針に書かれていない", 25),
    ]
    assert [each.percent for each in told.feedback] == [50, 50]
    web, line, _slack = told.by_channel.series
    assert (list(web.values), list(line.values)) == ([0] * 6 + [1], [1] + [0] * 6)
    assert told.by_channel.labels[0] == "11/18"


def test_without_anything_nothing_is_divided_by_nothing(engine: Engine) -> None:
    with reading(engine) as session:
        told = overview(session, "eparkrelax", 7, TODAY)

    assert all(each.percent is None for each in (*told.outcomes, *told.feedback))
    assert told.by_channel.is_empty


async def test_the_page_of_each_period(desk: Desk) -> None:
    console = desk.console
    now = console.clock()
    await console.write(lambda session: store_talk(session, Told("一"), vault=console.vault, now=now))
    for role in Role:
        text = await (await desk.signed_in(role)).get("/overview?days=90")
        assert '<svg class="chart"' in text
        assert 'href="/overview?days=90" aria-current="true"' in text
        assert "style=" not in text
    assert 'href="/overview?days=30" aria-current="true"' in await (await desk.signed_in()).get("/overview?days=x")
