"""The demo's data: made up, marked, in every state, and as true as what real services write."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, func, select

from bot.controllers import read_controllers
from bot.errors import BadInputError
from bot.launch.demo.filling import Amount, copy_folder, ensure_filled
from bot.launch.demo_run import demo_environment
from bot.message import Message, fixed
from bot.policy.answer import Answer
from bot.policy.releases.models import Candidate, Release, ReleaseEvent
from bot.register.contacts import reveal
from bot.register.kinds import FILED_KINDS
from bot.register.models import AuditEvent, Contact, Request, State
from bot.settings import Settings
from bot.staff.models import Account
from bot.staff.roles import Role
from bot.storage import talk_days
from bot.storage.encryption import Vault
from bot.storage.engine import open_engine, reading, transaction
from bot.storage.models import Conversation, Feedback, Outbound
from tests.support.console import console_settings
from tests.support.two_controllers import write_second

NOW = datetime(2026, 11, 26, 9, 0, tzinfo=UTC)


def _ask(question: str, _context: Mapping[str, Any] | None, _now: datetime) -> Answer:
    kind = "answer" if len(question) % 3 else "not_in_policy"
    return Answer(Message(kind=kind, parts=(fixed("答え"),)), {}, {"questions": []}, [])


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    file = tmp_path_factory.mktemp("demo") / "madoguchi.db"
    made = console_settings(f"sqlite:///{file}", demo=True)
    assert ensure_filled(made, say=lambda _: None, clock=lambda: NOW, amount=Amount(40, _ask))
    return made


@pytest.fixture
def engine(settings: Settings) -> Iterator[Engine]:
    opened = open_engine(settings.database_url)
    yield opened
    opened.dispose()


def test_a_second_start_leaves_it_as_it_is(settings: Settings) -> None:
    assert not ensure_filled(settings, say=lambda _: None, clock=lambda: NOW, amount=Amount(40, _ask))


def test_there_are_requests_in_every_state_and_of_every_kind(engine: Engine) -> None:
    with reading(engine) as session:
        requests = list(session.scalars(select(Request)))
    assert {request.state for request in requests} == set(State)
    assert {request.kind for request in requests} == set(FILED_KINDS)
    assert {request.channel for request in requests} >= {"web", "line", "slack", "phone", "email", "letter", "counter"}
    assert 50 <= len(requests) <= 70
    assert all(NOW - timedelta(days=60) < request.received_at < NOW for request in requests)


def test_every_trail_is_in_the_order_of_time(engine: Engine) -> None:
    with reading(engine) as session:
        events = list(session.scalars(select(AuditEvent).order_by(AuditEvent.request_id, AuditEvent.position)))
    assert len(events) > 300
    for earlier, later in pairwise(events):
        assert earlier.request_id != later.request_id or earlier.at <= later.at
    assert all(event.at < NOW for event in events)


def test_names_and_addresses_are_plainly_made_up(engine: Engine, settings: Settings) -> None:
    vault = Vault.from_settings(settings)
    with transaction(engine) as session:
        with_contact = select(Request.id).join(Contact, Contact.draft_id == Request.draft_id)
        seen = [
            reveal(session, request_id, vault=vault, actor="staff:test", now=NOW)
            for request_id in session.scalars(with_contact)
        ]
        session.rollback()
    assert len(seen) > 40
    for one in seen:
        assert re.fullmatch(r"(見本|架空|試用|例示|仮名) \w+", str(one.in_clear()["name"]))
        assert one.email is None or one.email.reveal().endswith("@example.jp")


def test_every_role_is_there_with_a_second_officer_and_nobody_has_a_password(engine: Engine) -> None:
    with reading(engine) as session:
        accounts = list(session.scalars(select(Account)))
    roles = Counter(account.role for account in accounts)
    assert set(roles) == set(Role)
    assert roles[Role.OFFICER] == 2
    assert all(account.password_hash is None and account.setup_hash is None for account in accounts)


def test_conversations_are_spread_over_thirty_days_and_some_are_judged(engine: Engine) -> None:
    with reading(engine) as session:
        talks = list(session.scalars(select(Conversation)))
        judged = session.scalar(select(func.count()).select_from(Feedback))
        assert session.scalar(select(func.count()).select_from(Outbound)) == 0
    assert len(talks) > 60
    assert sum(talk.not_in_policy > 0 for talk in talks) > 5
    assert sum(talk.receipts > 0 for talk in talks) > 30
    assert judged


def test_the_days_are_counted_as_jobs_would_have_counted_them(engine: Engine) -> None:
    with transaction(engine) as session:
        assert talk_days.count_days(session, "eparkrelax") == []
        figures = talk_days.of_days(session, "eparkrelax", (NOW - timedelta(days=60)).date(), NOW.date())
    assert len({each.day for each in figures}) > 20
    assert {each.channel for each in figures} == {"web", "line", "slack"}


def test_a_release_was_published_by_two_and_a_candidate_waits(engine: Engine) -> None:
    with reading(engine) as session:
        (release,) = session.scalars(select(Release))
        (candidate,) = session.scalars(select(Candidate))
        events = list(session.scalars(select(ReleaseEvent)))
    assert release.number == candidate.based_on == 1
    assert [event.action for event in sorted(events, key=lambda event: event.position)] == [
        "edited",
        "published",
        "edited",
    ]
    assert len({event.actor for event in events}) == 3


def test_only_a_demo_is_filled(tmp_path: Path) -> None:
    file = tmp_path / "real.db"
    with pytest.raises(BadInputError, match="MADOGUCHI_DEMO is not set"):
        ensure_filled(console_settings(f"sqlite:///{file}"), say=lambda _: None)
    with pytest.raises(BadInputError, match="file of SQLite"):
        ensure_filled(console_settings("postgresql+psycopg://127.0.0.1/x", demo=True), say=lambda _: None)
    assert not file.exists()


def test_a_demo_has_everything_of_its_own_and_reaches_nobody(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MADOGUCHI_SMTP_URL", "smtp://real.example.jp:25")
    monkeypatch.setenv("MADOGUCHI_CONTROLLERS_DIR", str(write_second(tmp_path)))
    monkeypatch.setenv("MADOGUCHI_SISTER_CONTROLLERS", '{"kogane": "株式会社こがねベーカリー"}')
    for name, value in demo_environment(tmp_path).items():
        monkeypatch.setenv(name, value)
    settings = Settings(_env_file=None)
    assert settings.demo
    assert settings.caution.startswith("デモ：架空のデータ")
    assert settings.smtp_url.get_secret_value() == ""
    assert settings.sister_controllers == {}
    assert read_controllers(settings) == (settings,)
    for path in (settings.data_dir, settings.corpus_dir, settings.regression_dir):
        assert path.is_relative_to(tmp_path)
    assert str(tmp_path) in settings.database_url
    assert str(tmp_path) in settings.tracker_url.get_secret_value()


def test_a_copy_stays_as_its_users_left_it(tmp_path: Path) -> None:
    origin, copy = tmp_path / "origin", tmp_path / "copy"
    origin.mkdir()
    (origin / "a.txt").write_text("first", "utf-8")
    copy_folder(origin, copy)
    (copy / "a.txt").write_text("changed", "utf-8")
    copy_folder(origin, copy)
    assert (copy / "a.txt").read_text("utf-8") == "changed"
