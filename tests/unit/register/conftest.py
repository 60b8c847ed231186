from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import pytest
from sqlalchemy.orm import Session

from bot.register.drafts import open_draft
from bot.register.filing import Filed, file_draft
from bot.register.kinds import Kind
from bot.storage.encryption import Vault

OpenDraft = Callable[..., str]
File = Callable[..., list[Filed]]


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
