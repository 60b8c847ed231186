from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from bot.register.drafts import open_draft
from bot.register.filing import Filed, file_draft
from bot.register.kinds import Kind
from bot.storage.encryption import Vault
from bot.storage.engine import transaction

OpenDraft = Callable[..., str]
File = Callable[..., list[Filed]]


@pytest.fixture
def vault() -> Vault:
    return Vault(b"e" * 32, b"h" * 32)


@pytest.fixture
def now() -> datetime:
    return datetime(2026, 11, 23, 1, 30, tzinfo=UTC)


@pytest.fixture
def session(engine: Engine) -> Iterator[Session]:
    with transaction(engine) as opened:
        yield opened


@pytest.fixture
def new_draft(vault: Vault, now: datetime) -> OpenDraft:
    def make(session: Session, *kinds: Kind, **facts: object) -> str:
        given: dict[str, object] = {
            "controller": "eparkrelax",
            "conversation_id": "c" * 32,
            "channel": "web",
            "kinds": kinds or (Kind.DISCLOSURE,),
            "scope": "予約履歴",
            "words": "予約履歴を見せてください",
            "vault": vault,
            "now": now,
        }
        return open_draft(session, **{**given, **facts})  # type: ignore[arg-type]  # each test names what it means

    return make


@pytest.fixture
def filed(new_draft: OpenDraft, vault: Vault, now: datetime) -> File:
    def make(session: Session, *kinds: Kind, **facts: object) -> list[Filed]:
        return file_draft(session, new_draft(session, *kinds, **facts), now=now, vault=vault)

    return make
