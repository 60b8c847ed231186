"""What the register has to do by the clock, beside alerts and forgetting: codes, and what has waited long enough."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog

from bot.channels.gateway import Gateway
from bot.channels.pacing import Pace
from bot.register.identity.codes import make_wanted
from bot.register.identity.expiry import expire_identities
from bot.register.identity.proof_table import ProofTable, load_proof_table
from bot.storage.engine import transaction

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
        settings, controller = self.gateway.settings, self.gateway.controller
        with transaction(self.gateway.engine) as session:
            set_aside = expire_identities(
                session, controller=controller, now=now, days=settings.identity_days, table=self.proofs
            )
        if set_aside:
            log.info("register_tidied", set_aside=set_aside)
        self.gateway.deletions.forget(before=(now - timedelta(days=settings.deletions_days)).date())


def open_tidying(gateway: Gateway) -> Tidying:
    """The tidying of this installation.

    Raises:
        BadInputError: the owner's table of proofs cannot be used.
    """
    return Tidying(gateway, load_proof_table(gateway.settings.proofs_file))


def _make_codes(gateway: Gateway) -> None:
    with transaction(gateway.engine) as session:
        make_wanted(session, controller=gateway.controller, now=gateway.clock(), vault=gateway.vault)
