from datetime import UTC, datetime, timedelta

from bot.console.sessions import FailedLogins, Sessions

START = datetime(2026, 11, 23, tzinfo=UTC)


class Hand:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        return self.now


def test_a_session_lives_while_it_is_used_but_not_for_ever() -> None:
    clock = Hand()
    sessions = Sessions(clock)
    opened = sessions.open()
    while clock.now - START < timedelta(hours=10):
        assert sessions.renew(opened)
        clock.now += timedelta(minutes=29)
    assert not sessions.renew(opened)


def test_an_idle_session_ends() -> None:
    clock = Hand()
    sessions = Sessions(clock)
    opened = sessions.open()
    clock.now += timedelta(minutes=30)
    assert not sessions.renew(opened)


def test_a_closed_session_is_closed_on_the_server() -> None:
    sessions = Sessions(Hand())
    opened = sessions.open()
    sessions.close(opened)
    assert not sessions.renew(opened)


def test_ten_failures_within_a_minute_make_everybody_wait() -> None:
    clock = Hand()
    failures = FailedLogins(clock)
    for _ in range(10):
        assert not failures.are_too_many()
        failures.note()
    assert failures.are_too_many()
    clock.now += timedelta(minutes=1)
    assert not failures.are_too_many()
