"""Which release of a policy answers now, and where it lies as a corpus."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import structlog
from sqlalchemy import Engine, make_url, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from bot.errors import MadoguchiError, UnavailableError
from bot.policy.documents import full_id
from bot.policy.releases.faults import NothingToPublishError
from bot.policy.releases.models import Release, ReleasePointer
from bot.policy.releases.placing import folder_of, is_laid_out, lay_out
from bot.policy.releases.snapshot import Files, read_folder, unpack
from bot.settings import Settings
from bot.storage.engine import open_engine, reading
from bot.storage.whole_files import write_whole

SHIPPED = 0
"""The number of the release that every installation begins with: the policy's folder in the repository."""

_MEMORY = "in_force.json"

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Pointer:
    """What the database says is in force; release 0 has no digest of its own."""

    number: int
    digest: str = ""


@dataclass(frozen=True)
class InForce:
    """A release laid out: `open_assistant(settings, corpus=found.corpus)` opens it."""

    number: int
    digest: str
    corpus: Path


def pointer_of(session: Session, policy_id: str) -> Pointer:
    """One look into one row."""
    full = full_id(policy_id)
    query = select(ReleasePointer.number, ReleasePointer.digest)
    row = session.execute(query.where(ReleasePointer.controller == _controller(full), ReleasePointer.policy == full))
    found = row.one_or_none()
    return Pointer(SHIPPED) if found is None or found.number == SHIPPED else Pointer(found.number, found.digest)


def files_of(session: Session, settings: Settings, policy_id: str, number: int) -> Files:
    """The files of a release, proven.

    Raises:
        NothingToPublishError: there is no such release.
        ReleaseIsDamagedError: it is not what was published.
        BadInputError: release 0 cannot be read from the repository.
    """
    if number == SHIPPED:
        return read_folder(settings.corpus_dir, policy_id)
    release = find_release(session, policy_id, number)
    if release is None:
        raise NothingToPublishError(f"リリース {number} はありません。")
    return unpack(release.packed_files, release.digest)


def find_release(session: Session, policy_id: str, number: int) -> Release | None:
    """One release of a policy."""
    full = full_id(policy_id)
    return session.scalar(
        select(Release).where(Release.controller == _controller(full), Release.policy == full, Release.number == number)
    )


def place(session: Session, settings: Settings, policy_id: str, pointer: Pointer) -> InForce:
    """Lays a release out, unless it is.

    Raises:
        MadoguchiError: it cannot be read or written.
    """
    if pointer.number == SHIPPED:
        return InForce(SHIPPED, "", settings.corpus_dir)
    if is_laid_out(settings, policy_id, pointer.digest):
        return InForce(pointer.number, pointer.digest, folder_of(settings, policy_id, pointer.digest))
    files = files_of(session, settings, policy_id, pointer.number)
    return InForce(pointer.number, pointer.digest, lay_out(settings, policy_id, files))


def find_in_force(engine: Engine, settings: Settings, policy_id: str) -> InForce:
    """The release in force, and when that one cannot be had, the latest before it that can: a service goes on.

    Without a database the last one that this machine saw is taken, and without that the folder of the repository.
    """
    try:
        with reading(engine) as session:
            pointer = pointer_of(session, policy_id)
            found = next(_usable(session, settings, policy_id, pointer))
    except (SQLAlchemyError, UnavailableError) as error:
        log.error("release_pointer_unreadable", policy=policy_id, error=type(error).__name__)  # noqa: TRY400 - its text may name the database's address
        return _remembered(settings, policy_id)
    if found.number == pointer.number:
        _remember(settings, policy_id, found)
    return found


def look_once(settings: Settings, policy_id: str | None = None) -> InForce:
    """The release in force, for a command that opens it once; needs no database, and makes none."""
    url = make_url(settings.database_url)
    if url.get_backend_name() == "sqlite" and not (url.database and Path(url.database).is_file()):
        return InForce(SHIPPED, "", settings.corpus_dir)
    wanted = policy_id or settings.default_policy
    engine = open_engine(settings.database_url, controller=wanted.partition("/")[0])
    try:
        return find_in_force(engine, settings, wanted)
    finally:
        engine.dispose()


def _usable(session: Session, settings: Settings, policy_id: str, pointer: Pointer) -> Iterator[InForce]:
    """The release that is pointed at, what it was based on, and so on down to the repository's own."""
    while pointer.number != SHIPPED:
        try:
            yield place(session, settings, policy_id, pointer)
        except MadoguchiError as error:
            log.error("release_unusable", policy=policy_id, release=pointer.number, error=type(error).__name__)  # noqa: TRY400 - the class says it all
        pointer = _before(session, policy_id, pointer.number)
    yield InForce(SHIPPED, "", settings.corpus_dir)


def _before(session: Session, policy_id: str, number: int) -> Pointer:
    release = find_release(session, policy_id, number)
    below = find_release(session, policy_id, release.based_on) if release is not None else None
    return Pointer(below.number, below.digest) if below is not None else Pointer(SHIPPED)


def _remember(settings: Settings, policy_id: str, found: InForce) -> None:
    told = json.dumps({"number": found.number, "digest": found.digest}).encode()
    memory = _memory(settings, policy_id)
    try:
        if found.number != SHIPPED or memory.is_file():
            write_whole(memory, told)
    except OSError as error:
        log.warning("release_not_remembered", policy=policy_id, error=type(error).__name__)


def _remembered(settings: Settings, policy_id: str) -> InForce:
    try:
        told = json.loads(_memory(settings, policy_id).read_text(encoding="utf-8"))
        number, digest = int(told["number"]), str(told["digest"])
    except (OSError, ValueError, KeyError, TypeError):
        number, digest = SHIPPED, ""
    if number == SHIPPED or not is_laid_out(settings, policy_id, digest):
        return InForce(SHIPPED, "", settings.corpus_dir)
    return InForce(number, digest, folder_of(settings, policy_id, digest))


def _memory(settings: Settings, policy_id: str) -> Path:
    return settings.data_dir / "releases" / full_id(policy_id) / _MEMORY


def _controller(policy_id: str) -> str:
    return policy_id.partition("/")[0]
