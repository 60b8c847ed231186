"""A connection to PostgreSQL that gives up on a server which stands still.

A server that is gone refuses or resets, and the driver says so. One that is frozen keeps its connections open and says
nothing, and libpq waits for it without end: with it would wait every thread that asked, and every member behind them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import psycopg
from psycopg.abc import PQGen
from psycopg.pq import TransactionStatus
from psycopg.rows import TupleRow

_T = TypeVar("_T")
_CONNECT_SECONDS = 3
_LOOK_SECONDS = 0.1


def connecting(seconds: float) -> Callable[..., psycopg.Connection[TupleRow]]:
    """What opens connections on which no statement is waited for longer than `seconds`."""

    class Patient(psycopg.Connection[TupleRow]):
        def wait(self, gen: PQGen[_T], interval: float = _LOOK_SECONDS, timeout: float | None = None) -> _T:
            try:
                return super().wait(gen, interval=interval, timeout=seconds if timeout is None else timeout)
            except psycopg.OperationalError:
                # Still in the middle of the statement: it was us who gave up. Nobody knows how it ended, so that
                # the connection is of no more use.
                if self.pgconn.transaction_status == TransactionStatus.ACTIVE:
                    self.pgconn.finish()
                raise

    def connect(_dialect: object, _record: object, given: tuple[str, ...], named: dict[str, Any]) -> Patient:
        return Patient.connect(*given, **({"connect_timeout": _CONNECT_SECONDS} | named))

    return connect
