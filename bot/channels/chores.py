"""What the register has to do by the clock, beside alerts and forgetting: codes, and what has waited long enough."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog

from bot.channels.gateway import Gateway
from bot.channels.pacing import Pace
from bot.register.identity.codes import is_one_wanted, make_wanted
from bot.register.identity.expiry import expire_identities, is_one_to_expire
from bot.register.identity.proof_table import ProofTable, load_proof_table
from bot.storage.engine import reading, transaction

log = structlog.get_logger()

_BETWEEN_SWEEPS = timedelta(minutes=10)


async def make_codes(gateway: Gateway) -> None:
    """Makes the codes that members wait for; their mails go out in the same round."""
    await asyncio.to_thread(_make_codes, gateway)


@dataclass
class Tidying:
    """Sets aside what has waited long enough, and old lists of deletions; days count, minutes between do not matter."""

    gateway: Gateway
    proofs: ProofTable
    pace: Pace = field(default_factory=lambda: Pace(_BETWEEN_SWEEPS), init=False)

    async def sweep(self) -> None:
        """Tidies up, at most once in ten minutes."""
        now = self.gateway.clock()
        if self.pace.is_time(now):
            await asyncio.to_thread(self._sweep, now)

    def _sweep(self, now: datetime) -> None:
        self._set_aside(now)
        self.gateway.deletions.forget(before=(now - timedelta(days=self.gateway.settings.deletions_days)).date())

    def _set_aside(self, now: datetime) -> None:
        days, controller = self.gateway.settings.identity_days, self.gateway.controller
        with reading(self.gateway.engine) as session:
            if not is_one_to_expire(session, controller=controller, now=now, days=days, table=self.proofs):
                return
        with transaction(self.gateway.engine) as session:
            set_aside = expire_identities(session, controller=controller, now=now, days=days, table=self.proofs)
        if set_aside:
            log.info("register_tidied", set_aside=set_aside)


def open_tidying(gateway: Gateway) -> Tidying:
    """The tidying of this installation.

    Raises:
        BadInputError: the owner's table of proofs cannot be used.
    """
    return Tidying(gateway, load_proof_table(gateway.settings.proofs_file))


def _make_codes(gateway: Gateway) -> None:
    now, controller = gateway.clock(), gateway.controller
    with reading(gateway.engine) as session:
        if not is_one_wanted(session, controller=controller, now=now):
            return
    with transaction(gateway.engine) as session:
        make_wanted(session, controller=controller, now=now, vault=gateway.vault)
