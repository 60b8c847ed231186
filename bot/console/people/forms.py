"""What the forms about people sent."""

from __future__ import annotations

from aiohttp import web

from bot.console.frame.forms import field
from bot.staff.accounts import AccountIsWrongError, NewAccount
from bot.staff.people import Facts
from bot.staff.roles import Role

_MOST = 254


async def read_new_account(request: web.Request) -> NewAccount:
    """Somebody who is to be invited.

    Raises:
        AccountIsWrongError: there is no such role.
        FormIsWrongError: something is missing.
    """
    return NewAccount(
        id=await field(request, "id", most=_MOST, needed="ID"),
        name=await field(request, "name", most=_MOST, needed="名前"),
        email=await field(request, "email", most=_MOST, needed="メールアドレス"),
        role=await _role(request),
        sees_sensitive=bool(await field(request, "sees_sensitive")),
    )


async def read_facts(request: web.Request) -> Facts:
    """What an administrator chose for somebody.

    Raises:
        AccountIsWrongError: there is no such role.
        FormIsWrongError: something is missing.
    """
    return Facts(
        name=await field(request, "name", most=_MOST, needed="名前"),
        email=await field(request, "email", most=_MOST, needed="メールアドレス"),
        role=await _role(request),
        sees_sensitive=bool(await field(request, "sees_sensitive")),
        slack=await field(request, "slack", most=_MOST),
        deputy=await field(request, "deputy", most=_MOST),
    )


async def _role(request: web.Request) -> Role:
    try:
        return Role(await field(request, "role"))
    except ValueError:
        raise AccountIsWrongError("役割を選んでください") from None
