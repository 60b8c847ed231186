"""The one candidate of a policy: what staff work on before it is published.

An edit names the entry as it was seen. Two people who work on different entries are in nobody's way; of two who work on
the same one the second is told and loses nothing, since their page still holds what they typed.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import delete, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, defer

from bot.policy.documents import full_id
from bot.policy.releases import entry_files
from bot.policy.releases.checking import check
from bot.policy.releases.faults import NothingToPublishError, SomebodyWasFasterError
from bot.policy.releases.history import Happened, record
from bot.policy.releases.in_force import Pointer, files_of, pointer_of
from bot.policy.releases.models import Candidate
from bot.policy.releases.snapshot import Files, digest_of, pack, unpack
from bot.settings import Settings

_CHANGED_MEANWHILE = "ほかの人が先に変更しました。今の内容を確かめてから、もう一度保存してください。"


@dataclass(frozen=True)
class Draft:
    """A policy's next snapshot as it stands: the candidate, or what is in force while nobody has begun one.

    Attributes:
        candidate_id: empty while nobody has begun one.
        version: counts the changes, from 0.
        based_on: the release it was made from.
        files: all of them.
    """

    candidate_id: str
    version: int
    based_on: int
    files: Files

    @property
    def digest(self) -> str:
        """Of the files."""
        return digest_of(self.files)

    def text(self, name: str) -> str:
        """One file; empty when there is none."""
        return self.files.get(name, "")


@dataclass(frozen=True)
class Edit:
    """One change of one entry of a list.

    Attributes:
        file: `answers.yml` and the like.
        key: the entry's id (in a list without ids, `seen_of` its row); None to add one.
        row: what is to stand there; None to remove it.
        seen: `seen_of` the entry when the person opened it; empty to add one.
    """

    file: str
    key: str | None
    row: Mapping[str, object] | None
    seen: str = ""


class EntryHasChangedError(SomebodyWasFasterError):
    """Somebody else changed the same entry; `theirs` is what stands there now, None when they removed it."""

    def __init__(self, theirs: Mapping[str, object] | None) -> None:
        super().__init__(_CHANGED_MEANWHILE)
        self.theirs = theirs


def draft_of(session: Session, settings: Settings, policy_id: str) -> Draft:
    """The candidate as it stands, or what is in force.

    Raises:
        ReleaseIsDamagedError: what is stored cannot be read.
    """
    found = find_candidate(session, policy_id)
    if found is not None:
        return Draft(found.id, found.version, found.based_on, unpack(found.packed_files, found.digest))
    number = pointer_of(session, policy_id).number
    return Draft("", 0, number, files_of(session, settings, policy_id, number))


def find_candidate(
    session: Session, policy_id: str, *, with_files: bool = True, lock: bool = False
) -> Candidate | None:
    """The candidate's row, if somebody has begun one."""
    full = full_id(policy_id)
    query = select(Candidate).where(Candidate.controller == full.partition("/")[0], Candidate.policy == full)
    if not with_files:
        query = query.options(defer(Candidate.packed_files))
    return session.scalar(query.with_for_update() if lock else query)


def applied(draft: Draft, edit: Edit) -> Files:
    """The files with this change.

    Raises:
        EntryHasChangedError: the entry is not what it was when it was opened.
    """
    text = draft.text(edit.file)
    there = entry_files.find(text, edit.key) if edit.key is not None else None
    if (there.seen if there else "") != edit.seen:
        raise EntryHasChangedError(there.row if there else None)
    if edit.row is None:
        changed = entry_files.without_entry(text, edit.key or "")
    else:
        changed = entry_files.with_entry(text, edit.row, edit.key)
    return {**draft.files, edit.file: changed}


def save(  # noqa: PLR0913 - what is written, by whom, when, and what it is called
    session: Session,
    policy_id: str,
    draft: Draft,
    files: Files,
    *,
    actor: str,
    what: str,
    now: datetime,
) -> Draft:
    """Writes a change that was made of `draft` and has been checked; the candidate begins with the first.

    Raises:
        SomebodyWasFasterError: the candidate has changed since `draft` was read.
    """
    digest = digest_of(files)
    candidate_id = draft.candidate_id or _begin(session, policy_id, draft, files, now)
    if draft.candidate_id:
        step = (
            update(Candidate)
            .where(Candidate.id == draft.candidate_id, Candidate.version == draft.version)
            .values(version=draft.version + 1, digest=digest, packed_files=pack(files), changed_at=now)
        )
        if session.execute(step).rowcount != 1:  # type: ignore[attr-defined]  # an update's result has it
            raise SomebodyWasFasterError(_CHANGED_MEANWHILE)
    record(session, policy_id, Happened.EDITED, actor=actor, now=now, candidate_id=candidate_id, what=what)
    return Draft(candidate_id, draft.version + 1, draft.based_on, files)


def rebase(session: Session, policy_id: str, version: int, *, actor: str, now: datetime) -> None:
    """Says that somebody has looked at the candidate beside what is in force now; they count as one who worked on it.

    Raises:
        SomebodyWasFasterError: the candidate has changed since, or is gone.
    """
    found = find_candidate(session, policy_id, with_files=False, lock=True)
    if found is None or found.version != version:
        raise SomebodyWasFasterError(_CHANGED_MEANWHILE)
    found.based_on = pointer_of(session, policy_id).number
    found.version += 1
    record(session, policy_id, Happened.REBASED, actor=actor, now=now, candidate_id=found.id)


def discard(session: Session, policy_id: str, version: int, *, actor: str, now: datetime) -> None:
    """Throws the candidate away; what was done to it stays in the history.

    Raises:
        NothingToPublishError: there is none.
        SomebodyWasFasterError: it has changed since the person looked.
    """
    found = find_candidate(session, policy_id, with_files=False, lock=True)
    if found is None:
        raise NothingToPublishError("公開候補はありません。")
    if found.version != version:
        raise SomebodyWasFasterError(_CHANGED_MEANWHILE)
    record(session, policy_id, Happened.DISCARDED, actor=actor, now=now, candidate_id=found.id)
    session.execute(delete(Candidate).where(Candidate.id == found.id))


def checked(draft: Draft, edits: Callable[[Draft], Files], policy_id: str, day: date) -> Files:
    """The changed files, proven to be servable.

    Raises:
        EntryHasChangedError: an entry is not what it was when it was opened.
        CandidateIsWrongError: they cannot be served.
    """
    files = edits(draft)
    check(files, policy_id, day)
    return files


def _begin(session: Session, policy_id: str, draft: Draft, files: Files, now: datetime) -> str:
    full = full_id(policy_id)
    if pointer_of(session, policy_id) != Pointer(draft.based_on, _digest_in_force(draft)):
        raise SomebodyWasFasterError(_CHANGED_MEANWHILE)
    candidate = Candidate(
        id=secrets.token_hex(16),
        controller=full.partition("/")[0],
        policy=full,
        version=1,
        based_on=draft.based_on,
        digest=digest_of(files),
        packed_files=pack(files),
        opened_at=now,
        changed_at=now,
    )
    session.add(candidate)
    try:
        session.flush()
    except IntegrityError:
        raise SomebodyWasFasterError(_CHANGED_MEANWHILE) from None
    return candidate.id


def _digest_in_force(draft: Draft) -> str:
    return draft.digest if draft.based_on else ""
