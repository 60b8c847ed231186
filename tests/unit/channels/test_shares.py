from __future__ import annotations

from collections import Counter

import pytest

from bot.channels.shares import Shares
from bot.errors import BadInputError
from bot.settings import Settings, load

PLACES = ("http://rasa-0:5005", "http://rasa-1:5005", "http://rasa-2:5005")
CONVERSATIONS = [f"{number:032x}" for number in range(3000)]


def test_each_place_has_about_its_share() -> None:
    had = Counter(Shares(PLACES).order(conversation)[0] for conversation in CONVERSATIONS)

    assert set(had) == set(PLACES)
    assert all(900 < share < 1100 for share in had.values())


def test_whoever_knows_the_same_places_finds_the_same_order() -> None:
    one, other = Shares(PLACES), Shares(PLACES[::-1])

    assert all(one.order(conversation) == other.order(conversation) for conversation in CONVERSATIONS)


def test_a_place_that_goes_moves_its_own_share_only_and_to_all_others() -> None:
    before, after = Shares(PLACES), Shares(PLACES[1:])
    moved: Counter[str] = Counter()
    for conversation in CONVERSATIONS:
        first, second, _ = before.order(conversation)
        if first == PLACES[0]:
            moved[second] += 1
            assert after.order(conversation)[0] == second
        else:
            assert after.order(conversation)[0] == first

    assert set(moved) == set(PLACES[1:])


def test_a_place_that_was_found_away_comes_last_for_a_moment() -> None:
    moment = [0.0]
    shares = Shares(PLACES, now=lambda: moment[0])
    first, second, third = shares.order("one")
    shares.note(first, is_away=True)

    assert shares.order("one") == [second, third, first]
    moment[0] = 5.1
    assert shares.order("one") == [first, second, third]
    shares.note(first, is_away=True)
    shares.note(first, is_away=False)
    assert shares.order("one") == [first, second, third]


def test_one_is_there_until_all_were_found_away() -> None:
    shares = Shares(PLACES)
    for place in PLACES:
        assert shares.is_one_there()
        shares.note(place, is_away=True)

    assert not shares.is_one_there()


def test_addresses_stand_apart_by_spaces_and_each_counts_once() -> None:
    settings = Settings(_env_file=None, rasa_url=" http://rasa-0:5005/  http://rasa-1:5005 http://rasa-0:5005")

    assert settings.rasa_urls == PLACES[:2]


def test_a_setting_that_names_no_rasa_is_bad_input(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MADOGUCHI_RASA_URL", " ")
    load.cache_clear()

    with pytest.raises(BadInputError, match=r"MADOGUCHI_RASA_URL: .* names no address"):
        load()
    load.cache_clear()
