"""Files within a request: sealed whole, never opened or rendered here, every look an event of the trail."""

from __future__ import annotations

import hashlib
import re
import secrets
import unicodedata
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from bot.pii import Pii
from bot.register import audit
from bot.register.alerts.models import AlertSort
from bot.register.alerts.standing import take_up
from bot.register.drafts import locked_draft
from bot.register.errors import FileIsUnknownError, FileIsUnusableError, RequestIsUnknownError
from bot.register.models import Request
from bot.register.thread.file_types import is_taken, media_type_of
from bot.register.thread.models import LARGEST_FILE, FilePurpose, StoredFile
from bot.storage.encryption import Vault

LONGEST_NAME = 100
MOST_FILES = 20
"""Files of members within one draft; who has more to hand in writes to the desk."""

_PATH = re.compile(r"^.*[/\\]", re.DOTALL)
_UNNAMED = "file"


@dataclass(frozen=True)
class StoredContent:
    """A file as it was handed in."""

    name: Pii
    media_type: str
    content: bytes = field(repr=False)


@dataclass(frozen=True)
class FileView:
    """A file without its name and content, which may both be personal."""

    id: str
    purpose: FilePurpose
    media_type: str
    size: int
    by: str
    at: datetime
    is_removed: bool


def store_file(  # noqa: PLR0913 - a file has this many facts, and every caller names them
    session: Session,
    *,
    draft_id: str,
    request_id: str | None,
    purpose: FilePurpose,
    name: str,
    media_type: str,
    content: bytes,
    by: str,
    now: datetime,
    vault: Vault,
) -> str:
    """Seals a file that was handed in for one request, or for all requests of a draft.

    A member who presses twice hands the same file in once.

    Args:
        session: the open transaction.
        draft_id: whose requests.
        request_id: the one request, or None for all of the draft.
        purpose: what it is for.
        name: its name; folders and controls are left out of it.
        media_type: what the sender says it is; counts only where its first bytes leave that open.
        content: all of it.
        by: who hands it in.
        now: the present moment.
        vault: seals it.

    Returns:
        The file's id.

    Raises:
        DraftIsUnknownError: no draft has this id.
        RequestIsUnknownError: no request of the draft has this id.
        FileIsUnusableError: it is empty, too large, of a type that is not taken, or one too many.
    """
    draft = locked_draft(session, draft_id)
    requests = _requests(session, draft_id, request_id)
    purpose = FilePurpose(purpose)
    told = clean_name(name)
    found = _checked_type(told, media_type, content, purpose)
    digest = hashlib.sha256(content).hexdigest()
    if by == audit.MEMBER:
        known = _same_file(session, draft_id, request_id, purpose, digest)
        if known is not None:
            return known
        _check_room(session, draft_id)
    file_id = secrets.token_hex(16)
    session.add(
        StoredFile(
            id=file_id,
            controller=draft.controller,
            draft_id=draft_id,
            request_id=request_id,
            purpose=purpose,
            media_type=found,
            size=len(content),
            sha256=digest,
            sealed_name=vault.seal(told, table="stored_file", row=file_id, column="sealed_name"),
            sealed_content=vault.seal_bytes(content, table="stored_file", row=file_id, column="sealed_content"),
            by=by,
            at=now,
        )
    )
    session.flush()
    _record(session, requests, audit.Action.FILE_STORED, purpose, actor=by, now=now)
    return file_id


def read_file(session: Session, file_id: str, *, actor: str, now: datetime, vault: Vault) -> StoredContent:
    """Opens a file for whoever may see it, and records who looked.

    Show nothing before the transaction has been committed.

    Raises:
        FileIsUnknownError: no file has this id, or it was removed.
    """
    row = session.get(StoredFile, file_id)
    if row is None or row.sealed_content is None:
        raise FileIsUnknownError(f"no file has the id {file_id}, or it was removed")
    requests = _requests(session, row.draft_id, row.request_id)
    _record(session, requests, audit.Action.FILE_READ, FilePurpose(row.purpose), actor=actor, now=now)
    # What alerted staff to this very file is taken up; nothing did for what came with the details or from staff.
    for request in requests:
        take_up(session, request.id, (AlertSort.REPLY,), actor=actor, now=now, occasion=file_id)
    return StoredContent(
        name=Pii(vault.open(row.sealed_name, table="stored_file", row=row.id, column="sealed_name")),
        media_type=row.media_type,
        content=vault.open_bytes(row.sealed_content, table="stored_file", row=row.id, column="sealed_content"),
    )


def remove_identity_files(session: Session, draft_id: str, *, now: datetime, actor: str = audit.SYSTEM) -> int:
    """Removes content and names of a draft's identity documents for good; their rows say that they were there.

    Returns:
        How many there were.
    """
    locked_draft(session, draft_id)
    query = select(StoredFile).where(
        StoredFile.draft_id == draft_id,
        StoredFile.purpose == FilePurpose.IDENTITY,
        StoredFile.removed_at.is_(None),
    )
    rows = session.scalars(query).all()
    for row in rows:
        row.sealed_content, row.sealed_name, row.removed_at = None, b"", now
        requests = _requests(session, draft_id, row.request_id)
        _record(session, requests, audit.Action.FILE_REMOVED, FilePurpose.IDENTITY, actor=actor, now=now)
    session.flush()
    return len(rows)


def files_of(session: Session, request_id: str) -> list[FileView]:
    """The files of a request, those of its whole draft among them, oldest first, removed ones too."""
    draft_id = select(Request.draft_id).where(Request.id == request_id).scalar_subquery()
    query = select(StoredFile).where(
        StoredFile.draft_id == draft_id,
        or_(StoredFile.request_id == request_id, StoredFile.request_id.is_(None)),
    )
    return [_view(row) for row in session.scalars(query.order_by(StoredFile.at, StoredFile.id))]


def clean_name(name: str) -> str:
    """A file name that shows as what it is: no folder, no control, nothing that turns the direction of writing."""
    bare = _PATH.sub("", name)
    shown = "".join(character for character in bare if unicodedata.category(character) not in {"Cc", "Cf", "Cs"})
    return shown.strip().lstrip(".")[-LONGEST_NAME:] or _UNNAMED


def _checked_type(name: str, declared: str, content: bytes, purpose: FilePurpose) -> str:
    if not content:
        raise FileIsUnusableError("empty")
    if len(content) > LARGEST_FILE:
        raise FileIsUnusableError("too_large")
    found = media_type_of(name, declared, content)
    if found is None or not is_taken(found, purpose):
        raise FileIsUnusableError("wrong_type")
    return found


def _same_file(
    session: Session, draft_id: str, request_id: str | None, purpose: FilePurpose, digest: str
) -> str | None:
    query = select(StoredFile.id).where(
        StoredFile.draft_id == draft_id,
        StoredFile.request_id.is_(None) if request_id is None else StoredFile.request_id == request_id,
        StoredFile.purpose == purpose,
        StoredFile.sha256 == digest,
        StoredFile.by == audit.MEMBER,
        StoredFile.removed_at.is_(None),
    )
    return session.scalar(query.limit(1))


def _check_room(session: Session, draft_id: str) -> None:
    by_member = select(func.count()).where(StoredFile.draft_id == draft_id, StoredFile.by == audit.MEMBER)
    if (session.scalar(by_member) or 0) >= MOST_FILES:
        raise FileIsUnusableError("too_many")


def _requests(session: Session, draft_id: str, request_id: str | None) -> list[Request]:
    query = select(Request).where(Request.draft_id == draft_id)
    if request_id is not None:
        query = query.where(Request.id == request_id)
    found = list(session.scalars(query.order_by(Request.number).with_for_update()))
    if not found:
        raise RequestIsUnknownError(f"draft {draft_id} has no request {request_id or 'at all'}")
    return found


def _record(
    session: Session,
    requests: list[Request],
    action: audit.Action,
    purpose: FilePurpose,
    *,
    actor: str,
    now: datetime,
) -> None:
    for request in requests:
        audit.record(session, request, action=action, actor=actor, now=now, fields=(purpose,))


def _view(row: StoredFile) -> FileView:
    return FileView(
        id=row.id,
        purpose=FilePurpose(row.purpose),
        media_type=row.media_type,
        size=row.size,
        by=row.by,
        at=row.at,
        is_removed=row.removed_at is not None,
    )
