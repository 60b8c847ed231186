"""Real processes that die or stand still while a member is at it: what is told, and how soon all is well again."""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from http.client import HTTPException

import psutil
import pytest

from tests.support.chat import Member
from tests.support.product import Product

pytestmark = [pytest.mark.stack, pytest.mark.timeout(900)]

RECOVERY_SECONDS = 60.0
IS_LONG = bool(os.environ.get("MADOGUCHI_PROOF_FAULTS"))
_MODULES = {"web": "bot.app", "jobs": "bot.jobs", "actions": "actions", "rasa": "rasa"}
_PATIENCE_SECONDS = 400.0

Fault = Callable[[Product], Callable[[], None] | None]
"""Puts a fault in, and gives what takes it out, if it does not pass by itself."""


def process_of(product: Product, name: str) -> psutil.Process:
    wanted = _MODULES[name]
    for process in product.processes():
        words = process.cmdline()
        if wanted in words or any(word.endswith(f"/{wanted}") for word in words):
            return process
    raise AssertionError(f"{name} does not run")


def killed(name: str) -> Fault:
    def put_in(product: Product) -> None:
        process_of(product, name).kill()

    return put_in


def stopped(product: Product) -> Callable[[], None]:
    rasa = process_of(product, "rasa")
    rasa.suspend()
    return rasa.resume


FAULTS: dict[str, Fault] = {
    "web dies": killed("web"),
    "jobs dies": killed("jobs"),
    "rasa stands still": stopped,
}
if IS_LONG:
    # These take as long as their start: `test_main_job` has one in which all die.
    FAULTS |= {"actions dies": killed("actions"), "rasa dies": killed("rasa")}


@pytest.mark.parametrize("fault", FAULTS)
def test_what_was_wished_is_filed_once(product: Product, fault: str, capsys: pytest.CaptureFixture[str]) -> None:
    member = Member(product.url)
    member.say("自分の個人情報を開示してください")
    take_out = FAULTS[fault](product)
    told = press_once(member)
    if take_out is not None:
        assert not product.is_ready()
        take_out()
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
        print(f"\n{fault}: {recovery:.1f} s")  # noqa: T201 - a proof tells its figures
    # A machine that does much else starts a process slowly; the long form is for one that does not.
    assert recovery <= RECOVERY_SECONDS or not IS_LONG


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
