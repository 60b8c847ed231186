"""Secrets of a developer's machine: made once, kept in `var/local.env`, never in the repository.

In production every secret comes from the environment and this file is not written.
"""

from __future__ import annotations

import base64
import os
import secrets
from pathlib import Path

from bot.settings import PREFIX

_KEY_BYTES = 32


def _key() -> str:
    return base64.b64encode(secrets.token_bytes(_KEY_BYTES)).decode()


def _token() -> str:
    return secrets.token_urlsafe(_KEY_BYTES)


_MAKERS = {
    "ENCRYPTION_KEY": _key,
    "HASH_KEY": _key,
    "DIGEST_KEY": _key,
    "INTERNAL_TOKEN": _token,
}


def ensure_local_secrets(path: Path) -> list[str]:
    """Adds to `path` every secret that neither it nor the environment has; existing lines stay untouched.

    A lost encryption key makes personal data unreadable, so an existing value is never replaced.

    Returns:
        The names that were made now.
    """
    present = path.read_text(encoding="utf-8") if path.exists() else ""
    known = {line.partition("=")[0].strip() for line in present.splitlines()} | set(os.environ)
    missing = [name for name in (PREFIX + short for short in _MAKERS) if name not in known]
    if missing:
        lines = [f"{name}={_MAKERS[name.removeprefix(PREFIX)]()}\n" for name in missing]
        _replace(path, present + "".join(lines))
    return missing


def _replace(path: Path, text: str) -> None:
    # A half-written key file would be worse than none: write beside it, then rename.
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_suffix(".new")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)
