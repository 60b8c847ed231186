from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.channels.mail.texts import Facts, house_of, member_text
from bot.channels.remains import keeping_of, what_remains
from bot.desk import Desk, load_desk
from bot.register.kinds import FILED_KINDS, Kind
from bot.register.notices import MemberNotice
from bot.settings import Settings

# Half past midnight in Japan: the day there is another one.
ENDED = datetime(2026, 11, 30, 15, 30, tzinfo=UTC)


@pytest.fixture(scope="module")
def desk() -> Desk:
    return load_desk(Path(__file__).parents[3] / "policy_corpus/eparkrelax/privacy")


def settings(**changes: int) -> Settings:
    return Settings(_env_file=None, **changes)  # type: ignore[arg-type]  # days


def told(desk: Desk, kind: Kind, given: Settings, ended_at: datetime | None = ENDED) -> str:
    facts = Facts("K261126-7F3K-9QXMC", kind, ENDED, ended_at=ended_at)
    return "".join(member_text(MemberNotice.CLOSED, house_of(desk, given), facts).body.split())


@pytest.mark.parametrize("kind", FILED_KINDS)
def test_who_is_told_of_the_end_reads_what_is_left_and_until_when(desk: Desk, kind: Kind) -> None:
    text = told(desk, kind, settings(request_days_closed=100, upload_days=7))

    assert "2027年3月11日（木）まで保存し、その後に削除します。" in text
    assert "手続きの終わりから7日で、先に削除します。" in text
    assert "受付番号・種類・日時・結果と対応の経過は、お名前や内容を含まない形で残ります。" in text
    assert "バックアップ" not in text


def test_the_days_are_those_of_the_settings(desk: Desk) -> None:
    (content, *_) = what_remains(ENDED, keeping_of(desk, settings()))
    assert content.startswith("いただいた内容（お名前・ご連絡先・やりとりなど）は、2029年11月30日（金）まで")
    assert "ファイル" not in what_remains(ENDED, keeping_of(desk, settings(request_days_closed=30, upload_days=30)))[0]


def test_backups_are_told_once_the_owner_has_said_how_long_they_are_kept(desk: Desk) -> None:
    filled = desk.model_copy(update={"owner": desk.owner.model_copy(update={"backups": "14日"})})
    assert "バックアップに残る写しの保存期間：14日" in told(filled, Kind.ERASURE, settings())


def test_nothing_is_told_without_an_end(desk: Desk) -> None:
    assert "残る記録" not in told(desk, Kind.ERASURE, settings(), ended_at=None)
