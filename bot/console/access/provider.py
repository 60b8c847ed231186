"""The owner's identity provider: OpenID Connect's code flow with PKCE, and the checks of its id token.

The exchange is Authlib's, the token's signature and claims are joserfc's. What is checked, and why, stands in OpenID
Connect Core 1.0, 3.1.3.7, and RFC 9700 (best current practice of OAuth 2.0).
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

import httpx2
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.httpx_client import AsyncOAuth2Client
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from pydantic import BaseModel, Field, ValidationError

from bot.errors import BadInputError, UnavailableError
from bot.settings import Settings
from bot.staff.identities import Identity

CALLBACK_PATH = "/login/oidc/callback"
_DISCOVERY = "/.well-known/openid-configuration"
# Signatures by a key that only the issuer has: neither `none` nor anything made with the client's secret.
_ALGORITHMS = ["RS256", "PS256", "ES256"]
_LEEWAY_SECONDS = 60
_TIMEOUT_SECONDS = 10.0
_LOOPBACK = {"127.0.0.1", "localhost"}


class IdentityIsRefusedError(BadInputError):
    """The provider, or what it sent, lets nobody in; `why` is a word for the trail and the tests.

    Attributes:
        why: what was wrong: `state`, `denied`, `exchange`, `signature` or `claims`.
    """

    def __init__(self, why: str) -> None:
        super().__init__("組織のアカウントでログインできませんでした。")
        self.why = why


class Begun(BaseModel):
    """A log-in on its way, kept by the browser in a sealed cookie until it comes back."""

    state: str = Field(repr=False)
    nonce: str = Field(repr=False)
    verifier: str = Field(repr=False)


class _Metadata(BaseModel):
    """What we read of the provider's discovery document (OpenID Connect Discovery 1.0, 3)."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    token_endpoint_auth_methods_supported: list[str] = Field(default_factory=lambda: ["client_secret_basic"])


@dataclass(frozen=True)
class Returned:
    """What the browser brought back in the address of the callback."""

    state: str = field(repr=False)
    code: str = field(repr=False)
    error: str


class Provider:
    """The provider of the settings; nothing of it is kept between log-ins, so that its keys may change any time."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    @property
    def is_on(self) -> bool:
        """Whether the owner has set one."""
        return bool(self._settings.oidc_issuer and self._settings.oidc_client_id)

    async def begin(self) -> tuple[str, Begun]:
        """Where to send the browser, and what it has to bring back.

        Raises:
            UnavailableError: the provider does not answer, or not as one.
        """
        begun = Begun(state=_random(), nonce=_random(), verifier=_random())
        async with self._client() as client:
            metadata = await self._discover(client)
            url, _ = client.create_authorization_url(
                metadata.authorization_endpoint, state=begun.state, nonce=begun.nonce, code_verifier=begun.verifier
            )
        return url, begun

    async def finish(self, begun: Begun, returned: Returned, *, now: datetime) -> Identity:
        """Who has logged in there.

        Raises:
            IdentityIsRefusedError: the answer is none of this browser's, or its token does not hold.
            UnavailableError: the provider does not answer, or not as one.
        """
        if not secrets.compare_digest(begun.state.encode(), returned.state.encode()):
            raise IdentityIsRefusedError("state")
        if returned.error or not returned.code:
            raise IdentityIsRefusedError("denied")
        async with self._client() as client:
            metadata = await self._discover(client)
            token = await self._exchange(client, metadata, begun, returned.code)
            keys = await _json(client, metadata.jwks_uri)
        return self._identity(token, keys, begun, now=now)

    def _client(self) -> AsyncOAuth2Client:
        return AsyncOAuth2Client(
            self._settings.oidc_client_id,
            self._settings.oidc_client_secret.get_secret_value() or None,
            scope="openid email",
            redirect_uri=self._settings.console_url.rstrip("/") + CALLBACK_PATH,
            code_challenge_method="S256",
            timeout=_TIMEOUT_SECONDS,
            # Where the provider sends us on to somewhere else, it is not the provider that answers.
            follow_redirects=False,
        )

    async def _discover(self, client: AsyncOAuth2Client) -> _Metadata:
        issuer = self._settings.oidc_issuer
        try:
            metadata = _Metadata.model_validate(await _json(client, issuer.rstrip("/") + _DISCOVERY))
        except ValidationError:
            raise UnavailableError("the identity provider's discovery document lacks something") from None
        addresses = (metadata.authorization_endpoint, metadata.token_endpoint, metadata.jwks_uri)
        if metadata.issuer != issuer or not all(map(_is_safe, addresses)):
            raise UnavailableError("the identity provider's discovery document is another issuer's, or not of https")
        return metadata

    async def _exchange(self, client: AsyncOAuth2Client, metadata: _Metadata, begun: Begun, code: str) -> str:
        client.token_endpoint_auth_method = self._method(metadata)
        try:
            token = await client.fetch_token(
                metadata.token_endpoint, grant_type="authorization_code", code=code, code_verifier=begun.verifier
            )
        except httpx2.HTTPError:
            raise UnavailableError("the identity provider does not answer") from None
        except (AuthlibBaseError, ValueError):
            raise IdentityIsRefusedError("exchange") from None
        id_token = token.get("id_token")
        if not isinstance(id_token, str):
            raise IdentityIsRefusedError("exchange")
        return id_token

    def _method(self, metadata: _Metadata) -> str:
        if not self._settings.oidc_client_secret.get_secret_value():
            return "none"
        supported = metadata.token_endpoint_auth_methods_supported
        return "client_secret_basic" if "client_secret_basic" in supported else "client_secret_post"

    def _identity(self, token: str, keys: Any, begun: Begun, *, now: datetime) -> Identity:  # noqa: ANN401 - their JSON
        try:
            claims = jwt.decode(token, KeySet.import_key_set(keys), algorithms=_ALGORITHMS).claims
        except (JoseError, ValueError, KeyError, TypeError):
            raise IdentityIsRefusedError("signature") from None
        try:
            self._registry(begun, now).validate(claims)
        except JoseError:
            raise IdentityIsRefusedError("claims") from None
        if claims.get("azp", self._settings.oidc_client_id) != self._settings.oidc_client_id:
            raise IdentityIsRefusedError("claims")
        return _identity_of(claims)

    def _registry(self, begun: Begun, now: datetime) -> jwt.JWTClaimsRegistry:
        return jwt.JWTClaimsRegistry(
            now=int(now.timestamp()),
            leeway=_LEEWAY_SECONDS,
            iss={"essential": True, "value": self._settings.oidc_issuer},
            aud={"essential": True, "value": self._settings.oidc_client_id},
            sub={"essential": True},
            exp={"essential": True},
            iat={"essential": True},
            nonce={"essential": True, "value": begun.nonce},
        )


async def _json(client: httpx2.AsyncClient, url: str) -> Any:  # noqa: ANN401 - another's JSON, validated by callers
    try:
        # Before the exchange there is no token that Authlib could send along.
        response = await client.request("GET", url, withhold_token=True)  # type: ignore[call-arg]
        return response.raise_for_status().json()
    except (httpx2.HTTPError, httpx2.InvalidURL, ValueError):
        raise UnavailableError("the identity provider does not answer") from None


def _identity_of(claims: Mapping[str, Any]) -> Identity:
    email = claims.get("email")
    return Identity(
        issuer=claims["iss"],
        subject=claims["sub"],
        email=email if isinstance(email, str) else "",
        is_email_verified=claims.get("email_verified") is True,
    )


def _is_safe(url: str) -> bool:
    parts = urlsplit(url)
    return parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOOPBACK)


def _random() -> str:
    # RFC 7636, 4.1: a verifier has 43 to 128 characters.
    return secrets.token_urlsafe(48)
