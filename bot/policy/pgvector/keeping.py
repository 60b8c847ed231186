"""How vectors get into the database and are found there again: an index with all its rows, or nothing."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

import structlog
from sqlalchemy import ColumnElement, Engine, delete, insert, select, text
from sqlalchemy.orm import Session

from bot.clock import system_clock
from bot.policy.embedding import Vectors
from bot.policy.index_content import Content
from bot.policy.pgvector.index import Key
from bot.policy.pgvector.models import StoredIndex, StoredVector, Unit
from bot.storage.engine import reading, transaction

# A process of the release before may still search what a changed text or code has replaced.
_KEPT = 3
# Two who build the same do it one after the other; who builds something else waits for nobody.
_LOCK = "SELECT pg_advisory_xact_lock(hashtextextended(:name, 0))"
_UNITS: tuple[Unit, Unit] = ("sentence", "passage")
_DIGEST = """
SELECT encode(sha256(sha256(array_send(hub)) || coalesce((
    SELECT string_agg(sha256(array_send(vector)), '' ORDER BY unit, place) FROM vector_row
    WHERE vector_row.controller = vector_index.controller AND vector_row.release = vector_index.release
  ), '')), 'hex')
FROM vector_index WHERE controller = :controller AND release = :release
"""

log = structlog.get_logger(__name__)


def find(engine: Engine, key: Key) -> StoredIndex | None:
    """The index of this key, if it is there and none of its vectors is missing or another than was written."""
    with reading(engine) as session:
        return _sound(session, key)


def keep(engine: Engine, key: Key, manifest: Mapping[str, Any], content: Content) -> None:
    """Stores an index with its vectors in one transaction, unless a sound one is there by now.

    Args:
        engine: the database.
        key: whose it is, and its digest.
        manifest: what the digest is of.
        content: the vectors.
    """
    with transaction(engine) as session:
        session.execute(text(_LOCK), {"name": f"vectors:{key.controller}:{key.release}"})
        if _sound(session, key) is not None:
            return
        session.execute(delete(StoredIndex).where(*_header(key)))
        stored = _index(key, manifest, content)
        session.add(stored)
        session.flush()
        for unit, vectors in zip(_UNITS, (content.sentences, content.passages), strict=True):
            if rows := [*_rows(key, unit, vectors)]:
                session.execute(insert(StoredVector), rows)
        stored.digest = _digest(session, key) or ""
        session.flush()
        _forget_oldest(session, stored)


def _sound(session: Session, key: Key) -> StoredIndex | None:
    stored = session.scalar(select(StoredIndex).where(*_header(key)))
    if stored is None:
        return None
    if _digest(session, key) != stored.digest:
        log.warning("policy_index_damaged", policy=stored.policy, release=key.release)
        return None
    return stored


def _header(key: Key) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return StoredIndex.controller == key.controller, StoredIndex.release == key.release


def _index(key: Key, manifest: Mapping[str, Any], content: Content) -> StoredIndex:
    return StoredIndex(
        controller=key.controller,
        release=key.release,
        policy=manifest["policy"],
        version=manifest["version"],
        model=manifest["model"],
        manifest=json.dumps(manifest, ensure_ascii=False, sort_keys=True),
        sentences=len(content.sentences),
        passages=len(content.passages),
        hub=content.hub.tolist(),
        digest="",
        built_at=system_clock(),
    )


def _rows(key: Key, unit: Unit, vectors: Vectors) -> Iterator[dict[str, object]]:
    for place, vector in enumerate(vectors):
        mine = {"controller": key.controller, "release": key.release}
        yield mine | {"unit": unit, "place": place, "vector": vector.tolist()}


def _digest(session: Session, key: Key) -> str | None:
    """Of every number of an index as it is stored, reckoned where it lies: megabytes need not travel for it."""
    found: str | None = session.scalar(text(_DIGEST), {"controller": key.controller, "release": key.release})
    return found


def _forget_oldest(session: Session, stored: StoredIndex) -> None:
    """What a changed text or code has replaced goes, but for the newest of each version and model."""
    alike = (
        StoredIndex.controller == stored.controller,
        StoredIndex.policy == stored.policy,
        StoredIndex.version == stored.version,
        StoredIndex.model == stored.model,
    )
    newest = select(StoredIndex.release).where(*alike).order_by(StoredIndex.built_at.desc()).limit(_KEPT)
    session.execute(delete(StoredIndex).where(*alike, StoredIndex.release.not_in(newest.scalar_subquery())))
