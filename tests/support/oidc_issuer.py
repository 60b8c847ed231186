"""An identity provider on loopback: discovery, authorization, token and keys, as OpenID Connect Core 1.0 has them.

It checks its client as a real one does (secret, redirect address, PKCE, one use of a code) and can be told to misbehave
in its token.
"""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from aiohttp import encode_basic_auth, web
from aiohttp.test_utils import TestServer
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet, OctKey, RSAKey

CLIENT_ID = "madoguchi-console"
CLIENT_SECRET = "a client's secret of more than thirty-two bytes"
_RSA = RSAKey.generate_key(2048, {"kid": "rsa", "use": "sig"})
_EC = ECKey.generate_key("P-256", {"kid": "ec", "use": "sig"})
_STRANGERS = RSAKey.generate_key(2048, {"kid": "rsa", "use": "sig"})


def signed_rs256(claims: dict[str, Any]) -> str:
    """A token as it should be."""
    return jwt.encode({"alg": "RS256", "kid": "rsa"}, claims, _RSA)


def signed_es256(claims: dict[str, Any]) -> str:
    """A token by the issuer's other key."""
    return jwt.encode({"alg": "ES256", "kid": "ec"}, claims, _EC)


def signed_by_a_stranger(claims: dict[str, Any]) -> str:
    """A token by another key of the same name."""
    return jwt.encode({"alg": "RS256", "kid": "rsa"}, claims, _STRANGERS)


def signed_with_the_clients_secret(claims: dict[str, Any]) -> str:
    """A token that everybody who knows the client's secret could make."""
    return jwt.encode({"alg": "HS256"}, claims, OctKey.import_key(CLIENT_SECRET))


def unsigned(claims: dict[str, Any]) -> str:
    """A token that nobody has signed (alg none)."""
    parts = (json.dumps(part).encode() for part in ({"alg": "none"}, claims))
    return ".".join(base64.urlsafe_b64encode(part).rstrip(b"=").decode() for part in parts) + "."


@dataclass
class Issuer:
    """What the provider knows, and how it is told to misbehave; `url` is its name.

    A console of a test listens on a port that it does not know beforehand: browsers are sent to `really_at` then,
    where it is set, instead of to the host of `redirect_uri`.
    """

    url: str = ""
    redirect_uri: str = ""
    really_at: str = ""
    person: dict[str, Any] = field(
        default_factory=lambda: {"sub": "subject-1", "email": "sato@example.jp", "email_verified": True}
    )
    claims: dict[str, Any] = field(default_factory=dict)
    sign: Callable[[dict[str, Any]], str] = signed_rs256
    discovery: dict[str, Any] = field(default_factory=dict)
    error: str = ""
    is_down: bool = False
    asked: list[dict[str, str]] = field(default_factory=list)
    _waiting: dict[str, dict[str, str]] = field(default_factory=dict)

    def app(self) -> web.Application:
        """The provider's own server."""
        app = web.Application()
        app.router.add_get("/.well-known/openid-configuration", self._discover)
        app.router.add_get("/authorize", self._authorize)
        app.router.add_post("/token", self._token)
        app.router.add_get("/keys", self._keys)
        return app

    async def _discover(self, _request: web.Request) -> web.Response:
        if self.is_down:
            return web.Response(status=503)
        document = {
            "issuer": self.url,
            "authorization_endpoint": f"{self.url}/authorize",
            "token_endpoint": f"{self.url}/token",
            "jwks_uri": f"{self.url}/keys",
            "response_types_supported": ["code"],
            "code_challenge_methods_supported": ["S256"],
        }
        return web.json_response(document | self.discovery)

    async def _authorize(self, request: web.Request) -> web.Response:
        asked = dict(request.query)
        self.asked.append(asked)
        if (asked["client_id"], asked["redirect_uri"]) != (CLIENT_ID, self.redirect_uri):
            return web.Response(status=400, text="unknown client or redirect")
        if self.error:
            raise self._back(error=self.error, state=asked["state"])
        code = secrets.token_urlsafe(16)
        self._waiting[code] = asked
        raise self._back(code=code, state=asked["state"])

    def _back(self, **told: str) -> web.HTTPFound:
        return web.HTTPFound(f"{self.really_at or self.redirect_uri}?{urlencode(told)}")

    async def _token(self, request: web.Request) -> web.Response:
        form = await request.post()
        asked = self._waiting.pop(str(form.get("code")), None)
        challenge = hashlib.sha256(str(form.get("code_verifier")).encode()).digest()
        if (
            asked is None
            or not self._is_client(request, dict(form))
            or form.get("redirect_uri") != self.redirect_uri
            or base64.urlsafe_b64encode(challenge).rstrip(b"=").decode() != asked.get("code_challenge")
        ):
            return web.json_response({"error": "invalid_grant"}, status=400)
        now = int(time.time())
        claims = {"iss": self.url, "aud": CLIENT_ID, "iat": now, "exp": now + 300, "nonce": asked["nonce"]}
        claims |= self.person | self.claims
        token = self.sign({name: value for name, value in claims.items() if value is not None})
        return web.json_response({"access_token": "opaque", "token_type": "Bearer", "id_token": token})

    def _is_client(self, request: web.Request, form: dict[str, Any]) -> bool:
        if "client_secret_post" in self.discovery.get("token_endpoint_auth_methods_supported", []):
            return (form.get("client_id"), form.get("client_secret")) == (CLIENT_ID, CLIENT_SECRET)
        header = request.headers.get("Authorization", "")
        return header == encode_basic_auth(CLIENT_ID, CLIENT_SECRET)

    async def _keys(self, _request: web.Request) -> web.Response:
        return web.json_response(KeySet([_RSA, _EC]).as_dict(private=False))


@asynccontextmanager
async def running_issuer(*, host: str = "127.0.0.1") -> AsyncIterator[Issuer]:
    """The provider on a port of loopback, under one of its names: to browsers the two are different sites."""
    issuer = Issuer()
    async with TestServer(issuer.app()) as server:
        issuer.url = str(server.make_url("").with_host(host)).rstrip("/")
        yield issuer
