"""The button pressed twice at once: one contact, one notice, whatever the rounds and the database."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from threading import Barrier
from typing import Any

from sqlalchemy import Engine, func, select

from bot.register.audit import Action, trail
from bot.register.details import read_details
from bot.register.errors import DetailsWereGivenError
from bot.register.models import Contact, Request
from bot.register.pages import issue_page, submit_details
from bot.register.requests import of_conversation
from bot.storage.encryption import Vault
from bot.storage.engine import transaction
from bot.storage.models import Outbound

ROUNDS = int(os.environ.get("MADOGUCHI_PROOF_ROUNDS", "25"))
PRESSES = 2
DETAILS = read_details({"role": "self", "name": "山田花子", "email": "hanako@example.com"})

Make = Callable[..., Any]


def test_the_button_pressed_twice_at_once_submits_once(
    engine: Engine, filed: Make, vault: Vault, now: datetime
) -> None:
    with ThreadPoolExecutor(PRESSES) as pool:
        for place in range(ROUNDS):
            conversation = f"{place:032x}"
            token = _page(engine, filed, conversation, now)
            barrier = Barrier(PRESSES)
            presses = [pool.submit(_press, engine, token, barrier, vault, now) for _ in range(PRESSES)]
            assert sorted(press.result() for press in presses) == [False, True]
            _expect_one(engine, conversation, contacts=place + 1)


def _page(engine: Engine, filed: Make, conversation: str, now: datetime) -> str:
    with transaction(engine) as session:
        filed(session, conversation_id=conversation)
        return issue_page(session, of_conversation(session, conversation)[0].draft_id, now=now)


def _press(engine: Engine, token: str, barrier: Barrier, vault: Vault, now: datetime) -> bool:
    barrier.wait(timeout=10)
    try:
        with transaction(engine) as session:
            submit_details(session, token, DETAILS, now=now, vault=vault, consent_version="1")
    except DetailsWereGivenError:
        return False
    return True


def _expect_one(engine: Engine, conversation: str, *, contacts: int) -> None:
    with transaction(engine) as session:
        [request] = session.scalars(select(Request).where(Request.conversation_id == conversation))
        assert request.state == "identity_pending"
        assert [event.action for event in trail(session, request.id)].count(Action.DETAILS_SUBMITTED) == 1
        assert session.scalar(select(func.count()).select_from(Contact)) == contacts
        assert session.scalar(select(func.count()).where(Outbound.kind == "receipt")) == contacts
