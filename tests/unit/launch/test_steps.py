"""What is done before the processes start, and what keeps them from starting."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import SecretStr

from bot.errors import BadInputError, UnavailableError
from bot.launch import model, steps
from bot.storage import migrate
from tests.support.two_controllers import both_settings


def test_a_database_that_stays_away_is_waited_for_and_then_one_clear_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(steps, "_DATABASE_SECONDS", 0.05)
    monkeypatch.setattr(steps, "_PAUSE_SECONDS", 0.06)
    said: list[str] = []

    with pytest.raises(UnavailableError, match="MADOGUCHI_DATABASE_URL") as told:
        steps._await_database("postgresql+psycopg://somebody:hidden@/nowhere?host=/nowhere", said.append)

    assert said
    assert "hidden" not in "\n".join([*said, str(told.value)])


def test_a_company_whose_mails_lack_an_address_is_told_of_before_its_jobs_end_again_and_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = f"sqlite:///{tmp_path / 'register.db'}"
    first = {"smtp_url": SecretStr("smtp://127.0.0.1:25"), "mail_from": "a@example.jp", "staff_mail": "b@example.jp"}
    settings, further = both_settings(tmp_path, url, second={"MAIL_FROM": "privacy@kogane-bakery.example"}, **first)
    migrate.upgrade(url)
    monkeypatch.setattr(model, "ensure_trained", lambda: pytest.fail("a model was trained first"))

    with pytest.raises(BadInputError, match="kogane: MADOGUCHI_STAFF_MAIL must be set when MADOGUCHI_SMTP_URL is"):
        steps.prepare(settings, further, say=lambda _: None)
