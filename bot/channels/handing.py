"""Hands a conversation to one Rasa at a time, though there are several and each of them may die in the middle.

Every Rasa orders the turns of a conversation by a lock in its own memory, which no other one sees. So the database is
told, before a Rasa is asked, which one may be at the conversation, and until when. Another one gets it only when that
one has answered, was not reached at all, or must have ended what it did.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TypeVar

from sqlalchemy.orm import Session

from bot.channels.gateway import Gateway
from bot.channels.leasing import HeldLease
from bot.channels.rasa_client import RasaBrokeOffError, RasaFailedError, RasaIsAwayError, RasaWasNotReachedError
from bot.channels.shares import RASA_ENDS_SECONDS
from bot.storage import leases
from bot.storage.engine import transaction

_T = TypeVar("_T")

# Rasa's server looks at intervals of half that time whether a turn took too long.
_MAY_RUN_SECONDS = RASA_ENDS_SECONDS * 1.5 + 5
# Who closes a connection has most likely died, or ended the turn. Should something on the way have closed it, the turn
# does not stand still, and ends within the time that is waited for one.
_BREAKS_OFF_SECONDS = 5.0


class OneRasaIsAwayError(RasaIsAwayError):
    """The Rasa of this conversation is away; others are there, with conversations of their own."""


class AnotherRasaMayBeAtItError(OneRasaIsAwayError):
    """A Rasa that is away now may still be at this conversation: the next one has to wait."""


@dataclass
class Claim:
    """What the database says of one conversation: which Rasa may be at it.

    It is a lease in Rasa's name, beside the conversation's own, which whoever asks holds all the time (`lease`).
    """

    gateway: Gateway
    lease: HeldLease
    conversation_id: str
    _place: str = field(default="", init=False)
    _before: datetime | None = field(default=None, init=False)
    _is_over: bool = field(default=True, init=False)

    @property
    def _name(self) -> str:
        return f"rasa:{self.conversation_id}"

    def take(self, place: str) -> None:
        """Notes that this Rasa is asked now, and prolongs the conversation's lease with it.

        Raises:
            AnotherRasaMayBeAtItError: another one may still be at the conversation.
            LeaseIsTakenError: the conversation is another's by now.
        """
        now, owner = self.gateway.clock(), self.gateway.controller
        with transaction(self.gateway.engine, passing=True) as session:
            self.lease.renew_in(session)
            self._before = leases.held_until(session, self._name, holder=place, now=now)
            is_ours = leases.acquire(
                session, self._name, controller=owner, holder=place, now=now, seconds=_MAY_RUN_SECONDS
            )
        if not is_ours:
            raise AnotherRasaMayBeAtItError("another Rasa may still be at this conversation")
        self._place, self._is_over = place, False

    def was_not_begun(self) -> bool:
        """Takes back what `take` noted, since that Rasa was not reached.

        Returns:
            Whether another one may be asked: not if this one may still be at what it was asked before.
        """
        now = self.gateway.clock()
        if self._before is not None and self._before > now:
            self._keep_until(self._before, now)
            return False
        with transaction(self.gateway.engine, passing=True) as session:
            leases.release(session, self._name, holder=self._place)
        return True

    def note_break(self) -> None:
        """Notes that the Rasa that was asked broke off: it is not at it for as long as one that says nothing may be."""
        now = self.gateway.clock()
        ends = now + timedelta(seconds=self.gateway.settings.rasa_timeout + _BREAKS_OFF_SECONDS)
        self._keep_until(max(ends, self._before or ends), now)

    def _keep_until(self, until: datetime, now: datetime) -> None:
        owner, left = self.gateway.controller, (until - now).total_seconds()
        with transaction(self.gateway.engine, passing=True) as session:
            leases.acquire(session, self._name, controller=owner, holder=self._place, now=now, seconds=left)

    def note_end(self) -> None:
        """Rasa has answered, and is at nothing any more; `release_in` then says so to others."""
        self._is_over = True

    def release_in(self, session: Session) -> None:
        """Lets any Rasa have the conversation next, unless the one that was asked may still be at it."""
        if self._is_over and self._place:
            leases.release(session, self._name, holder=self._place)

    def release(self) -> None:
        """As `release_in`, in a transaction of its own."""
        with transaction(self.gateway.engine, passing=True) as session:
            self.release_in(session)


async def hand(claim: Claim, ask: Callable[[str], Awaitable[_T]]) -> _T:
    """Asks the Rasa that has this conversation, or the next one, if that cannot be reached and is not at it.

    Args:
        claim: of the conversation, whose lease the caller holds.
        ask: asks the Rasa at this address.

    Raises:
        RasaIsAwayError: none was reached; or one was, and did not answer in time.
        RasaFailedError: one answered, but not with an answer.
    """
    shares = claim.gateway.rasa.shares
    missed = RasaIsAwayError("no Rasa was asked")
    for place in shares.order(claim.conversation_id):
        await asyncio.to_thread(claim.take, place)
        try:
            answer = await ask(place)
        except RasaWasNotReachedError as error:
            missed = error
            if not await asyncio.to_thread(claim.was_not_begun):
                break
        except RasaFailedError:
            claim.note_end()
            raise
        except RasaIsAwayError as error:
            missed = error
            if isinstance(error, RasaBrokeOffError):
                await asyncio.to_thread(claim.note_break)
            break
        else:
            claim.note_end()
            return answer
    if len(shares.places) > 1 and shares.is_one_there():
        raise OneRasaIsAwayError(str(missed)) from missed
    raise missed
