"""An installation in which nothing is red: a corpus that its owner has filled in, keys, addresses, mail, people."""

from __future__ import annotations

import base64
import shutil
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import yaml
from sqlalchemy.orm import Session

from bot.settings import PREFIX
from bot.staff.accounts import NewAccount, invite
from bot.staff.roles import Role
from bot.storage.engine import open_engine, transaction
from tests.support.installation import CORPUS

POLICY = "eparkrelax/privacy"
_NOW = datetime(2026, 11, 26, 3, 0, tzinfo=UTC)
_FILLED = "見本の記入"


def filled_corpus(folder: Path) -> Path:
    """A copy of the corpus with every fact of the owner filled in, everything looked at, and all cards approved."""
    corpus = folder / "corpus"
    shutil.copytree(CORPUS / POLICY, corpus / POLICY)
    change_desk(corpus, owner=dict.fromkeys(_owner_fields(corpus), _FILLED), confirmed=_confirmed())
    answers = corpus / POLICY / "answers.yml"
    text = answers.read_text("utf-8").replace('approved_by: ""', "approved_by: 見本 花子")
    answers.write_text(text.replace("approved_on: null", "approved_on: 2026-11-25"), "utf-8")
    return corpus


def change_desk(corpus: Path, **sections: Any) -> None:  # noqa: ANN401 - whatever YAML holds
    """Writes sections of the desk file anew; a section that is a mapping keeps its other keys."""
    path = corpus / POLICY / "desk.yml"
    desk = yaml.safe_load(path.read_text("utf-8"))
    for name, value in sections.items():
        desk[name] = desk[name] | value
    path.write_text(yaml.safe_dump(desk, allow_unicode=True), "utf-8")


def with_administrator(database_url: str) -> None:
    """Somebody who looks after the console and has a second factor."""
    engine = open_engine(database_url, controller="eparkrelax")
    try:
        with transaction(engine) as session:
            _make_administrator(session)
    finally:
        engine.dispose()


def cleared_environment(folder: Path, database_url: str) -> dict[str, str]:
    """What an owner sets for production, by the names of the environment."""
    staff = folder / "staff.yml"
    staff.write_text(
        "- {id: a, name: 見本 花子, email: a@example.jp, deputy: b, may: [approve, sensitive]}\n"
        "- {id: b, name: 見本 次郎, email: b@example.jp, deputy: a, may: [approve, sensitive]}\n",
        "utf-8",
    )
    digests = folder / "digests-kept-elsewhere"
    digests.mkdir()
    values = {
        "MODE": "production",
        "DATA_DIR": str(folder),
        "CORPUS_DIR": str(filled_corpus(folder)),
        "DATABASE_URL": database_url,
        "ENCRYPTION_KEY": base64.b64encode(b"e" * 32).decode(),
        "HASH_KEY": base64.b64encode(b"h" * 32).decode(),
        "DIGESTS_DIR": str(digests),
        "DIGEST_KEY": base64.b64encode(b"d" * 32).decode(),
        "INTERNAL_TOKEN": "a-token-of-the-owner",
        "PUBLIC_URL": "https://privacy.example.jp",
        "CONSOLE_URL": "https://console.example.jp",
        "SMTP_URL": "smtp://127.0.0.1:2525",
        "MAIL_FROM": "privacy@example.jp",
        "STAFF_FILE": str(staff),
    }
    return {PREFIX + name: value for name, value in values.items()}


def _owner_fields(corpus: Path) -> list[str]:
    return list(yaml.safe_load((corpus / POLICY / "desk.yml").read_text("utf-8"))["owner"])


def _confirmed() -> dict[str, dict[str, str]]:
    values = {"purposes": "2026-11-23", "notice": "30", "retention": "30", "regime": "appi+jisq15001"}
    return {name: {"by": "見本", "day": "2026-11-25", "value": value} for name, value in values.items()}


def _make_administrator(session: Session) -> None:
    new = NewAccount("admin", "見本 管理", "admin@example.jp", Role.ADMIN)
    account = invite(session, new, controller=POLICY.partition("/")[0], by="test", now=_NOW)
    account.sealed_totp = b"sealed"
