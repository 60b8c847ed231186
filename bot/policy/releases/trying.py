"""The candidate laid out as it would answer once it is published, for whoever tries it before."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy.orm import Session

from bot.clock import in_tokyo
from bot.policy.releases.editing import draft_of, find_candidate
from bot.policy.releases.in_force import files_of
from bot.policy.releases.placing import lay_out
from bot.policy.releases.publishing import Approval, approved
from bot.settings import Settings

_APPROVER = "公開する人"


@dataclass(frozen=True)
class ToTry:
    """A candidate to be opened: `open_assistant(settings, corpus=found.corpus, beside=…).released(None)`.

    Attributes:
        digest: of the candidate; a green run of it is what publishing asks for.
        version: of the candidate.
        corpus: where it lies, its changed cards approved as publishing will approve them, so that they speak.
    """

    digest: str
    version: int
    corpus: Path


def candidate_to_try(session: Session, settings: Settings, policy_id: str, now: datetime) -> ToTry | None:
    """The candidate as it stands; None while nobody has begun one.

    Raises:
        ReleaseIsDamagedError: it cannot be read or laid out.
    """
    if find_candidate(session, policy_id, with_files=False) is None:
        return None
    draft = draft_of(session, settings, policy_id)
    before = files_of(session, settings, policy_id, draft.based_on)
    files = approved(draft.files, before, Approval(_APPROVER, in_tokyo(now).date()))
    return ToTry(draft.digest, draft.version, lay_out(settings, policy_id, files))
