"""Made-up conversations: what members might say, answered by the real search and stored as the gateway stores them."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Literal

import yaml
from sqlalchemy.orm import Session

from bot.channels import notices
from bot.channels.gateway import Gateway
from bot.channels.settling import settle
from bot.launch.demo.moving_clock import MovingClock
from bot.message import Message, fixed
from bot.policy.answer import Answer
from bot.storage import conversations, feedback, inbox, transcript
from bot.storage.conversations import Sender
from bot.storage.engine import transaction
from bot.storage.inbox import Event, TurnBody
from bot.storage.models import Conversation, Inbound, Member
from bot.storage.transcript import NewLine

_FILE = Path(__file__).with_name("talks.yml")
_DAYS = 30
_FOLLOWS, _ASIDE, _JUDGES, _HELPED, _LOST = 0.3, 0.25, 0.3, 0.62, 0.015
_WAKING_HOURS = (8.0, 23.5)

Ask = Callable[[str, Mapping[str, Any] | None, datetime], Answer]
"""The assistant's own door: a question, what was said before, the moment."""


@dataclass(frozen=True)
class Said:
    """What a member does in a turn, and what answers it."""

    text: str
    messages: list[Message]
    door: Literal["say", "press"] = "say"
    helpful: bool | None = None


@dataclass
class Talker:
    """Stores conversations of members who are made up as they are needed.

    Attributes:
        gateway: whose conversations they are; it goes by `clock`.
        clock: set to the moment of each turn.
        chance: decides everything that could be otherwise.
        ask: the assistant.
    """

    gateway: Gateway
    clock: MovingClock
    chance: random.Random
    ask: Ask
    _members: int = field(default=0, init=False)
    _answers: dict[tuple[str, str], Answer] = field(default_factory=dict, init=False)

    def begin(self, session: Session, channel: str) -> tuple[Member, Conversation]:
        """A new member with a conversation that begins now."""
        self._members += 1
        vault, now = self.gateway.vault, self.clock()
        sender = Sender(self.gateway.controller, channel, f"demo-{self._members}")
        member = conversations.add_member(session, sender, vault=vault, now=now)
        conversation = conversations.start(session, member, now=now)
        first = NewLine("notice", notices.first_message(self.gateway, channel).to_public())
        transcript.append(session, conversation, [first], vault=vault, now=now)
        return member, conversation

    def take_turn(self, session: Session, member: Member, conversation: Conversation, said: Said) -> None:
        """One turn as it would have come in and been answered."""
        vault, now = self.gateway.vault, self.clock()
        event = Event(conversation.channel, f"demo-{conversation.id}-{conversation.turns}", "demo")
        row = inbox.add(session, event, conversation, TurnBody(said.door, said.text), vault=vault, now=now, due=now)
        conversations.count_turn(conversation, now=now)
        spoken = NewLine("member", {"kind": "member", "text": said.text})
        transcript.append(session, conversation, [spoken], vault=vault, now=now, turn_id=row.id)
        lines = settle(session, self.gateway, conversation, said.messages, turn_id=row.id)
        transcript.append(session, conversation, lines, vault=vault, now=now, turn_id=row.id)
        inbox.mark_done(session, row.id, now=now)
        self._judge(session, member, row, said)

    def _judge(self, session: Session, member: Member, row: Inbound, said: Said) -> None:
        if said.helpful is None:
            return
        for line in transcript.of_turn(session, row.id, "answer", vault=self.gateway.vault):
            if line.message["kind"] in feedback.JUDGED_KINDS:
                feedback.record(
                    session, member, line.id, helpful=said.helpful, vault=self.gateway.vault, now=self.clock()
                )

    def answered(self, text: str, before: Answer | None = None) -> Answer:
        """What the assistant says, asked once for each question and what it follows up on."""
        key = (text, before.message.text if before else "")
        if key not in self._answers:
            self._answers[key] = self.ask(text, before.context if before else None, self.clock())
        return self._answers[key]


def tell_talks(talker: Talker, count: int, *, until: datetime) -> None:
    """That many conversations over the last thirty days, the earliest first."""
    script = yaml.safe_load(_FILE.read_text(encoding="utf-8"))
    for moment in _moments(talker.chance, count, until):
        talker.clock.now = moment
        with transaction(talker.gateway.engine) as session:
            channel = _drawn(talker.chance, script["openings"].items())
            member, conversation = talker.begin(session, channel)
            for said in _turns(talker, script):
                talker.take_turn(session, member, conversation, said)
                talker.clock.now += timedelta(seconds=talker.chance.randrange(20, 150))


def _moments(chance: random.Random, count: int, until: datetime) -> list[datetime]:
    midnight = until - timedelta(hours=until.hour, minutes=until.minute)
    drawn = (
        # Midnight in Japan is nine hours before the one above.
        midnight - timedelta(days=chance.randrange(_DAYS)) + timedelta(hours=chance.uniform(*_WAKING_HOURS) - 9)
        for _ in range(count)
    )
    latest = until - timedelta(minutes=30)
    return sorted(min(moment, latest - timedelta(minutes=chance.randrange(600))) for moment in drawn)


def _turns(talker: Talker, script: Mapping[str, Any]) -> list[Said]:
    chance = talker.chance
    found: list[Said] = []
    for _ in range(1 + (chance.random() < _FOLLOWS)):
        question = _drawn(chance, [(each["text"], each["weight"]) for each in script["questions"]])
        answer = talker.answered(question)
        found.append(_said(talker, question, answer))
        if chance.random() < _FOLLOWS:
            onward = chance.choice(script["followups"])
            found.append(_said(talker, onward, talker.answered(onward, answer)))
    if chance.random() < _ASIDE:
        aside = _drawn(chance, [(each, each["weight"]) for each in script["asides"]])
        found.append(Said(aside["text"], [Message(kind=aside["kind"], parts=(fixed(aside["answer"]),))]))
    return found


def _said(talker: Talker, text: str, answer: Answer) -> Said:
    chance = talker.chance
    if chance.random() < _LOST:
        return Said(text, [notices.giving_up(talker.gateway, f"{chance.getrandbits(32):08x}")])
    message = answer.message.model_copy(update={"context": answer.context, "trace": answer.trace})
    helped = _HELPED if answer.message.kind == "answer" else 0.1
    return Said(text, [message], helpful=chance.random() < helped if chance.random() < _JUDGES else None)


def _drawn(chance: random.Random, weighted: Sequence[tuple[Any, int]] | Any) -> Any:  # noqa: ANN401 - whatever the script holds
    values, weights = zip(*weighted, strict=True)
    return chance.choices(values, weights)[0]
