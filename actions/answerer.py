"""What answers: an assistant and the desk beside it, both of one release."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from bot.desk import Desk, load_desk
from bot.policy.assistant import Assistant, open_assistant
from bot.policy.documents import policy_folder
from bot.policy.releases.in_force import InForce
from bot.settings import Settings

OpenAssistant = Callable[[InForce, date, Assistant | None], Assistant]
"""Opens the assistant of a release for a Japanese day, beside the one that answers meanwhile."""


@dataclass(frozen=True)
class Answerer:
    """One release, ready to answer."""

    assistant: Assistant
    desk: Desk


def opening(settings: Settings) -> OpenAssistant:
    """How assistants of the default policy are opened."""

    def open_one(found: InForce, day: date, before: Assistant | None) -> Assistant:
        return open_assistant(settings, corpus=found.corpus, day=day, beside=before).released(found.number)

    return open_one


def desk_of(settings: Settings, found: InForce) -> Desk:
    """The desk file of a release.

    Raises:
        DeskIsWrongError: it cannot be used.
    """
    return load_desk(policy_folder(found.corpus, settings.default_policy))
