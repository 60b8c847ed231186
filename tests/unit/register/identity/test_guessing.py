"""Many guesses at once: `make prove-codes` runs 200 rounds, every other run a few."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from itertools import cycle
from threading import Barrier
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import Engine, select

from bot.register.identity import codes
from bot.register.identity.codes import Opened, ask_by_number, make_wanted, open_code, try_code
from bot.register.identity.models import SENDS_A_DAY, TRIES_A_CODE, TRIES_A_DAY, Code, CodeDay, Purpose
from bot.storage.encryption import Vault
from bot.storage.engine import open_engine, transaction

Make = Callable[..., Any]

ROUNDS = int(os.environ.get("MADOGUCHI_PROOF_ROUNDS", "3"))
GUESSERS = 50


# SQLite lets processes in by luck, not in their order: on a busy machine one may wait for longer than the five seconds
# of a real process, whose guess would fail uncompared. Here all shall be counted.
PATIENCE = 120.0


@pytest.fixture
def engines(engine: Engine) -> Iterator[list[Engine]]:
    """Four pools on one database, as four processes have them: enough connections for all guessers at once."""
    url = engine.url.render_as_string(hide_password=False)
    opened = [open_engine(url, controller="eparkrelax", patience=PATIENCE) for _ in range(4)]
    yield opened
    for one in opened:
        one.dispose()


@pytest.fixture
def compared(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The stored hashes that a guess was compared with, dummies among them."""
    seen: list[str] = []

    def compare(given: str, stored: str) -> bool:
        seen.append(stored)
        return given == stored

    monkeypatch.setattr(codes, "hmac", SimpleNamespace(compare_digest=compare))
    return seen


@pytest.fixture
def asked(engine: Engine, filed: Make, complete: Make, vault: Vault, now: datetime) -> Make:
    """Handles of fresh codes of one identity, with the rows they belong to."""

    def ask(identity: str, how_many: int = 1) -> list[tuple[str, Code]]:
        with transaction(engine) as session:
            number = filed(session)[0].number
            complete(session, number, email=f"{identity}@example.com")
            wish: dict[str, Any] = {"controller": "eparkrelax", "now": now, "vault": vault}
            handles = [ask_by_number(session, number, Purpose.OPEN, minutes=10, **wish) for _ in range(how_many)]
            make_wanted(session, **wish)
        with transaction(engine) as session:
            rows = {row.handle_hash: row for row in session.scalars(select(Code))}
        return [(handle, rows[codes._hash(handle)]) for handle in handles]

    return ask


@pytest.fixture
def guess_at_once(engines: list[Engine], vault: Vault, now: datetime) -> Make:
    """All guesses, each in a transaction of its own, begun at the same moment."""

    def run(guesses: list[tuple[str, str]]) -> list[Opened | None]:
        barrier = Barrier(len(guesses))

        def guess(engine: Engine, handle: str, typed: str) -> Opened | None:
            barrier.wait()
            with transaction(engine) as session:
                return try_code(session, handle, typed, now=now, vault=vault)

        with ThreadPoolExecutor(len(guesses)) as pool:
            pending = [pool.submit(guess, engine, *one) for engine, one in zip(cycle(engines), guesses, strict=False)]
            return [one.result() for one in pending]

    return run


def tries(engine: Engine, code: Code) -> int:
    with transaction(engine) as session:
        return session.get_one(Code, code.id).tries


def test_of_fifty_wrong_guesses_three_are_compared(
    engine: Engine, asked: Make, guess_at_once: Make, compared: list[str]
) -> None:
    most = 0
    for number in range(ROUNDS):
        [(handle, code)] = asked(f"wrong{number}")
        compared.clear()

        opened = guess_at_once([(handle, "wrong")] * GUESSERS)

        most = max(most, compared.count(code.code_hash or ""))
        assert opened == [None] * GUESSERS
        assert compared.count(code.code_hash or "") == tries(engine, code) == TRIES_A_CODE
        assert len(compared) == GUESSERS  # those that came too late compared a dummy, and took as long
    print(f"{engine.dialect.name}: {ROUNDS} rounds of {GUESSERS} guesses, at most {most} compared")  # noqa: T201


def test_of_fifty_right_guesses_one_opens(
    engine: Engine, asked: Make, guess_at_once: Make, compared: list[str], vault: Vault
) -> None:
    for number in range(ROUNDS):
        [(handle, code)] = asked(f"right{number}")
        with transaction(engine) as session:
            digits = open_code(session, code.id, vault)
        compared.clear()

        opened = guess_at_once([(handle, digits)] * GUESSERS)

        assert [one.code_id for one in opened if one is not None] == [code.id]
        assert compared.count(code.code_hash or "") == tries(engine, code) == 1


def test_over_all_codes_of_an_identity_ten_guesses_a_day_are_compared(
    engine: Engine, asked: Make, guess_at_once: Make, compared: list[str]
) -> None:
    for number in range(ROUNDS):
        given = asked(f"day{number}", SENDS_A_DAY)
        compared.clear()

        guess_at_once([(handle, "wrong") for handle, _ in given] * (GUESSERS // SENDS_A_DAY))

        real = {code.code_hash for _, code in given}
        assert sum(stored in real for stored in compared) == TRIES_A_DAY
        assert sum(tries(engine, code) for _, code in given) == SENDS_A_DAY * TRIES_A_CODE


def test_of_twenty_wishes_made_at_once_five_are_sent(
    engine: Engine, engines: list[Engine], filed: Make, complete: Make, vault: Vault, now: datetime
) -> None:
    wish: dict[str, Any] = {"controller": "eparkrelax", "now": now, "vault": vault}
    with transaction(engine) as session:
        number = filed(session)[0].number
        complete(session, number)
        for _ in range(20):
            ask_by_number(session, number, Purpose.OPEN, minutes=10, **wish)
    barrier = Barrier(len(engines))

    def make(one: Engine) -> int:
        barrier.wait()
        with transaction(one) as session:
            return make_wanted(session, **wish)

    with ThreadPoolExecutor(len(engines)) as pool:
        made = list(pool.map(make, engines))

    with transaction(engine) as session:
        assert sum(made) == session.scalars(select(CodeDay)).one().sends == SENDS_A_DAY
        rows = session.scalars(select(Code)).all()
    assert [row.made_at is None for row in rows] == [False] * 20
    assert sum(row.sealed_code is not None for row in rows) == SENDS_A_DAY
