from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from pydantic import ValidationError

from bot.clock import TOKYO
from bot.desk import Desk, DeskIsWrongError, is_open, is_working_day, load_desk

FOLDER = Path(__file__).parents[2] / "policy_corpus" / "eparkrelax" / "privacy"


@pytest.fixture(scope="module")
def desk() -> Desk:
    return load_desk(FOLDER)


def test_what_the_policy_says_about_its_desks(desk: Desk) -> None:
    assert [(entry.id, entry.email) for entry in desk.desks] == [
        ("service", "support@mitsuraku.jp"),
        ("membership", None),
    ]
    assert set(desk.quotes) == {"rights", "identity_check", "refusal", "consequence", "hours"}
    assert {"会員情報", "行動履歴情報", "口座情報", "健康情報", "家族の情報"} <= {scope.title for scope in desk.scopes}


def test_facts_of_the_owner_are_empty_until_filled(desk: Desk) -> None:
    assert not any(desk.owner.model_dump().values())


def test_nobody_has_confirmed_anything_and_half_a_confirmation_is_none(desk: Desk) -> None:
    assert desk.confirmed.model_dump() == dict.fromkeys(("purposes", "notice", "retention", "regime"))
    whole = {"by": "見本 花子", "day": "2026-12-01", "value": date(2026, 11, 23)}
    confirmed = Desk.model_validate(desk.model_dump() | {"confirmed": {"purposes": whole}}).confirmed
    assert confirmed.purposes is not None
    assert confirmed.purposes.value == "2026-11-23"
    for missing in whole:
        half = {name: value for name, value in whole.items() if name != missing}
        with pytest.raises(ValidationError, match=f"confirmed.purposes.{missing}"):
            Desk.model_validate(desk.model_dump() | {"confirmed": {"purposes": half}})


def test_consent_says_what_the_product_knows_and_leaves_the_rest_to_the_owner(desk: Desk) -> None:
    filled = {name for name, text in desk.consent.model_dump().items() if text}

    assert filled == {"version", "purpose"}


def test_a_desk_file_without_consent_has_the_purpose_all_the_same(desk: Desk) -> None:
    without = Desk.model_validate(desk.model_dump(exclude={"consent"}))

    assert without.consent == desk.consent


def working_days(desk: Desk, first: date, last: date) -> list[str]:
    days = (date.fromordinal(number) for number in range(first.toordinal(), last.toordinal() + 1))
    return [day.strftime("%m-%d") for day in days if is_working_day(desk, day)]


def test_working_days_between_a_receipt_at_the_end_of_the_year_and_two_weeks_later(desk: Desk) -> None:
    days = working_days(desk, date(2025, 12, 26), date(2026, 1, 8))

    assert days == ["12-26", "01-05", "01-06", "01-07", "01-08"]


def test_working_days_between_a_receipt_in_august_and_two_weeks_later(desk: Desk) -> None:
    days = working_days(desk, date(2026, 8, 8), date(2026, 8, 21))

    assert days == ["08-10", "08-18", "08-19", "08-20", "08-21"]


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        (datetime(2026, 11, 24, 10, 0, tzinfo=TOKYO), True),
        (datetime(2026, 11, 24, 9, 59, 59, tzinfo=TOKYO), False),
        (datetime(2026, 11, 24, 18, 59, 59, tzinfo=TOKYO), True),
        (datetime(2026, 11, 24, 19, 0, tzinfo=TOKYO), False),
        (datetime(2026, 11, 24, 1, 0, tzinfo=UTC), True),
        (datetime(2026, 11, 24, 10, 0, tzinfo=UTC), False),
        (datetime(2026, 11, 23, 12, 0, tzinfo=TOKYO), False),
        (datetime(2026, 11, 22, 12, 0, tzinfo=TOKYO), False),
        (datetime(2026, 9, 22, 12, 0, tzinfo=TOKYO), False),
        (datetime(2026, 5, 6, 12, 0, tzinfo=TOKYO), False),
    ],
    ids=[
        *("opens", "before", "last second", "closed", "UTC is not Tokyo", "evening in Tokyo"),
        *("holiday", "Sunday", "between two holidays", "substitute holiday"),
    ],
)
def test_when_the_desk_answers(desk: Desk, moment: datetime, *, expected: bool) -> None:
    assert is_open(desk, moment) is expected


def test_a_moment_without_zone_is_refused(desk: Desk) -> None:
    with pytest.raises(ValueError, match="no time zone"):
        is_open(desk, datetime(2026, 11, 24, 12, 0))  # noqa: DTZ001 - what is refused here


def test_a_desk_that_keeps_no_holidays_works_on_them(desk: Desk) -> None:
    busy = desk.model_copy(update={"hours": desk.hours.model_copy(update={"holidays": None})})

    assert is_working_day(busy, date(2026, 11, 23))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda _: "", r"desk\.yml: : Input should be a valid dictionary"),
        (lambda text: text.replace("desks:", "desks: ["), r"desk\.yml: while parsing"),
        (lambda text: text.replace("controller:", "company:"), r"desk\.yml: controller: Field required"),
        (lambda text: text.replace('"08-11"', '"08-32"'), r"desk\.yml: hours\.closed\.0: .*day"),
    ],
)
def test_a_desk_file_with_a_fault_is_told(tmp_path: Path, change: Callable[[str], str], message: str) -> None:
    text = (FOLDER / "desk.yml").read_text(encoding="utf-8")
    (tmp_path / "desk.yml").write_text(change(text), encoding="utf-8")
    with pytest.raises(DeskIsWrongError, match=message):
        load_desk(tmp_path)


def test_a_missing_desk_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(DeskIsWrongError, match="there is no such file"):
        load_desk(tmp_path)
