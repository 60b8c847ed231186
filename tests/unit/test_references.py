"""The number of a turn is the same everywhere; whatever is logged meanwhile has it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator

import pytest
import structlog

from bot import logs
from bot.references import new_reference, of_turn, present, refer, referring

TURN = "7f3a9c21" + "0" * 24


@pytest.fixture(autouse=True)
def production_logs() -> Iterator[None]:
    logs.configure("INFO")
    yield
    structlog.reset_defaults()


def test_a_turn_has_one_number_and_what_is_none_gets_a_new_one() -> None:
    assert of_turn(TURN) == of_turn(TURN) == "7f3a9c21"
    assert len({of_turn(""), of_turn(None), new_reference(), new_reference()}) == 4
    assert {len(of_turn("")), len(of_turn(None)), len(new_reference())} == {8}


def test_outside_of_everything_each_failure_has_a_number_of_its_own() -> None:
    assert present() != present()


async def test_lines_of_threads_have_it_and_later_ones_do_not(capsys: pytest.CaptureFixture[str]) -> None:
    log = structlog.get_logger()
    with referring("11111111"):
        await asyncio.to_thread(log.info, "in_a_thread")
        refer(of_turn(TURN))
        log.info("known_by_now", reference=present())
    log.info("afterwards")
    first, second, last = map(json.loads, capsys.readouterr().out.splitlines())
    assert (first["reference"], second["reference"]) == ("11111111", "7f3a9c21")
    assert "reference" not in last
