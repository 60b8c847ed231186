"""Real processes that die or stand still while a member is at it: what is told, and how soon all is well again."""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Collection
from contextlib import ExitStack, closing
from http.client import HTTPException

import pytest
from _pytest.mark import ParameterSet

from tests.support.chat import Member
from tests.support.fault_processes import FAULTS, ProcessFault
from tests.support.product import Product

pytestmark = [pytest.mark.stack, pytest.mark.timeout(900)]

RECOVERY_SECONDS = 60.0
IS_LONG = bool(os.environ.get("MADOGUCHI_PROOF_FAULTS"))
_PATIENCE_SECONDS = 400.0


def rows() -> list[ParameterSet]:
    # `test_main_job` has, in the short form too, a fault in which all processes die.
    on_server: Collection[pytest.MarkDecorator] = (pytest.mark.postgres,)
    return [
        pytest.param(fault, id=fault.name, marks=on_server if fault.on_server else ())
        for fault in FAULTS
        if IS_LONG or not fault.is_long
    ]


@pytest.mark.parametrize("fault", rows())
def test_what_was_wished_is_filed_once(
    fault: ProcessFault, request: pytest.FixtureRequest, capsys: pytest.CaptureFixture[str]
) -> None:
    product: Product = request.getfixturevalue("product_on_server" if fault.on_server else "product")
    member = Member(product.url)
    member.say("自分の個人情報を開示してください")
    with ExitStack() as lasting:
        take_out = fault.put_in(product)
        if take_out is not None:
            lasting.callback(take_out)
        begun = time.monotonic()
        if fault.red:
            expect_red(product, fault.red)
        told = press_once(member)
        if take_out is not None:
            assert not product.is_ready()
            lasting.close()
            begun = time.monotonic()
    while not (product.is_ready() and told):
        assert time.monotonic() < begun + _PATIENCE_SECONDS, product.log()
        time.sleep(0.3)
        told |= press_once(member)
    recovery = time.monotonic() - begun
    with closing(sqlite3.connect(f"{product.folder}/madoguchi.db")) as database:
        held = [number for (number,) in database.execute("select number from request")]
    assert [held.count(number) for number in told] == [1]
    with capsys.disabled():
        print(f"\n{fault.name}: {recovery:.1f} s")  # noqa: T201 - a proof tells its figures
    # A machine that does much else starts a process slowly; the long form is for one that does not.
    assert recovery <= RECOVERY_SECONDS or not IS_LONG


def expect_red(product: Product, red: frozenset[str]) -> None:
    """Readyz tells of it, after a moment at the most."""
    deadline = time.monotonic() + RECOVERY_SECONDS
    while (found := product.red()) != red:
        assert time.monotonic() < deadline, f"readyz says {found}"
        time.sleep(0.1)


def press_once(member: Member) -> set[str]:
    """Presses what goes on; gives the number when there is a receipt.

    What is no answer is honest, and the same button is there again.
    """
    before = member.last
    if any("receipt" in message for message in before):
        return set()
    try:
        answer = member.press_first()
    except (OSError, HTTPException):
        return set()
    if any(message["kind"] == "error" for message in answer):
        assert all("support@mitsuraku.jp" in message["text"] for message in answer)
        member.last = before
    return {message["receipt"]["number"] for message in answer if "receipt" in message}
