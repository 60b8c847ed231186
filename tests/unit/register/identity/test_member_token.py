from __future__ import annotations

import base64
import hashlib
import hmac
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePrivateKey, generate_private_key
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key as generate_rsa_key
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from jwt.algorithms import ECAlgorithm, OKPAlgorithm, RSAAlgorithm
from pydantic import SecretStr

from bot.errors import BadInputError
from bot.register.errors import MemberTokenIsRefusedError
from bot.register.identity.member_token import MemberTokenKeys
from bot.settings import Settings
from bot.storage.encryption import Vault

Key = EllipticCurvePrivateKey | Ed25519PrivateKey | RSAPrivateKey

NOW = datetime(2026, 11, 23, 1, 30, tzinfo=UTC)
FIRST, SECOND, STRANGER = (generate_private_key(SECP256R1()) for _ in range(3))
ED = Ed25519PrivateKey.generate()
RSA = generate_rsa_key(65537, 2048)


def public(key: Key, kid: str, **more: str) -> dict[str, Any]:
    if isinstance(key, EllipticCurvePrivateKey):
        members = ECAlgorithm.to_jwk(key.public_key(), as_dict=True)
    elif isinstance(key, Ed25519PrivateKey):
        members = OKPAlgorithm.to_jwk(key.public_key(), as_dict=True)
    else:
        members = RSAAlgorithm.to_jwk(key.public_key(), as_dict=True)
    return {**members, "kid": kid, **more}


def keys(*members: dict[str, Any]) -> MemberTokenKeys:
    text = json.dumps({"keys": members}) if members else ""
    return MemberTokenKeys.from_settings(Settings(member_token_keys=SecretStr(text)))


CLAIMS = {"sub": "member-4711", "aud": "madoguchi", "exp": NOW + timedelta(minutes=5)}


def signed(key: Key = FIRST, kid: str | None = "first", algorithm: str = "ES256", **changes: object) -> str:
    claims = {name: value for name, value in {**CLAIMS, **changes}.items() if value is not None}
    return jwt.encode(claims, key, algorithm=algorithm, headers={"kid": kid} if kid else None)


@pytest.mark.parametrize(
    ("key", "algorithm", "more"),
    [(FIRST, "ES256", {}), (ED, "EdDSA", {}), (RSA, "RS256", {}), (RSA, "PS256", {"alg": "PS256"})],
)
def test_a_token_names_its_member_by_a_keyed_hash(vault: Vault, key: Key, algorithm: str, more: dict[str, str]) -> None:
    token = signed(key, algorithm=algorithm)

    read = keys(public(key, "first", **more)).read(token, now=NOW, vault=vault)

    assert read.subject_hash == vault.keyed_hash("member-4711", purpose="member_subject")


def test_keys_are_changed_while_both_are_good(vault: Vault) -> None:
    old, both, new = keys(public(FIRST, "a")), keys(public(FIRST, "a"), public(SECOND, "b")), keys(public(SECOND, "b"))
    by_old, by_new = signed(FIRST, "a"), signed(SECOND, "b")

    assert old.read(by_old, now=NOW, vault=vault) == both.read(by_old, now=NOW, vault=vault)
    assert both.read(by_new, now=NOW, vault=vault) == new.read(by_new, now=NOW, vault=vault)
    for ring, token in ((new, by_old), (old, by_new)):
        with pytest.raises(MemberTokenIsRefusedError):
            ring.read(token, now=NOW, vault=vault)


def hs256_with_the_public_key() -> str:
    secret = FIRST.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    header, payload = (
        base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=")
        for part in (
            {"alg": "HS256", "typ": "JWT", "kid": "first"},
            {**CLAIMS, "exp": int(NOW.timestamp()) + 300},
        )
    )
    signature = hmac.digest(secret, header + b"." + payload, hashlib.sha256)
    return b".".join((header, payload, base64.urlsafe_b64encode(signature).rstrip(b"="))).decode()


def changed_payload() -> str:
    header, _, signature = signed().split(".")
    other = signed(sub="member-1").split(".")[1]
    return f"{header}.{other}.{signature}"


REFUSED = {
    "wrong key": signed(STRANGER),
    "unknown kid": signed(kid="third"),
    "no kid": signed(kid=None),
    "kid of another key": signed(SECOND, "first"),
    "alg none": jwt.encode(CLAIMS, "", algorithm="none", headers={"kid": "first"}),
    "HS256 with the public key": hs256_with_the_public_key(),
    "another algorithm": signed(RSA, algorithm="RS256"),
    "changed": changed_payload(),
    "over": signed(exp=NOW),
    "good for too long": signed(exp=NOW + timedelta(minutes=10, seconds=1)),
    "no end": signed(exp=None),
    "an end that is none": signed(exp="soon"),
    "an end beyond numbers": signed(exp=float("nan")),
    "not yet": signed(nbf=NOW + timedelta(seconds=1)),
    "wrong audience": signed(aud="somebody else"),
    "no audience": signed(aud=None),
    "no member": signed(sub=None),
    "empty member": signed(sub=""),
    "endless member": signed(sub="x" * 256),
    "no token": "a.b.c",
    "nothing": "",
    "no ASCII": "日本語",
    "too long": signed(note="x" * 5000),
}


@pytest.mark.parametrize("token", REFUSED.values(), ids=REFUSED)
def test_what_is_not_right_is_refused_with_one_word(vault: Vault, token: str) -> None:
    ring = keys(public(FIRST, "first"), public(SECOND, "second"))

    with pytest.raises(MemberTokenIsRefusedError) as error:
        ring.read(token, now=NOW, vault=vault)

    assert str(error.value) == "the member token is not accepted"
    assert error.value.__suppress_context__ or error.value.__context__ is None


def test_without_keys_nobody_is_believed(vault: Vault) -> None:
    with pytest.raises(MemberTokenIsRefusedError):
        keys().read(signed(), now=NOW, vault=vault)


@pytest.mark.parametrize("exp", [timedelta(seconds=1), timedelta(minutes=10)])
def test_the_last_moments_count(vault: Vault, exp: timedelta) -> None:
    assert keys(public(FIRST, "first")).read(signed(exp=NOW + exp), now=NOW, vault=vault)


PRIVATE = {**public(FIRST, "a"), **ECAlgorithm.to_jwk(FIRST, as_dict=True)}
SHORT = public(generate_rsa_key(65537, 1024), "a")  # noqa: S505 - the test wants it refused


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("{", "not a JWK set"),
        ("[]", "not a JWK set"),
        ('{"keys": 1}', "not a JWK set"),
        ('{"keys": ["x"]}', "not a JWK set"),
        (json.dumps({"keys": [{"kty": "EC"}]}), "key 1 needs a kid"),
        (json.dumps({"keys": [public(FIRST, "a"), public(SECOND, "a")]}), "key 2 needs a kid"),
        (json.dumps({"keys": [{"kty": "oct", "k": "c2VjcmV0", "kid": "a"}]}), "key 1 is not a public key"),
        (json.dumps({"keys": [PRIVATE]}), "key 1 is not a public key"),
        (json.dumps({"keys": [public(FIRST, "a", use="enc")]}), "key 1 is not a public key"),
        (json.dumps({"keys": [{"kty": "EC", "crv": "P-256", "kid": "a"}]}), "key 1 cannot be read"),
        (json.dumps({"keys": [{"kty": "??", "kid": "a"}]}), "key 1 cannot be read"),
        (json.dumps({"keys": [SHORT]}), "key 1 is too short"),
        (json.dumps({"keys": [public(RSA, "a", alg="RS512")]}), "key 1 signs by none of"),
    ],
)
def test_a_key_that_cannot_be_used_is_named_by_its_place(text: str, fault: str) -> None:
    with pytest.raises(BadInputError, match=fault) as error:
        MemberTokenKeys.from_settings(Settings(member_token_keys=SecretStr(text)))

    assert "c2VjcmV0" not in str(error.value)
