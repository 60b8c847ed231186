"""A restored backup brings back what members deleted since: the lists of deletions say what, and it goes again."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from bot.channels.deletion import erase_in, take_back_in
from bot.clock import CLOCKS_DIFFER
from bot.storage.deletion_list import Deleted, DeletionList, Sort
from bot.storage.encryption import SealIsBrokenError, Vault
from bot.storage.engine import transaction
from bot.storage.models import Conversation, Inbound


@dataclass
class Forgotten:
    """How much there was to forget."""

    conversations: int = 0
    turns: int = 0


def forget_again(
    engine: Engine, lists: Iterable[DeletionList], since: datetime, *, vault: Vault, now: datetime
) -> Forgotten:
    """Deletes what the lists name from this moment on; Rasa hears of it by the outbox, as of every deletion.

    What is held is hidden from its member, as it was when they deleted it.
    """
    forgotten = Forgotten()
    for one in (line for each in lists for line in each.since(since - CLOCKS_DIFFER)):
        with transaction(engine) as session:
            if one.sort is Sort.CONVERSATION:
                forgotten.conversations += _forget_conversation(session, one, now)
            else:
                forgotten.turns += _forget_turn(session, one, vault, now)
    return forgotten


def _forget_conversation(session: Session, one: Deleted, now: datetime) -> bool:
    row = session.get(Conversation, one.id)
    if row is None or row.deleted_at is not None or row.deletion_wanted_at is not None:
        return False
    erase_in(session, one.id, by_member=True, now=now)
    return True


def _forget_turn(session: Session, one: Deleted, vault: Vault, now: datetime) -> bool:
    row = session.get(Inbound, one.id)
    if row is None or row.sealed_event is None:
        return False
    # What no key opens any more is forgotten already.
    with suppress(SealIsBrokenError):
        take_back_in(session, vault, row, now=now)
    return True
