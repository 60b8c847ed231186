"""Settings of what is stored: databases, keys, digests, and the lists of what was deleted."""

from __future__ import annotations

from pathlib import Path

from pydantic import BaseModel, Field, SecretStr


class StorageSettings(BaseModel):
    """Where things are stored, and the keys to them."""

    # Storage.
    database_url: str = Field(
        "sqlite:///var/madoguchi.db",
        description="SQLAlchemy URL of register, inbox and outbox: sqlite:///… or postgresql+psycopg://…",
    )
    tracker_url: SecretStr = Field(
        SecretStr("sqlite:///var/tracker.db"),
        description="SQLAlchemy 1.4 URL of Rasa's own tracker database; only Rasa opens it.",
    )
    encryption_key: SecretStr = Field(
        SecretStr(""), description="Base64 of 32 random bytes: AES-256-GCM of personal data. Required to serve."
    )
    encryption_keys_before: SecretStr = Field(
        SecretStr(""),
        description="Keys, apart by spaces, that only open what they sealed, until `madoguchi keys rotate` has been "
        "through.",
    )
    period_keys_dir: Path | None = Field(
        None,
        description="Folder, outside the database and its backups, of the keys of each table's day, destroyed with "
        "what they sealed: for PostgreSQL, which keeps deleted bytes. Once set it stays set.",
    )
    hash_key: SecretStr = Field(
        SecretStr(""), description="Base64 of 32 random bytes: keyed hashes for lookup. Required to serve."
    )

    # What proves that the trails were not rewritten.
    digests_dir: Path | None = Field(
        None,
        description="Folder of the hourly digests of all trails, which has to exist: on another machine's mount, or on "
        "storage that is written once. Unset makes none, and then a rewritten trail may not show.",
    )
    digest_key: SecretStr = Field(
        SecretStr(""),
        description="Base64 of 32 random bytes: the Ed25519 key that signs digests. `madoguchi register digest-key` "
        "prints its public half.",
    )
    digest_old_keys: str = Field(
        "", description="Public halves, apart by spaces, of keys that signed digests before the present one."
    )

    # What a restored backup must forget again.
    deletions_dir: Path = Field(
        Path("var/deletions"),
        description="Folder, one for all processes, of the lists of what members deleted (ids alone), which `madoguchi "
        "backup restore` deletes again; on another disk than the database, or it is lost with it.",
    )
    deletions_days: int = Field(
        400, ge=1, description="Days these lists are kept: longer than any backup that may be restored."
    )
