"""The tables of the vectors, where PostgreSQL keeps them: an index, and a row for each of its vectors.

A vector is an array of floats and becomes pgvector's type in the query, so that these tables are made on every
database, whether its server has the extension or not (docs/decisions.md). Nothing in them is about a member.
"""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from sqlalchemy import ARRAY, REAL, ForeignKeyConstraint, Index, Integer, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from bot.storage.engine import Base
from bot.storage.types import CONTROLLER, HASH, UtcDateTime
from bot.storage.walls import Owned

Unit = Literal["sentence", "passage"]

# SQLite searches no vectors; the tables are there and stay empty.
_FLOATS = ARRAY(REAL, dimensions=1).with_variant(LargeBinary, "sqlite")


class StoredIndex(Owned, Base):
    """The index of one version of a policy by one model: whole, since it is written with its rows or not at all.

    `release` is the digest of `manifest`; `digest` that of all vectors, by which damage shows.
    """

    __tablename__ = "vector_index"
    __table_args__ = (Index("ix_vector_index_version", "controller", "policy", "version", "built_at"),)

    controller: Mapped[str] = mapped_column(CONTROLLER, primary_key=True)
    release: Mapped[str] = mapped_column(String(16), primary_key=True)
    policy: Mapped[str] = mapped_column(String(128))
    version: Mapped[str] = mapped_column(String(64))
    model: Mapped[str] = mapped_column(Text)
    manifest: Mapped[str] = mapped_column(Text)
    sentences: Mapped[int] = mapped_column(Integer)
    passages: Mapped[int] = mapped_column(Integer)
    hub: Mapped[list[float]] = mapped_column(_FLOATS)
    digest: Mapped[str] = mapped_column(HASH)
    built_at: Mapped[datetime] = mapped_column(UtcDateTime)


class StoredVector(Owned, Base):
    """The vector of a sentence or passage; `place` counts those of a policy in its order, from 0."""

    __tablename__ = "vector_row"
    __table_args__ = (
        ForeignKeyConstraint(
            ["controller", "release"],
            ["vector_index.controller", "vector_index.release"],
            name="fk_vector_row_index",
            ondelete="CASCADE",
        ),
    )

    controller: Mapped[str] = mapped_column(CONTROLLER, primary_key=True)
    release: Mapped[str] = mapped_column(String(16), primary_key=True)
    unit: Mapped[Unit] = mapped_column(String(8), primary_key=True)
    place: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    vector: Mapped[list[float]] = mapped_column(_FLOATS)
