"""What is done before the processes start, as far as a database that is away is concerned."""

from __future__ import annotations

import pytest

from bot.errors import UnavailableError
from bot.launch import steps


def test_a_database_that_stays_away_is_waited_for_and_then_one_clear_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(steps, "_DATABASE_SECONDS", 0.05)
    monkeypatch.setattr(steps, "_PAUSE_SECONDS", 0.06)
    said: list[str] = []

    with pytest.raises(UnavailableError, match="MADOGUCHI_DATABASE_URL") as told:
        steps._await_database("postgresql+psycopg://somebody:hidden@/nowhere?host=/nowhere", said.append)

    assert said
    assert "hidden" not in "\n".join([*said, str(told.value)])
