"""What the request's page works with: the gateway, the policy's desk file, and the two ways into the register."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from sqlalchemy.orm import Session

from bot.channels.gateway import Gateway
from bot.channels.proof_rules import ProofRules, read_proof_rules
from bot.desk import Desk
from bot.settings import Settings
from bot.storage.encryption import Vault
from bot.storage.engine import reading, transaction

T = TypeVar("T")


@dataclass(frozen=True)
class Office:
    """One installation's gateway with what only this page needs of the policy folder."""

    gateway: Gateway
    rules: ProofRules

    @property
    def desk(self) -> Desk:
        """Who to turn to."""
        return self.gateway.desk

    @property
    def settings(self) -> Settings:
        """The configuration."""
        return self.gateway.settings

    @property
    def vault(self) -> Vault:
        """Seals and opens."""
        return self.gateway.vault

    async def in_register(self, step: Callable[[Session, datetime], T]) -> T:
        """Runs a step in one transaction beside the event loop; it is committed unless the step raises."""

        def work() -> T:
            with transaction(self.gateway.engine) as session:
                return step(session, self.gateway.clock())

        return await asyncio.to_thread(work)

    async def of_register(self, look: Callable[[Session, datetime], T]) -> T:
        """What a look that changes nothing finds, beside the event loop; it waits for nobody who writes."""

        def work() -> T:
            with reading(self.gateway.engine) as session:
                return look(session, self.gateway.clock())

        return await asyncio.to_thread(work)


def open_office(gateway: Gateway) -> Office:
    """Reads the rules of proofs.

    Raises:
        BadInputError: it cannot be used.
    """
    return Office(gateway, read_proof_rules(gateway))
