from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import assume, given
from hypothesis import strategies as st

from bot.clock import in_tokyo
from bot.register.numbers import end_of_series, is_number, new_number, read_number

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
moments = st.datetimes(datetime(2026, 1, 1), datetime(2099, 12, 30), timezones=st.just(UTC))  # noqa: DTZ001 - the zone is the strategy's own argument
numbers = st.builds(new_number, moments) | moments.map(lambda moment: new_number(moment, moment))


def test_the_date_is_the_japanese_one() -> None:
    assert new_number(datetime(2026, 11, 22, 15, 0, tzinfo=UTC)).startswith("K261123-")


def test_numbers_do_not_repeat() -> None:
    moment = datetime(2026, 11, 23, tzinfo=UTC)

    assert len({new_number(moment) for _ in range(1000)}) == 1000


@given(numbers)
def test_every_new_number_is_one(number: str) -> None:
    assert is_number(number)
    assert read_number(number) == number


@given(numbers)
def test_other_spellings_are_read(number: str) -> None:
    wide = "".join(chr(ord(letter) + 0xFEE0) for letter in number)
    spellings = (
        number.lower(),
        number.replace("-", ""),
        wide,
        number.replace("0", "O").replace("1", "l"),
        f" {number} ",
    )

    assert {read_number(spelling) for spelling in spellings} == {number}


@given(numbers, st.integers(7, 15), st.sampled_from(ALPHABET))
def test_one_changed_character_is_noticed(number: str, place: int, letter: str) -> None:
    bare = number.replace("-", "")
    assume(bare[place] != letter)

    assert not is_number(bare[:place] + letter + bare[place + 1 :])


@given(numbers, st.integers(0, 14))
def test_two_exchanged_neighbours_are_noticed(number: str, place: int) -> None:
    bare = number.replace("-", "")
    pair = bare[place : place + 2]
    # Luhn's check cannot tell the first and the last letter of its alphabet in exchange.
    assume(pair[0] != pair[1] and set(pair) != {"0", "Z"})

    assert not is_number(bare[:place] + pair[::-1] + bare[place + 2 :])


@given(st.text())
def test_reading_never_fails(text: str) -> None:
    read = read_number(text)

    assert read is None or is_number(read)


def _series(number: str) -> str:
    return number.split("-")[1]


@given(moments)
def test_only_numbers_of_the_day_of_a_restoration_begin_with_z(moment: datetime) -> None:
    day_before = moment - timedelta(days=1)

    assert not _series(new_number(moment)).startswith("Z")
    assert not _series(new_number(moment, day_before)).startswith("Z")
    assert _series(new_number(moment, moment)).startswith("Z")


@given(moments)
def test_whoever_restores_after_the_end_of_a_series_has_another_one(moment: datetime) -> None:
    end = end_of_series(moment)
    if in_tokyo(end).date() == in_tokyo(moment).date():
        assert _series(new_number(end, end)) > _series(new_number(moment, moment))
    assert end - moment < timedelta(seconds=2.7)
