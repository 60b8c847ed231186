from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.register.filing import Filed
from bot.register.models import Request
from bot.register.sensitivity import is_ordinary, is_sensitive, names_accounts, names_health


@pytest.mark.parametrize(
    "scope",
    [None, "予約履歴", "会員情報、広告・宣伝（DM・メール）", "健康情報", "予約履歴、口座情報", "アレルギーの情報"],
)
def test_a_query_and_a_scope_agree_on_what_is_sensitive(
    session: Session, filed: Callable[..., list[Filed]], scope: str | None
) -> None:
    filed(session, scope=scope)

    found = session.scalars(select(Request.scope).where(is_ordinary(Request.scope))).all()

    assert bool(found) is not is_sensitive(scope)


@pytest.mark.parametrize("scope", ["健康情報", "お届け先の情報、アレルギーの情報", "診療の記録", "要配慮個人情報"])
def test_what_another_company_calls_its_data_about_health_is_health(scope: str) -> None:
    assert (is_sensitive(scope), names_health(scope), names_accounts(scope)) == (True, True, False)
