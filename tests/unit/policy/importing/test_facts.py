from __future__ import annotations

from datetime import date

import pytest

from bot.policy.importing.facts import UNKNOWN_CONTROLLER, effective_date_in, guess_controller


@pytest.mark.parametrize(
    ("text", "controller"),
    [
        ("方針 株式会社さくら（以下「当社」といいます。）は、", "株式会社さくら"),
        ("さくら商事株式会社（以下、「弊社」という）は、", "さくら商事株式会社"),
        ("さくら美容室（以下「当店」）は、", "さくら美容室"),
        ("運営者： さくら事務局\n", "さくら事務局"),
        ("当院は医療法人さくら会が運営します。", "医療法人さくら会"),
        ("当社は、情報を守ります。", UNKNOWN_CONTROLLER),
    ],
)
def test_the_company_is_guessed_from_how_it_names_itself(text: str, controller: str) -> None:
    assert guess_controller(text) == controller


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("制定日：2014年4月1日 改定日：２０２４年６月３日", date(2024, 6, 3)),
        ("令和6年12月2日　改定", date(2024, 12, 2)),
        ("平成元年2月3日 制定", date(1989, 2, 3)),
        ("2024/04/01 施行", date(2024, 4, 1)),
        ("2024年2月30日 改定", None),
        ("2007年8月28日から開設", None),
    ],
)
def test_the_latest_date_of_a_change_is_found(text: str, day: date | None) -> None:
    assert effective_date_in(text) == day
