"""Publishing and taking back: the only steps that change which release answers.

Both take a person who may publish; whether they may is the caller's guard. That it is a second one is kept here: no one
who worked on a candidate since it began publishes it.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from bot.clock import in_tokyo
from bot.policy.cards import FILE_NAME as CARDS
from bot.policy.documents import full_id
from bot.policy.releases import entry_files
from bot.policy.releases.editing import find_candidate
from bot.policy.releases.faults import (
    NothingToPublishError,
    RunIsMissingError,
    SecondPersonIsMissingError,
    SomebodyWasFasterError,
)
from bot.policy.releases.history import Happened, editors_of, record
from bot.policy.releases.in_force import SHIPPED, files_of, find_release, pointer_of
from bot.policy.releases.models import Candidate, Release, ReleasePointer
from bot.policy.releases.snapshot import Files, digest_of, pack, unpack
from bot.settings import Settings

SHORTEST_REASON = 10
_CHANGED = "見ていた内容から変わっています。画面を開き直して確かめてください。"


GreenRun = Callable[[Session, str, str], bool]
"""Whether a regression run (by its id) is over, broke nothing, and ran exactly the files of a digest."""


@dataclass(frozen=True)
class Publication:
    """What somebody decided about a candidate.

    Attributes:
        version: of the candidate, as they saw it.
        publisher: the second person, as trails call them.
        approver: their name as it stands in the cards.
        note: for the history.
        run_id: the green run; empty for none.
        override_reason: why it goes out without one; it stands in the history with the publisher's name.
    """

    version: int
    publisher: str
    approver: str
    note: str = ""
    run_id: str = ""
    override_reason: str = ""


@dataclass(frozen=True)
class Approval:
    """Who approves the changed cards, and when."""

    by: str
    on: date


def publish(
    session: Session, settings: Settings, policy_id: str, decided: Publication, is_green: GreenRun, *, now: datetime
) -> Release:
    """Makes the candidate the release in force; of two people at once one publishes, the other is told.

    Every card that the candidate changed is approved by this, with the publisher's name and the day in Japan, so that
    its sentence is spoken.

    Raises:
        NothingToPublishError: there is no candidate, or it changes nothing.
        SomebodyWasFasterError: the candidate, or what is in force, is not what the person saw.
        SecondPersonIsMissingError: they worked on it themselves.
        RunIsMissingError: no green run of exactly this, and no reason.
    """
    candidate = find_candidate(session, policy_id, lock=True)
    if candidate is None:
        raise NothingToPublishError("公開候補はありません。ほかの人が先に公開したか、取り下げました。")
    if candidate.version != decided.version or candidate.based_on != pointer_of(session, policy_id).number:
        raise SomebodyWasFasterError(_CHANGED)
    editors = editors_of(session, candidate.id)
    if decided.publisher in editors:
        raise SecondPersonIsMissingError("公開候補を編集した人は公開できません。ほかの人が確認して公開してください。")
    decided = _proven(session, candidate, decided, is_green)
    before = files_of(session, settings, policy_id, candidate.based_on)
    files = approved(unpack(candidate.packed_files, candidate.digest), before, _approval(decided, now))
    if digest_of(files) == digest_of(before):
        raise NothingToPublishError("公開中の内容と同じです。公開するものはありません。")
    return _put_in_force(session, candidate, files, editors, decided, now)


def restore(  # noqa: PLR0913 - the pointer as it was seen, and who moves it where and why
    session: Session, policy_id: str, number: int, *, seen: int, actor: str, reason: str, now: datetime
) -> None:
    """Puts an earlier release into force again, as it was published.

    Raises:
        NothingToPublishError: there is no such release, or it is in force.
        SomebodyWasFasterError: another release is in force than the person saw.
    """
    full = full_id(policy_id)
    pointer = session.get(ReleasePointer, (full.partition("/")[0], full), with_for_update=True, populate_existing=True)
    if pointer is None:
        raise NothingToPublishError("まだ何も公開していないため、元に戻すものはありません。")
    if pointer.number != seen:
        raise SomebodyWasFasterError(_CHANGED)
    target = find_release(session, full, number) if number != SHIPPED else None
    if number == pointer.number or (target is None and number != SHIPPED):
        raise NothingToPublishError(f"リリース {number} には戻せません。")
    _move(session, full, number, target.digest if target else "", now)
    record(session, full, Happened.RESTORED, actor=actor, now=now, number=number, reason=reason or None)


def approved(files: Files, before: Files, approval: Approval) -> Files:
    """The files with every new or changed card approved; a card that stands as it did keeps the approval it has."""
    text = files.get(CARDS, "")
    known = {str(place.row["id"]): place.seen for place in entry_files.places(before.get(CARDS, ""))}
    for place in entry_files.places(text):
        if known.get(str(place.row["id"])) != place.seen:
            row = {**place.row, "approved_by": approval.by, "approved_on": approval.on}
            text = entry_files.with_entry(text, row, str(place.row["id"]))
    return files if text == files.get(CARDS, "") else {**files, CARDS: text}


def _approval(decided: Publication, now: datetime) -> Approval:
    return Approval(decided.approver, in_tokyo(now).date())


def _proven(session: Session, candidate: Candidate, decided: Publication, is_green: GreenRun) -> Publication:
    """The decision with the run that counts: a green one, or none where a reason stands instead."""
    if decided.run_id and is_green(session, decided.run_id, candidate.digest):
        return decided
    if len(decided.override_reason.strip()) >= SHORTEST_REASON:
        return replace(decided, run_id="")
    raise RunIsMissingError(
        "この公開候補そのものの回帰テストが、まだ合格していません。"
        f"合格なしで公開するときは、理由を{SHORTEST_REASON}文字以上で書いてください。"
    )


def _put_in_force(
    session: Session, candidate: Candidate, files: Files, editors: tuple[str, ...], decided: Publication, now: datetime
) -> Release:
    of_policy = (Release.controller == candidate.controller, Release.policy == candidate.policy)
    last = session.scalar(select(func.max(Release.number)).where(*of_policy))
    release = Release(
        id=secrets.token_hex(16),
        controller=candidate.controller,
        policy=candidate.policy,
        number=(last or SHIPPED) + 1,
        digest=digest_of(files),
        packed_files=pack(files),
        based_on=candidate.based_on,
        candidate_id=candidate.id,
        made_by=json.dumps(editors),
        published_by=decided.publisher,
        published_at=now,
        run_id=decided.run_id or None,
        override_reason=None if decided.run_id else decided.override_reason.strip(),
        note=decided.note,
    )
    session.add(release)
    session.execute(delete(Candidate).where(Candidate.id == candidate.id))
    _move(session, candidate.policy, release.number, release.digest, now)
    record(
        session,
        candidate.policy,
        Happened.PUBLISHED,
        actor=decided.publisher,
        now=now,
        candidate_id=candidate.id,
        number=release.number,
        reason=release.override_reason,
    )
    return release


def _move(session: Session, policy_id: str, number: int, digest: str, now: datetime) -> None:
    """Changes the one row that every process looks at."""
    session.merge(
        ReleasePointer(
            controller=policy_id.partition("/")[0], policy=policy_id, number=number, digest=digest, changed_at=now
        )
    )
    session.flush()
