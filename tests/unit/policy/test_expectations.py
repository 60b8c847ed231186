from __future__ import annotations

import pytest

from bot.policy.assistant import Assistant
from bot.policy.companies import names_in


def _missing(question: str, assistant: Assistant) -> list[str]:
    query = assistant._searcher.query(question)
    return [each.name for each in assistant._facts.look(question, query, assistant.search(question)).unmet]


def test_address_belongs_to_the_company_named_before_it(assistant: Assistant) -> None:
    assert "company_address" in _missing("株式会社EPARKリラク＆エステの住所は？", assistant)
    assert "company_address" in _missing("御社の所在地はどこですか", assistant)
    assert "company_address" not in _missing("株式会社EPARKの住所は？", assistant)


@pytest.mark.parametrize(
    ("question", "name"),
    [
        ("請求は有料ですか", "fee"),
        ("窓口の電話番号は何番ですか", "phone"),
        ("代理人でも手続きできますか", "agent"),
        ("ISMSは取っていますか", "privacy_mark"),
    ],
)
def test_a_fact_that_stands_nowhere_is_missing(question: str, name: str, assistant: Assistant) -> None:
    assert name in _missing(question, assistant)


def test_what_is_not_asked_for_is_not_missed(assistant: Assistant) -> None:
    assert _missing("行動履歴はどんなことに使われますか", assistant) == []


def test_a_value_of_another_subject_states_nothing(assistant: Assistant) -> None:
    assert "duration" not in _missing("開示の回答は何日で来ますか", assistant)
    assert "duration" in _missing("業務の委託は何年で終わりますか", assistant)


def test_names_of_companies_end_where_the_name_ends() -> None:
    assert names_in("株式会社EPARK およびその他、(株)まどぐち が取得します") == ["株式会社EPARK", "(株)まどぐち"]
    assert names_in("ベトナムの Sakura Support Co., Ltd. に委託します") == ["Sakura Support Co., Ltd"]
