"""Limits on asking for one-time codes and on trying them, by network address and for everybody together.

Per mailbox and per code the register has its own limits; these stand before them, where one visitor goes through many
numbers. They are counted in the register's database, not where chats are counted: a guess at somebody's code must
never be without a limit because a storage beside it is away, and where the register is away no code can be tried
anyway. They are counted and committed in a transaction of their own, first: a step that fails or is rolled back
gives no guess back, and the one row of everybody's count is locked for a moment only.
"""

from __future__ import annotations

import asyncio
import math
from dataclasses import dataclass

import structlog
from aiohttp import web
from sqlalchemy.exc import SQLAlchemyError

from bot.channels.gateway import Gateway
from bot.channels.rates.addresses import Addresses
from bot.channels.rates.limit import Limit, LimitIsReachedError
from bot.errors import UnavailableError
from bot.storage.engine import transaction
from bot.storage.rate_counts import count

log = structlog.get_logger()


class CodesCannotBeCountedError(UnavailableError):
    """The register is away, so that nobody may ask for or try a code now."""


@dataclass(frozen=True)
class CodeLimits:
    """Counts wishes and tries; whoever offers either asks here first."""

    gateway: Gateway
    addresses: Addresses

    async def admit_wish(self, request: web.Request) -> None:
        """Counts one wish for a code.

        Raises:
            LimitIsReachedError: there were too many.
            CodesCannotBeCountedError: the register is away.
        """
        await self._admit(request, Limit.ADDRESS_CODE_WISHES, Limit.ALL_CODE_WISHES)

    async def admit_try(self, request: web.Request) -> None:
        """Counts one try of a code, whichever code it is; raises what `admit_wish` does."""
        await self._admit(request, Limit.ADDRESS_CODE_TRIES, Limit.ALL_CODE_TRIES)

    async def _admit(self, request: web.Request, of_address: Limit, of_all: Limit) -> None:
        address = self.addresses.key_of(request)
        # Everybody's row comes last, always: so two that wait for each other's rows cannot be.
        wanted = [(of_address, address), (of_all, "")] if address else [(of_all, "")]
        try:
            await asyncio.to_thread(self._count, wanted)
        except LimitIsReachedError as error:
            self.gateway.metrics.rate_refused.labels(error.limit).inc()
            raise
        except (SQLAlchemyError, UnavailableError) as error:
            self.gateway.metrics.rate_errors.labels(of_all).inc()
            log.warning("codes_not_counted", limit=of_all, error=type(error).__name__)
            raise CodesCannotBeCountedError("codes cannot be counted now") from None

    def _count(self, wanted: list[tuple[Limit, str]]) -> None:
        now, controller = self.gateway.clock(), self.gateway.controller
        with transaction(self.gateway.engine) as session:
            for limit, key in wanted:
                rates = limit.rates(self.gateway.settings)
                until = count(session, limit, controller=controller, key=key, rates=rates, now=now)
                if until is not None:
                    raise LimitIsReachedError(limit, math.ceil((until - now).total_seconds()))


def code_limits(gateway: Gateway) -> CodeLimits:
    """The limits of this installation."""
    return CodeLimits(gateway, Addresses.of(gateway.settings, gateway.vault))
