"""Test conversations of the staff: begun, gone on with, and run again with the same turns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from bot.channels.delivery import shown_message
from bot.console.trying.previews import Preview, previews_of
from bot.console.trying.trace_view import TraceView, trace_view
from bot.evaluation.rehearsal import Line, Rehearsal, RehearsalIsGoneError
from bot.evaluation.runs.models import TrialTalk
from bot.evaluation.runs.subject import Subject
from bot.evaluation.talking import ButtonIsMissingError, button
from bot.message import Choice, Message
from bot.policy.model import Policy
from bot.register.purge import TESTS_LAST

MOST_REPLAYED = 20
_LISTED = 20


@dataclass(frozen=True)
class Turn:
    """What was done in one turn: a text, or the title of a button."""

    text: str
    is_press: bool


@dataclass(frozen=True)
class Spoken:
    """One line as the page shows it: somebody's words, or a message with what staff may see of it."""

    is_member: bool
    text: str
    message: Message | None
    trace: TraceView | None


def note_talk(session: Session, conversation_id: str, subject: Subject, *, by: str, now: datetime) -> None:
    """Remembers whose test it is, and forgets those that are gone."""
    session.execute(delete(TrialTalk).where(TrialTalk.at < now - 2 * TESTS_LAST))
    session.add(
        TrialTalk(
            conversation_id=conversation_id,
            controller=subject.policy.partition("/")[0],
            held_by=by,
            subject=subject.sort,
            subject_digest=subject.digest,
            at=now,
        )
    )


def find_talk(session: Session, controller: str, conversation_id: str) -> TrialTalk:
    """One test.

    Raises:
        RehearsalIsGoneError: there is none of this company.
    """
    talk = session.get(TrialTalk, conversation_id)
    if talk is None or talk.controller != controller:
        raise RehearsalIsGoneError("このテスト会話はありません。新しく始めてください。")
    return talk


def recent_talks(session: Session, controller: str, now: datetime) -> Sequence[TrialTalk]:
    """The tests that are still there, the latest first."""
    query = select(TrialTalk).where(TrialTalk.controller == controller, TrialTalk.at > now - timedelta(hours=20))
    return session.scalars(query.order_by(TrialTalk.at.desc()).limit(_LISTED)).all()


def spoken(lines: Sequence[Line], policy: Policy | None) -> list[Spoken]:
    """The lines as the page shows them."""
    return [_spoken(line, policy) for line in lines]


def offered(lines: Sequence[Line]) -> tuple[Choice, ...]:
    """The buttons that can be pressed now: those of the last turn."""
    last = next((line.turn_id for line in reversed(lines) if line.role != "member"), None)
    messages = [shown_message(line.message) for line in lines if line.turn_id == last and line.role != "member"]
    return tuple(choice for message in messages for choice in message.choices)


def last_previews(lines: Sequence[Line]) -> tuple[Preview, ...]:
    """How the last answer looks on each channel."""
    last = next((line.turn_id for line in reversed(lines) if line.role == "answer"), None)
    messages = [shown_message(line.message) for line in lines if line.turn_id == last and line.role == "answer"]
    return previews_of(messages) if messages else ()


def turns_of(lines: Sequence[Line]) -> list[Turn]:
    """What was done, to be done again; a line that is a button's title was pressed."""
    found: list[Turn] = []
    titles: set[str] = set()
    for line in lines:
        if line.role == "member":
            text = str(line.message.get("text", ""))
            found.append(Turn(text, text in titles))
            titles = set()
        else:
            titles |= {choice["title"] for choice in line.message.get("choices", ())}
    return found[:MOST_REPLAYED]


async def replay(talk: Rehearsal, turns: Sequence[Turn]) -> str:
    """Does the same once more; gives why it ended early, empty when it did not.

    Raises:
        UnavailableError: Rasa gave no answer.
    """
    last: Sequence[dict[str, Any]] = ()
    for turn in turns:
        try:
            said = await (talk.press(button(turn.text, last)) if turn.is_press else talk.say(turn.text))
        except ButtonIsMissingError as error:
            return str(error)
        last = said.messages
    return ""


def _spoken(line: Line, policy: Policy | None) -> Spoken:
    if line.role == "member":
        return Spoken(is_member=True, text=str(line.message.get("text", "")), message=None, trace=None)
    message = shown_message(line.message)
    return Spoken(is_member=False, text=message.text, message=message, trace=trace_view(line.trace, policy))
