"""Do the settings have the keys that open a backup."""

from __future__ import annotations

from collections.abc import Iterator

from bot.backup.manifest import Manifest, NeededKey
from bot.errors import BadInputError
from bot.storage.encryption import Vault


class KeysAreMissingError(BadInputError):
    """Values of the backup were sealed with keys that the settings do not have; nothing was changed."""


def require_keys(vault: Vault, manifest: Manifest) -> None:
    """Makes sure that what was sealed with a key of the settings can be opened at all.

    Raises:
        KeysAreMissingError: none of its keys is set.
    """
    missing = _missing(vault, manifest)
    named = [key for key in manifest.keys if key.name and not key.by_period]
    # What was sealed before values named their keys may look as if it did, so that a name alone is no proof.
    if missing and len(missing) == len(named):
        names = ", ".join(f"{key.name} ({key.values} values)" for key in missing)
        raise KeysAreMissingError(
            f"none of the keys that are set opens this backup, which needs {names}: MADOGUCHI_ENCRYPTION_KEY or, for "
            "keys of before, MADOGUCHI_ENCRYPTION_KEYS_BEFORE"
        )


def what_does_not_open(vault: Vault, manifest: Manifest) -> Iterator[str]:
    """One sentence for each key that is not there; period keys, of which many may have been destroyed, in one."""
    for key in _missing(vault, manifest):
        yield f"{key.values} values need the key {key.name}, which is not set: `madoguchi keys status` counts them"
    there = {one.key.name for one in vault.period_keys.look()} if vault.period_keys is not None else set()
    gone = [key for key in manifest.keys if key.by_period and key.name not in there]
    if gone:
        values = sum(key.values for key in gone)
        yield f"{values} values need {len(gone)} period keys that are not there: destroyed since, or not restored"


def _missing(vault: Vault, manifest: Manifest) -> list[NeededKey]:
    known = {key.name for key in vault.keyring}
    return [key for key in manifest.keys if key.name and not key.by_period and key.name not in known]
