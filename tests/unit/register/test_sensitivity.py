from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.register.filing import Filed
from bot.register.models import Request
from bot.register.sensitivity import is_ordinary, is_sensitive


@pytest.mark.parametrize(
    "scope", [None, "予約履歴", "会員情報、広告・宣伝（DM・メール）", "健康情報", "予約履歴、口座情報"]
)
def test_a_query_and_a_scope_agree_on_what_is_sensitive(
    session: Session, filed: Callable[..., list[Filed]], scope: str | None
) -> None:
    filed(session, scope=scope)

    found = session.scalars(select(Request.scope).where(is_ordinary(Request.scope))).all()

    assert bool(found) is not is_sensitive(scope)
