"""The host site's word for who is logged in there: a short-lived signed token (JWT, RFC 7519; best practices RFC 8725).

The keys are a JWK set (RFC 7517) in the settings. Several may stand there at once, told apart by `kid`, so that the
host site can change its key without a moment in which nobody is believed.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import jwt
from jwt.types import Options

from bot.errors import BadInputError
from bot.register.errors import MemberTokenIsRefusedError
from bot.settings import Settings
from bot.storage.encryption import Vault

ALGORITHMS = ("ES256", "ES384", "EdDSA", "PS256", "RS256")
"""Asymmetric ones only: with a shared secret, whoever checks a token could also make one."""

LONGEST_LIFE = timedelta(minutes=10)

_LONGEST_TOKEN = 4096
_LONGEST_SUBJECT = 255
_OURS: Options = {"verify_exp": False, "verify_nbf": False, "verify_iat": False, "require": ["aud", "exp", "sub"]}
_SETTING = "MADOGUCHI_MEMBER_TOKEN_KEYS"


@dataclass(frozen=True)
class MemberToken:
    """Who is logged in at the host site, as a keyed hash: enough to see that two are the same person."""

    subject_hash: str


@dataclass(frozen=True)
class MemberTokenKeys:
    """The host site's public keys by their `kid`, and the audience its tokens must name; no keys believe nothing."""

    audience: str
    keys: Mapping[str, jwt.PyJWK] = field(repr=False)

    @classmethod
    def from_settings(cls, settings: Settings) -> MemberTokenKeys:
        """The keys of this installation.

        Raises:
            BadInputError: the setting is no JWK set of public signing keys, each with a `kid` of its own.
        """
        text = settings.member_token_keys.get_secret_value()
        return cls(settings.member_token_audience, _read_keys(text) if text else {})

    def read(self, token: str, *, now: datetime, vault: Vault) -> MemberToken:
        """Whom a token names, if one of the keys signed it, for us, and for these minutes.

        Raises:
            MemberTokenIsRefusedError: it did not; the reason is not told, since it would help only a forger.
        """
        try:
            claims = self._claims(token)
            moment = now.timestamp()
            ends, begins, subject = claims["exp"], claims.get("nbf", moment), claims["sub"]
            is_now = begins <= moment < ends <= moment + LONGEST_LIFE.total_seconds()
            is_named = 0 < len(subject) <= _LONGEST_SUBJECT
        except (jwt.PyJWTError, LookupError, TypeError, ValueError):
            raise MemberTokenIsRefusedError("the member token is not accepted") from None
        if not is_now or not is_named:
            raise MemberTokenIsRefusedError("the member token is not accepted")
        return MemberToken(vault.keyed_hash(subject, purpose="member_subject"))

    def _claims(self, token: str) -> dict[str, Any]:
        # The header is not to be believed yet: it only chooses among our keys, and the key alone says how it signs.
        # The times are compared by the caller, with the one clock of the product.
        if len(token) > _LONGEST_TOKEN:
            raise ValueError("longer than any token of ours")
        key = self.keys[jwt.get_unverified_header(token)["kid"]]
        return jwt.decode(token, key, algorithms=[key.algorithm_name], audience=self.audience, options=_OURS)


def _read_keys(text: str) -> dict[str, jwt.PyJWK]:
    try:
        members = json.loads(text)["keys"]
        given = [(member.get("kid"), member) for member in members]
    except (ValueError, LookupError, TypeError, AttributeError):
        raise BadInputError(f"{_SETTING} is not a JWK set: JSON of the form {{'keys': [...]}}") from None
    keys: dict[str, jwt.PyJWK] = {}
    for place, (kid, member) in enumerate(given, start=1):
        if not isinstance(kid, str) or not kid or kid in keys:
            raise BadInputError(f"{_SETTING}: key {place} needs a kid of its own")
        keys[kid] = _read_key(place, member)
    return keys


def _read_key(place: int, member: dict[str, Any]) -> jwt.PyJWK:
    # A private key here would let whoever reads our settings speak for every member of the host site.
    if "d" in member or "k" in member or member.get("use", "sig") != "sig":
        raise BadInputError(f"{_SETTING}: key {place} is not a public key for signatures")
    try:
        key = jwt.PyJWK(member)
        too_short = key.Algorithm.check_key_length(key.key)
    except (jwt.PyJWTError, TypeError, ValueError):
        raise BadInputError(f"{_SETTING}: key {place} cannot be read") from None
    if key.algorithm_name not in ALGORITHMS:
        raise BadInputError(f"{_SETTING}: key {place} signs by none of {', '.join(ALGORITHMS)}")
    if too_short:
        raise BadInputError(f"{_SETTING}: key {place} is too short")
    return key
