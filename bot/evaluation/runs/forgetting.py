"""What staff tried by themselves goes, too: who held a test conversation, and what they said of answers."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from bot.channels.forgetting.rooms import Room, counted
from bot.evaluation.runs.models import TrialTalk, TrialVerdict
from bot.register.purge import TESTS_LAST
from bot.settings import Settings
from bot.storage.forgetting import remove, rows


def purge_talks(session: Session, *, controller: str, before: datetime, most: int = 500) -> int:
    """Removes who held tests that were begun by this moment; gives how many."""
    return remove(session, rows(TrialTalk, TrialTalk.controller == controller, TrialTalk.at <= before, most=most))


def purge_verdicts(session: Session, *, controller: str, before: datetime, most: int = 500) -> int:
    """Removes what was said of answers by this moment; gives how many."""
    over = (TrialVerdict.controller == controller, TrialVerdict.at <= before)
    return remove(session, rows(TrialVerdict, *over, most=most))


def trial_rooms(settings: Settings, controller: str) -> tuple[Room, ...]:
    """The purges of this room, with the period that the settings give."""
    kept = timedelta(days=settings.verdict_days)

    def talks(session: Session, now: datetime, most: int) -> int:
        return purge_talks(session, controller=controller, before=now - 2 * TESTS_LAST, most=most)

    def verdicts(session: Session, now: datetime, most: int) -> int:
        return purge_verdicts(session, controller=controller, before=now - kept, most=most)

    return (
        Room("trial_talk", counted("trial_talk", talks), is_noted=False),
        Room("trial_verdict", counted("trial_verdict", verdicts)),
    )
