from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from sqlalchemy import Engine, select

from bot.channels.slack.alerts import enqueue_posts
from bot.register.alerts.models import Alert
from bot.register.drafts import open_draft
from bot.register.filing import file_draft
from bot.register.kinds import Kind
from bot.storage.encryption import Vault
from bot.storage.engine import transaction
from bot.storage.models import Outbound

_VAULT = Vault(b"e" * 32, b"h" * 32)
_FILED = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)


def _file(engine: Engine, *kinds: Kind) -> None:
    with transaction(engine) as session:
        draft_id = open_draft(
            session,
            controller="eparkrelax",
            conversation_id=None,
            channel="web",
            kinds=kinds,
            scope=None,
            words=None,
            vault=_VAULT,
            now=_FILED,
        )
        file_draft(session, draft_id, now=_FILED, vault=_VAULT)


def _note(engine: Engine, *, most: int = 100, **later: float) -> int:
    def weekdays(day: date) -> bool:
        return day.isoweekday() < 6

    with transaction(engine) as session:
        now = _FILED + timedelta(**later)
        return enqueue_posts(session, controller="eparkrelax", now=now, is_working_day=weekdays, most=most)


def test_what_was_told_is_posted_once_and_anew_when_it_climbs(engine: Engine) -> None:
    _file(engine, Kind.DISCLOSURE)
    assert [_note(engine), _note(engine, minutes=1)] == [1, 0]

    with transaction(engine) as session:
        alert = session.scalars(select(Alert)).one()
        alert.climbs, alert.told_at, alert.told = 1, _FILED + timedelta(days=1), "sato"

    assert [_note(engine, days=1), _note(engine, days=1)] == [1, 0]
    with transaction(engine) as session:
        rows = session.scalars(select(Outbound).where(Outbound.channel == "slack_alerts")).all()
    assert sorted((row.recipient, row.body["days_left"]) for row in rows) == [("sato", 9), ("staff", 10)]
    assert {key for row in rows for key in row.body} == {"number", "kind", "sort", "urgent", "days_left"}


def test_old_news_is_not_posted(engine: Engine) -> None:
    _file(engine, Kind.DISCLOSURE)
    assert _note(engine, days=1, seconds=1) == 0


def test_a_few_at_a_time(engine: Engine) -> None:
    _file(engine, Kind.DISCLOSURE, Kind.ERASURE, Kind.CORRECTION)
    assert [_note(engine, most=2), _note(engine, most=2), _note(engine, most=2)] == [2, 1, 0]
