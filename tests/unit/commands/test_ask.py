from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.commands.ask import _hours

NOW = datetime(2026, 7, 30, 0, 0, tzinfo=UTC)


def test_the_desks_hours_are_told_for_the_day_that_was_asked_about() -> None:
    (told,) = _hours("窓口は8月12日に開いていますか", NOW, "eparkrelax/privacy", Path("policy_corpus"))

    assert told.startswith("8月12日（水）：")


@pytest.mark.parametrize("question", ["共同利用とは何ですか", "8月12日の予約"])
def test_other_questions_get_none(question: str) -> None:
    assert _hours(question, NOW, "eparkrelax", Path("policy_corpus")) == ()


def test_a_policy_without_a_desk_has_no_hours(tmp_path: Path) -> None:
    (tmp_path / "shop" / "privacy").mkdir(parents=True)

    assert _hours("窓口は8月12日に開いていますか", NOW, "shop/privacy", tmp_path) == ()
