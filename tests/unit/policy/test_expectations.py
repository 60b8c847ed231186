from __future__ import annotations

import pytest

from bot.policy.companies import Companies, names_in
from bot.policy.expectations import unmet
from bot.policy.model import Policy


def _missing(question: str, policy: Policy) -> list[str]:
    return [expectation.name for expectation in unmet(question, policy.passages, policy, Companies.of(policy))]


def test_address_belongs_to_the_company_named_before_it(policy: Policy) -> None:
    assert "company_address" in _missing("株式会社EPARKリラク＆エステの住所は？", policy)
    assert "company_address" in _missing("御社の所在地はどこですか", policy)
    assert "company_address" not in _missing("株式会社EPARKの住所は？", policy)


@pytest.mark.parametrize(
    ("question", "name"),
    [
        ("請求は有料ですか", "fee"),
        ("窓口の電話番号は何番ですか", "phone"),
        ("代理人でも手続きできますか", "agent"),
        ("ISMSは取っていますか", "privacy_mark"),
    ],
)
def test_a_fact_that_stands_nowhere_is_missing(question: str, name: str, policy: Policy) -> None:
    assert name in _missing(question, policy)


def test_what_is_not_asked_for_is_not_missed(policy: Policy) -> None:
    assert _missing("行動履歴はどんなことに使われますか", policy) == []


def test_names_of_companies_end_where_the_name_ends() -> None:
    assert names_in("株式会社EPARK およびその他、(株)まどぐち が取得します") == ["株式会社EPARK", "(株)まどぐち"]
