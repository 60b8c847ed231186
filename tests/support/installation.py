"""The settings of an installation of a test's own: a migrated database, known keys, the real corpus."""

from __future__ import annotations

import base64
import shutil
from pathlib import Path

from pydantic import SecretStr

from bot.settings import Settings

CORPUS = Path(__file__).resolve().parents[2] / "policy_corpus"


def installed(sqlite_template: Path, folder: Path) -> Settings:
    """Settings whose database is a copy of the migrated `sqlite_template` in `folder`; no local file is read."""
    database = folder / "madoguchi.db"
    shutil.copy(sqlite_template, database)
    key = SecretStr(base64.b64encode(bytes(32)).decode())
    return Settings(
        _env_file=None,
        data_dir=folder,
        corpus_dir=CORPUS,
        database_url=f"sqlite:///{database}",
        encryption_key=key,
        hash_key=key,
        internal_token=SecretStr("secret"),
    )
