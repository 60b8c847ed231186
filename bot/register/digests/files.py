"""One digest: what it says of the chains at one hour, the file that it is, and its signature.

A file is one line of JSON, `{"digest":{…},"signature":"…"}`. The signature (Ed25519, RFC 8032) is over the bytes of the
object `digest` as they stand there: keys in order, no blanks, ASCII. Each digest names the SHA-256 of the file before
it, so that one that was taken away shows. It is the idea of AWS CloudTrail's log file integrity validation
(https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-log-file-validation-intro.html).
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from bot.errors import BadInputError
from bot.register.digests.heads import KnownHead

_FORMAT = "madoguchi-heads/1"
_NAME = re.compile(r"heads-(\d{8}T\d{2})Z\.json")
_HOUR = "%Y%m%dT%H"
_HASH = re.compile(r"[0-9a-f]{64}")


class DigestIsForgedError(BadInputError):
    """A file is no digest, or not signed by a key that is accepted."""


@dataclass(frozen=True)
class Digest:
    """What is known of all chains at one hour.

    Attributes:
        hour: the beginning of the hour, in UTC.
        at: when it was made.
        chains: how many chains there are.
        events: how many events they have.
        heads_sha256: the hash over all heads (`Changes.sha256`).
        changed: the heads that the digests before do not know.
        gone: chains that the digests before know and that had no head any more.
        previous: the SHA-256 of the file before; None for the first one.
        key: the public key whose signature it bears, in base64.
    """

    hour: datetime
    at: datetime
    chains: int
    events: int
    heads_sha256: str
    changed: Sequence[KnownHead]
    gone: Sequence[str]
    previous: str | None
    key: str


def hour_of(moment: datetime) -> datetime:
    """The beginning of the hour in which a moment lies."""
    return moment.astimezone(UTC).replace(minute=0, second=0, microsecond=0)


def name_of(hour: datetime) -> str:
    """The name of an hour's file; names are in the order of the hours."""
    return f"heads-{hour:{_HOUR}}Z.json"


def hour_in(name: str) -> datetime | None:
    """The hour in the name of a digest; None for other files."""
    found = _NAME.fullmatch(name)
    try:
        return datetime.strptime(found[1], _HOUR).replace(tzinfo=UTC) if found else None
    except ValueError:
        return None


def read_private_key(text: str) -> Ed25519PrivateKey:
    """The key of a setting: base64 of 32 random bytes.

    Raises:
        BadInputError: it is none.
    """
    try:
        return Ed25519PrivateKey.from_private_bytes(base64.b64decode(text, validate=True))
    except (binascii.Error, ValueError):
        raise BadInputError("MADOGUCHI_DIGEST_KEY is not base64 of 32 bytes") from None


def public_key(key: Ed25519PrivateKey) -> str:
    """What checks its signatures, in base64."""
    return base64.b64encode(key.public_key().public_bytes_raw()).decode()


def write_digest(digest: Digest, key: Ed25519PrivateKey) -> bytes:
    """The content of its file."""
    said = _spelled(digest)
    signature = base64.b64encode(key.sign(said)).decode()
    return b'{"digest":%s,"signature":"%s"}\n' % (said, signature.encode())


def read_digest(content: bytes, keys: Sequence[str]) -> Digest:
    """What a file says, if one of the accepted keys has signed it.

    Raises:
        DigestIsForgedError: it is no digest, or none of these keys has signed it.
    """
    try:
        found = json.loads(content)
        digest = _parsed(found["digest"])
        signature = base64.b64decode(found["signature"], validate=True)
        if digest.key not in keys:
            raise DigestIsForgedError("signed by another key")
        Ed25519PublicKey.from_public_bytes(base64.b64decode(digest.key)).verify(signature, _spelled(digest))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise DigestIsForgedError("no digest") from None
    except InvalidSignature:
        raise DigestIsForgedError("the signature is not that of its content") from None
    return digest


def file_hash(content: bytes) -> str:
    """What the next digest says of this one."""
    return sha256(content).hexdigest()


def _spelled(digest: Digest) -> bytes:
    said = asdict(digest) | {
        "format": _FORMAT,
        "hour": f"{digest.hour:{_HOUR}}Z",
        "at": digest.at.astimezone(UTC).isoformat(),
        "changed": [list(head) for head in digest.changed],
    }
    return json.dumps(said, sort_keys=True, separators=(",", ":")).encode()


def _parsed(said: dict[str, Any]) -> Digest:
    if said["format"] != _FORMAT:
        raise DigestIsForgedError("a digest of another format")
    return Digest(
        hour=datetime.strptime(said["hour"], f"{_HOUR}Z").replace(tzinfo=UTC),
        at=datetime.fromisoformat(said["at"]),
        chains=int(said["chains"]),
        events=int(said["events"]),
        heads_sha256=_hash(said["heads_sha256"]),
        changed=[KnownHead(str(chain), int(position), _hash(own)) for chain, position, own in said["changed"]],
        gone=[str(chain) for chain in said["gone"]],
        previous=None if said["previous"] is None else _hash(said["previous"]),
        key=str(said["key"]),
    )


def _hash(text: str) -> str:
    if not _HASH.fullmatch(text):
        raise ValueError("no hash")
    return text
