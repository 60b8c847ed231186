"""The figures of queues and ages, on both databases."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta

import pytest
from prometheus_client import CollectorRegistry
from sqlalchemy import Engine, update

from bot.channels import standing
from bot.channels.standing import CHANNELS, JOBS, Standing
from bot.errors import UnavailableError
from bot.register.backlog import CLOCKS
from bot.register.drafts import open_draft
from bot.register.filing import file_draft
from bot.register.kinds import Kind
from bot.register.models import Request
from bot.register.trail.checking import Found, keep
from bot.storage import leases, outbox
from bot.storage.beats import beat
from bot.storage.encryption import Vault
from bot.storage.engine import transaction
from bot.storage.models import Inbound
from tests.support.kept_requests import COMPANY, Case
from tests.support.talks import Told, store_talk

NOW = datetime(2026, 11, 26, 3, 0, tzinfo=UTC)


class Scrape:
    """Figures as they are at a moment, looked at anew each time."""

    def __init__(self, engine: Engine) -> None:
        self.now = NOW
        self.registry = CollectorRegistry()
        self.standing = Standing(engine, COMPANY, lambda: self.now, self.registry)

    def __getitem__(self, name: str) -> float | None:
        return self.labelled(name)

    def labelled(self, name: str, **labels: str) -> float | None:
        self.standing.look()
        return self.registry.get_sample_value(f"madoguchi_{name}", labels)


@pytest.fixture
def scrape(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> Scrape:
    monkeypatch.setattr(standing, "_FRESH_SECONDS", 0.0)
    return Scrape(engine)


def test_an_empty_database_waits_for_nothing(scrape: Scrape) -> None:
    for name in ("turns_waiting", "oldest_turn_seconds", "notices_given_up", "jobs_held"):
        assert scrape[name] == 0
    for channel in CHANNELS:
        assert scrape.labelled("notices_waiting", channel=channel) == 0
        assert scrape.labelled("oldest_notice_seconds", channel=channel) == 0
    for clock in CLOCKS:
        assert scrape.labelled("requests_overdue", clock=clock) == 0
    assert math.isnan(scrape["trail_broken_places"] or 0)


def test_turns_that_wait_have_the_age_of_the_oldest(engine: Engine, scrape: Scrape, vault: Vault) -> None:
    with transaction(engine) as session:
        store_talk(session, Told("一つ目"), Told("二つ目"), vault=vault, now=NOW - timedelta(minutes=5))
        session.execute(update(Inbound).values(state="waiting"))

    assert scrape["turns_waiting"] == 2
    assert scrape["oldest_turn_seconds"] == 300


def test_notices_that_are_due_only_later_are_not_late(engine: Engine, scrape: Scrape) -> None:
    with transaction(engine) as session:
        for key, minutes, due in (("old", 30, None), ("new", 2, None), ("planned", 50, NOW + timedelta(hours=1))):
            at = NOW - timedelta(minutes=minutes)
            outbox.enqueue(
                session,
                controller=COMPANY,
                channel="mail",
                recipient="0" * 32,
                kind="receipt",
                body={},
                dedupe_key=key,
                now=at,
                due=due,
            )
    assert scrape.labelled("notices_waiting", channel="mail") == 2
    assert scrape.labelled("oldest_notice_seconds", channel="mail") == 1800
    assert scrape.labelled("oldest_notice_seconds", channel="line") == 0

    with transaction(engine) as session:
        old, new = (outbox.find(session, key) for key in ("old", "new"))
        assert old is not None
        assert new is not None
        outbox.mark_failed(session, old.id, now=NOW)  # it is due again in a moment, and late all the while
        outbox.mark_undeliverable(session, new.id, now=NOW)
    assert scrape.labelled("oldest_notice_seconds", channel="mail") == 1800
    assert scrape["notices_given_up"] == 1


def test_requests_are_overdue_by_either_clock_from_the_day_after_the_last(
    engine: Engine, scrape: Scrape, vault: Vault
) -> None:
    with transaction(engine) as session:
        one, _other = Case(session, vault, NOW).file() + Case(session, vault, NOW).file()
        session.execute(update(Request).where(Request.id == one).values(verified_at=NOW + timedelta(days=3)))
    assert scrape.labelled("requests_open", state="identity_pending") == 2

    # 3:00 UTC is noon in Tokyo: the fifteenth midnight there ends the two weeks.
    midnight = datetime(2026, 12, 10, 15, 0, tzinfo=UTC)
    for moment, by_arrival, by_verification in (
        (midnight - timedelta(seconds=1), 0, 0),
        (midnight, 2, 0),
        (midnight + timedelta(days=3), 2, 1),
    ):
        scrape.now = moment
        assert scrape.labelled("requests_overdue", clock="arrival") == by_arrival
        assert scrape.labelled("requests_overdue", clock="verification") == by_verification


def test_tests_are_in_no_figure_of_the_register(engine: Engine, scrape: Scrape, vault: Vault) -> None:
    with transaction(engine) as session:
        draft = open_draft(
            session,
            controller=COMPANY,
            conversation_id=None,
            channel="web",
            kinds=[Kind.DISCLOSURE],
            scope=None,
            words=None,
            vault=vault,
            now=NOW - timedelta(days=40),
            is_test=True,
        )
        file_draft(session, draft, now=NOW - timedelta(days=40), vault=vault)

    assert scrape.labelled("requests_open", state="received") == 0
    assert scrape.labelled("requests_overdue", clock="arrival") == 0
    assert scrape.labelled("alerts_open", sort="arrival") == 0


def test_alerts_that_nobody_has_taken_up(engine: Engine, scrape: Scrape, vault: Vault) -> None:
    with transaction(engine) as session:
        Case(session, vault, NOW).file()

    assert scrape.labelled("alerts_open", sort="arrival") == 1
    assert scrape.labelled("alerts_open", sort="overdue") == 0


def test_who_works_by_the_clock_and_when_each_task_was_done(engine: Engine, scrape: Scrape) -> None:
    with transaction(engine) as session:
        assert leases.acquire(
            session, leases.of_company(COMPANY, JOBS), controller=COMPANY, holder="a", now=NOW, seconds=30
        )
        beat(session, "purge", controller=COMPANY, now=NOW - timedelta(hours=2))
        beat(session, "purge", controller=COMPANY, now=NOW - timedelta(hours=1))
    assert scrape["jobs_held"] == 1
    assert scrape.labelled("task_age_seconds", task="purge") == 3600

    scrape.now += timedelta(seconds=30)
    assert scrape["jobs_held"] == 0


def test_the_last_look_at_the_trails_counts(engine: Engine, scrape: Scrape) -> None:
    with transaction(engine) as session:
        for hours, broken in ((2, 3), (1, 0)):
            at = NOW - timedelta(hours=hours)
            keep(session, COMPANY, Found(9, broken, []), by="staff:aya", begun=at, ended=at)

    assert scrape["trail_broken_places"] == 0


def test_without_the_database_nobody_knows(engine: Engine, scrape: Scrape, monkeypatch: pytest.MonkeyPatch) -> None:
    del engine
    assert scrape["turns_waiting"] == 0

    def away(_engine: Engine) -> None:
        raise UnavailableError("the database does not answer")

    monkeypatch.setattr(standing, "reading", away)

    assert math.isnan(scrape["turns_waiting"] or 0)
    assert scrape.labelled("requests_overdue", clock="arrival") is None


def test_many_scrapes_are_one_look(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever reaches /metrics must not be able to keep the database busy with it."""
    looks: list[datetime] = []
    scrape = Scrape(engine)
    look = scrape.standing._look

    def noted(now: datetime) -> None:
        looks.append(now)
        look(now)

    monkeypatch.setattr(scrape.standing, "_look", noted)

    for _ in range(20):
        scrape.standing.look()

    assert len(looks) == 1
