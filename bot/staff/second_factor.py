"""The second factor: six digits from an app that change every thirty seconds (RFC 6238), each good once."""

from __future__ import annotations

import base64
import hmac
import io
import re
import unicodedata
from datetime import datetime

import pyotp
import segno

from bot.staff.models import Account
from bot.storage.encryption import Vault

STEP_SECONDS = 30
# A clock may be a step off, and a code typed at the end of its time arrives after it (RFC 6238, 5.2).
_WINDOW = (-1, 0, 1)
_SECRET_BYTES = 20
_CODE = re.compile(r"[0-9]{6}")
_ISSUER = "窓口コンソール"
# A comparison with it costs what any other does, and never succeeds.
_NOBODYS = base64.b32encode(b"nobody's, nobody's..").decode()


def secret_for(setup_token: str, vault: Vault) -> str:
    """The secret that somebody with this set-up link is offered: always the same, so that looking changes nothing."""
    digest = vault.keyed_hash(setup_token, purpose="staff second factor")
    return base64.b32encode(bytes.fromhex(digest)[:_SECRET_BYTES]).decode()


def picture(secret: str, account_id: str) -> bytes:
    """The secret as a QR code that the apps read, as SVG."""
    uri = pyotp.TOTP(secret).provisioning_uri(name=account_id, issuer_name=_ISSUER)
    file = io.BytesIO()
    segno.make(uri, error="m", micro=False).save(file, kind="svg", scale=5, border=4, light="#fff")
    return file.getvalue()


def step_of(secret: str, code: str, *, after: int, now: datetime) -> int | None:
    """The step that a code belongs to, if it is right, of now, and later than the step `after`; otherwise None."""
    typed = re.sub(r"\s", "", unicodedata.normalize("NFKC", code))
    if not _CODE.fullmatch(typed):
        return None
    totp, current = pyotp.TOTP(secret), int(now.timestamp()) // STEP_SECONDS
    right = [step for step in (current + off for off in _WINDOW) if hmac.compare_digest(totp.generate_otp(step), typed)]
    return next((step for step in right if step > after), None)


def seal(account: Account, secret: str, vault: Vault) -> None:
    """Keeps the secret with its account."""
    account.sealed_totp = vault.seal(secret, table="staff_account", row=account.id, column="sealed_totp")


def secret_of(account: Account | None, vault: Vault) -> str:
    """The secret of an account; one that opens nothing where there is none."""
    if account is None or account.sealed_totp is None:
        return _NOBODYS
    return vault.open(account.sealed_totp, table="staff_account", row=account.id, column="sealed_totp")
