from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.storage.turnstile import Turnstile, WaitWasTooLongError


def _waiting(turnstile: Turnstile) -> int:
    return len(turnstile._urgent) + len(turnstile._others)


def _pass(turnstile: Turnstile, name: str, passed: list[str], *, urgent: bool) -> None:
    with turnstile.passing(urgent=urgent):
        passed.append(name)


def _until(condition: Callable[[], bool]) -> None:
    for _ in range(2000):
        if condition():
            return
        threading.Event().wait(0.01)
    raise AssertionError("it did not come to that")


def test_those_in_a_hurry_go_first_and_each_line_in_its_order() -> None:
    turnstile, passed = Turnstile(patience=60), list[str]()
    people = [("a", False), ("b", False), ("A", True), ("c", False), ("B", True)]
    with ThreadPoolExecutor(len(people)) as pool, turnstile.passing():
        for place, (name, urgent) in enumerate(people):
            pool.submit(_pass, turnstile, name, passed, urgent=urgent)
            _until(lambda place=place: _waiting(turnstile) == place + 1)  # type: ignore[misc]  # lambda with a default
    assert passed == ["A", "B", "a", "b", "c"]


def test_as_many_are_in_as_there_are_places() -> None:
    turnstile = Turnstile(patience=0.01, places=2)
    with turnstile.passing(), turnstile.passing(), pytest.raises(WaitWasTooLongError), turnstile.passing():
        pass
    with turnstile.passing(), turnstile.passing():
        pass


def test_who_waited_too_long_leaves_the_line_and_the_next_comes_in() -> None:
    turnstile = Turnstile(patience=0.01)
    with turnstile.passing():
        with pytest.raises(WaitWasTooLongError), turnstile.passing():
            pass
        assert _waiting(turnstile) == 0
    with turnstile.passing():
        pass


def test_a_block_that_raises_lets_the_next_in() -> None:
    turnstile = Turnstile(patience=0.01)
    with pytest.raises(ZeroDivisionError), turnstile.passing():
        raise ZeroDivisionError
    with turnstile.passing():
        pass


@settings(max_examples=20)
@given(hurries=st.lists(st.booleans(), min_size=2, max_size=8), patience=st.sampled_from([0.0001, 0.001, 60.0]))
def test_there_is_never_more_than_one_inside(hurries: list[bool], patience: float) -> None:
    turnstile, inside, most = Turnstile(patience=patience), 0, 0

    def go_in(urgent: bool) -> bool:  # noqa: FBT001 - mapped over
        nonlocal inside, most
        try:
            with turnstile.passing(urgent=urgent):
                inside += 1
                most = max(most, inside)
                threading.Event().wait(0.0005)
                inside -= 1
        except WaitWasTooLongError:
            return False
        return True

    with ThreadPoolExecutor(len(hurries)) as pool:
        passed = list(pool.map(go_in, hurries))
    assert most == 1
    assert patience < 1 or all(passed)
    assert _waiting(turnstile) == 0
    with turnstile.passing():
        pass
