"""The number that a member quotes (照会番号): eight characters that their screen and our logs have in common.

A turn has one for good: the beginning of its random id, so that every process that works on it knows the number without
being told, hours later too. Whatever fails outside a turn gets one of its own.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager

from structlog.contextvars import bind_contextvars, bound_contextvars, get_contextvars

_LENGTH = 8
_NAME = "reference"


def new_reference() -> str:
    """A number for what belongs to no turn."""
    return secrets.token_hex(_LENGTH // 2)


def of_turn(turn_id: str | None) -> str:
    """The number of a turn; one made up where there is none."""
    return turn_id[:_LENGTH] if turn_id else new_reference()


def present() -> str:
    """The number of what is being done here; a new one where nobody said."""
    return str(get_contextvars().get(_NAME) or new_reference())


@contextmanager
def referring(reference: str) -> Iterator[None]:
    """Every line that is logged in the block, and in threads and tasks that it starts, has this number."""
    with bound_contextvars(**{_NAME: reference}):
        yield


def refer(reference: str) -> None:
    """As `referring`, from now on until the present task ends or the surrounding block does."""
    bind_contextvars(**{_NAME: reference})
