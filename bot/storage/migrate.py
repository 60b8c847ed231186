"""Brings a database to the schema of this version."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config

_INI = Path(__file__).parents[2] / "alembic.ini"


def upgrade(url: str, revision: str = "head") -> None:
    """Migrates the database at `url`; a database that is current stays as it is."""
    command.upgrade(_config(url), revision)


def downgrade(url: str, revision: str) -> None:
    """Takes migrations back to `revision` (`base` for all); the data of dropped columns and tables are lost."""
    command.downgrade(_config(url), revision)


def _config(url: str) -> Config:
    config = Config(_INI)
    config.attributes["url"] = url
    return config
