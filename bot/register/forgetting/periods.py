"""For how long a request's content is kept once nothing is left to do for it: the settings, by where it stands."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.register.models import Request, State
from bot.settings import Settings


@dataclass(frozen=True)
class Periods:
    """How long what is kept of requests.

    Attributes:
        content: by the state in which a request rests, how long its content stays.
        uploads: how long files of members stay after the end of their request.
        answers: how long an answer's file stays after it could be fetched, or was handed to the post.
    """

    content: Mapping[State, timedelta]
    uploads: timedelta
    answers: timedelta

    def ends(self, request: Request) -> datetime | None:
        """When the content of a request goes; None as long as it does not rest, or once it has gone."""
        if request.rests_since is None or request.purged_at is not None:
            return None
        return request.rests_since + self.content[State(request.state)]


def periods_of(settings: Settings) -> Periods:
    """The periods of this installation."""
    return Periods(
        content={
            State.CLOSED: timedelta(days=settings.request_days_closed),
            State.WITHDRAWN: timedelta(days=settings.request_days_withdrawn),
            State.IDENTITY_EXPIRED: timedelta(days=settings.request_days_unidentified),
        },
        uploads=timedelta(days=settings.upload_days),
        answers=timedelta(days=settings.answer_days),
    )
