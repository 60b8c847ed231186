from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from bot.storage import conversations, feedback, transcript
from bot.storage.conversations import Sender
from bot.storage.encryption import Vault
from bot.storage.engine import transaction
from bot.storage.models import Conversation, Member
from bot.storage.transcript import NewLine

_NOW = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)
_LATER = _NOW + timedelta(hours=1)


@pytest.fixture
def vault() -> Vault:
    return Vault(encryption_key=b"e" * 32, hash_key=b"h" * 32)


def _answered(
    session: Session, vault: Vault, *, controller: str = "eparkrelax", user: str = "u"
) -> tuple[Member, Conversation, str]:
    """A member, their conversation, and the id of an answer in it."""
    member = conversations.add_member(session, Sender(controller, "web", user), vault=vault, now=_NOW)
    conversation = conversations.start(session, member, now=_NOW)
    line = NewLine("answer", {"kind": "answer", "text": "はい。"})
    transcript.append(session, conversation, [line], vault=vault, now=_NOW)
    return member, conversation, transcript.of_member(session, member.id, vault=vault)[0].id


def test_the_latest_verdict_on_an_answer_counts(engine: Engine, vault: Vault) -> None:
    with transaction(engine) as session:
        member, _, answer = _answered(session, vault)
        feedback.record(session, member, answer, helpful=True, vault=vault, now=_NOW)
        feedback.record(session, member, answer, helpful=False, vault=vault, now=_LATER)
        assert feedback.of_entries(session, [answer, "0" * 32]) == {answer: False}
        [verdict] = feedback.given_to(session, "eparkrelax")
        assert (verdict.at, verdict.helpful) == (_LATER, False)


def test_an_answer_to_somebody_else_is_unknown(engine: Engine, vault: Vault) -> None:
    with transaction(engine) as session:
        _, _, answer = _answered(session, vault)
        other, _, _ = _answered(session, vault, user="v")
        with pytest.raises(feedback.AnswerIsUnknownError):
            feedback.record(session, other, answer, helpful=True, vault=vault, now=_NOW)


def test_staff_read_the_latest_first_and_by_verdict_and_time(engine: Engine, vault: Vault) -> None:
    with transaction(engine) as session:
        for user, helpful, at in (("a", True, _NOW), ("b", False, _NOW), ("c", False, _LATER)):
            member, _, answer = _answered(session, vault, user=user)
            feedback.record(session, member, answer, helpful=helpful, vault=vault, now=at)
        assert [verdict.at for verdict in feedback.given_to(session, "eparkrelax")] == [_LATER, _NOW, _NOW]
        assert len(feedback.given_to(session, "eparkrelax", helpful=False)) == 2
        assert len(feedback.given_to(session, "eparkrelax", helpful=True)) == 1
        assert len(feedback.given_to(session, "eparkrelax", since=_LATER)) == 1
        assert len(feedback.given_to(session, "eparkrelax", most=1)) == 1


@pytest.mark.companies
def test_staff_of_one_company_never_read_another_ones(engine: Engine, vault: Vault) -> None:
    with transaction(engine) as session:
        member, _, answer = _answered(session, vault, controller="other")
        feedback.record(session, member, answer, helpful=True, vault=vault, now=_NOW)
        assert feedback.given_to(session, "eparkrelax") == []


def test_what_staff_try_out_counts_nowhere(engine: Engine, vault: Vault) -> None:
    with transaction(engine) as session:
        member, conversation, answer = _answered(session, vault)
        conversation.is_test = True
        feedback.record(session, member, answer, helpful=True, vault=vault, now=_NOW)
        assert feedback.given_to(session, "eparkrelax") == []


def test_erasing_a_conversation_takes_its_verdicts(engine: Engine, vault: Vault) -> None:
    with transaction(engine) as session:
        member, conversation, answer = _answered(session, vault)
        feedback.record(session, member, answer, helpful=True, vault=vault, now=_NOW)
        conversations.erase(session, conversation, now=_LATER)
        assert feedback.given_to(session, "eparkrelax") == []
        assert feedback.of_entries(session, [answer]) == {}
