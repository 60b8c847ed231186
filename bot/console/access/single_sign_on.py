"""Log-in by the owner's identity provider: away to it, and back."""

from __future__ import annotations

import base64
import binascii

from aiohttp import web
from pydantic import ValidationError
from sqlalchemy.orm import Session

from bot.console.access.entry import agent_of, cookie_of, keep, let_in
from bot.console.access.provider import Begun, IdentityIsRefusedError, Provider, Returned
from bot.console.frame.parts import Console, console_of
from bot.console.frame.rendering import page, see
from bot.staff.identities import Identity, account_for
from bot.staff.sessions import open_session
from bot.staff.trail import About, StaffAction, note_of
from bot.storage.encryption import SealIsBrokenError, Vault

_BEGUN = "oidc"
_MINUTES = 10
_STRANGER = "stranger"
_PLACE = {"table": "oidc", "row": "begun", "column": "cookie"}


class ProviderIsOffError(IdentityIsRefusedError):
    """The owner has set no identity provider."""

    def __init__(self) -> None:
        super().__init__("off")


async def begin(request: web.Request) -> web.StreamResponse:
    """Sends the browser to the provider.

    This is a link and no form: a form's post must not be redirected to another host (the policy's form-action).
    """
    console = console_of(request)
    provider = _provider(console)
    url, begun = await provider.begin()
    response = see(url)
    # Lax, since the browser comes back from another site; it holds nothing but this one log-in.
    keep(request, response, cookie_of(request, _BEGUN), _sealed(begun, console.vault), strict=False)
    response.cookies[cookie_of(request, _BEGUN)]["max-age"] = str(_MINUTES * 60)
    raise response


async def come_back(request: web.Request) -> web.StreamResponse:
    """Lets in whom the provider vouches for, if an account waits for them."""
    console = console_of(request)
    try:
        identity = await _identity(request, console)
        token = await console.write(lambda session: _enter(session, console, identity, agent_of(request)))
    except IdentityIsRefusedError as error:
        await _note_refusal(console, error.why)
        return _refused(request, str(error))
    if token is None:
        return _refused(
            request, "この組織のアカウントに対応する利用者がいないか、無効になっています。管理者にお尋ねください。"
        )
    # The session's cookie comes with no request that another site has caused, as this one was: so a page of our own
    # goes on to the first screen.
    response = page(request, "access/entered.html", {})
    await let_in(request, response, token)
    response.del_cookie(cookie_of(request, _BEGUN), path="/")
    return response


async def _identity(request: web.Request, console: Console) -> Identity:
    begun = _opened(request.cookies.get(cookie_of(request, _BEGUN), ""), console.vault)
    returned = Returned(*(request.query.get(name, "") for name in ("state", "code", "error")))
    return await _provider(console).finish(begun, returned, now=console.clock())


def _enter(session: Session, console: Console, identity: Identity, agent: str) -> str | None:
    now = console.clock()
    account = account_for(session, identity, controller=console.controller, now=now)
    if account is None:
        _note(session, console, StaffAction.LOGIN_FAILED, _STRANGER, About("account", fields=["oidc", "unknown"]))
        return None
    about = About("account", account.id, fields=["oidc"])
    _note(session, console, StaffAction.SESSION_OPENED, f"staff:{account.id}", about, account.role)
    return open_session(session, account, opened_by="oidc", agent=agent, now=now)


async def _note_refusal(console: Console, why: str) -> None:
    about = About("account", fields=["oidc", why])
    await console.write(lambda session: _note(session, console, StaffAction.LOGIN_FAILED, _STRANGER, about))


def _note(
    session: Session, console: Console, action: StaffAction, actor: str, about: About, role: str | None = None
) -> None:
    note_of(session, console.controller, actor, action, about, now=console.clock(), role=role)


def _refused(request: web.Request, text: str) -> web.Response:
    response = page(request, "access/refused.html", {"text": text})
    response.set_status(403)
    response.del_cookie(cookie_of(request, _BEGUN), path="/")
    return response


def _provider(console: Console) -> Provider:
    provider = Provider(console.settings)
    if not provider.is_on:
        raise ProviderIsOffError
    return provider


def _sealed(begun: Begun, vault: Vault) -> str:
    return base64.urlsafe_b64encode(vault.seal(begun.model_dump_json(), **_PLACE)).decode()


def _opened(cookie: str, vault: Vault) -> Begun:
    try:
        return Begun.model_validate_json(vault.open(base64.urlsafe_b64decode(cookie), **_PLACE))
    except (binascii.Error, ValueError, SealIsBrokenError, ValidationError):
        raise IdentityIsRefusedError("state") from None
