from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, select, update
from sqlalchemy.orm import Session

from bot.policy.gates import CLEAR
from bot.storage import conversations, feedback, models, talk_days, talks, transcript
from bot.storage.conversations import Sender
from bot.storage.encryption import Vault
from bot.storage.engine import reading, transaction
from bot.storage.models import Conversation, Entry, TalkDay
from bot.storage.talk_days import Figures
from bot.storage.talks import Review
from bot.storage.transcript import NewLine

NOW = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)
TODAY = date(2026, 11, 24)
VAULT = Vault(encryption_key=b"e" * 32, hash_key=b"h" * 32)


def said(kind: str, stated: float | None = None) -> NewLine:
    return NewLine("answer", {"kind": kind, "text": "。"}, lowest_stated=stated)


def talk(session: Session, *lines: NewLine, at: datetime = NOW, **changes: Any) -> Conversation:  # noqa: ANN401 - columns
    """A conversation of one turn in which these lines were said."""
    user = f"user {at} {len(session.scalars(select(Conversation)).all())}"
    member = conversations.add_member(session, Sender("eparkrelax", "web", user), vault=VAULT, now=at)
    conversation = conversations.start(session, member, now=at)
    conversations.count_turn(conversation, now=at)
    for name, value in changes.items():
        setattr(conversation, name, value)
    transcript.append(session, conversation, list(lines), vault=VAULT, now=at)
    return conversation


def read(engine: Engine, conversation: Conversation) -> Conversation:
    with reading(engine) as session:
        return session.get_one(Conversation, conversation.id)


def figures(engine: Engine, first: date = TODAY, last: date = TODAY) -> list[Figures]:
    with reading(engine) as session:
        return talk_days.of_days(session, "eparkrelax", first, last)


def count(engine: Engine) -> list[date]:
    with transaction(engine) as session:
        return talk_days.count_days(session, "eparkrelax")


def test_messages_are_counted_by_kind_with_the_lowest_score(engine: Engine) -> None:
    lines = [said("answer", 0.8), said("answer", 0.4), said("answer"), said("not_in_policy"), said("error")]
    provisional = NewLine("provisional", {"kind": "error", "text": "。"})
    with transaction(engine) as session:
        conversation = talk(session, *lines, provisional, said("receipt"), said("smalltalk"))

    row = read(engine, conversation)
    assert (row.answers, row.not_in_policy, row.errors, row.receipts, row.clarify) == (3, 1, 1, 1, 0)
    assert row.lowest_stated == pytest.approx(0.4)
    with reading(engine) as session:
        kinds = session.scalars(select(Entry.kind).order_by(Entry.position)).all()
    assert kinds == ["answer"] * 3 + ["not_in_policy", "error", "error", "receipt", "smalltalk"]


def test_the_low_scores_of_the_list_are_those_that_members_are_told_of() -> None:
    assert talks.LOW_SCORE == CLEAR
    assert f"lowest_stated < {talks.LOW_SCORE}" == models.LOW


def test_a_verdict_that_changes_is_counted_once(engine: Engine) -> None:
    with transaction(engine) as session:
        conversation = talk(session, said("answer"))
        member = session.get_one(models.Member, conversation.member_id)
        entry = session.scalars(select(Entry.id)).one()
        for helpful in (False, False, True, False):
            feedback.record(session, member, entry, helpful=helpful, vault=VAULT, now=NOW)

    row = read(engine, conversation)
    assert (row.helpful, row.unhelpful) == (0, 1)


def test_what_was_checked_is_open_again_when_it_goes_on(engine: Engine) -> None:
    with transaction(engine) as session:
        checked, improve = talk(session, said("answer")), talk(session, said("answer"))
        talks.mark(checked, Review.CHECKED, note="", actor="staff:a", vault=VAULT, now=NOW)
        talks.mark(improve, Review.IMPROVE, note="住所の質問", actor="staff:a", vault=VAULT, now=NOW)
    with transaction(engine) as session:
        for each in (checked, improve):
            transcript.append(session, each, [said("answer")], vault=VAULT, now=NOW)

    assert (read(engine, checked).review, read(engine, improve).review) == ("open", "improve")
    assert talks.note_on(read(engine, improve), VAULT) == "住所の質問"
    assert talks.note_on(read(engine, checked), VAULT) == ""
    assert "住所".encode() not in (read(engine, improve).sealed_review_note or b"")


def test_today_counts_as_it_is_and_earlier_days_as_they_were_counted(engine: Engine) -> None:
    yesterday = NOW - timedelta(days=1)
    with transaction(engine) as session:
        talk(session, said("answer"), said("not_in_policy"), at=yesterday)
        talk(session, said("answer"))

    assert [each.day for each in figures(engine, TODAY - timedelta(days=1))] == [TODAY]
    assert count(engine) == [TODAY, TODAY - timedelta(days=1)]
    assert count(engine) == []
    before, today = figures(engine, TODAY - timedelta(days=1))
    assert (before.day, before.talks, before.counts["answers"], before.counts["not_in_policy"]) == (
        TODAY - timedelta(days=1),
        1,
        1,
        1,
    )
    assert (today.talks, today.counts["turns"], today.counts["answers"]) == (1, 1, 1)


def test_a_day_begins_at_midnight_in_japan(engine: Engine) -> None:
    midnight = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)
    with transaction(engine) as session:
        talk(session, said("answer"), at=midnight - timedelta(seconds=1))
        talk(session, said("answer"), at=midnight)
    count(engine)

    assert [each.day for each in figures(engine, date(2026, 11, 1))] == [date(2026, 11, 23), TODAY]


def test_a_day_that_changed_after_it_was_counted_is_counted_anew(engine: Engine) -> None:
    yesterday = NOW - timedelta(days=1)
    with transaction(engine) as session:
        conversation = talk(session, said("answer"), at=yesterday)
    count(engine)
    with transaction(engine) as session:
        transcript.append(session, conversation, [said("error")], vault=VAULT, now=NOW)
    assert count(engine) == [TODAY - timedelta(days=1)]

    [before] = figures(engine, TODAY - timedelta(days=1))
    assert (before.talks, before.counts["errors"]) == (1, 1)


def test_after_an_outage_all_days_are_caught_up_with(engine: Engine) -> None:
    with transaction(engine) as session:
        for days in range(10):
            talk(session, said("answer"), at=NOW - timedelta(days=days))
    counted = [count(engine), count(engine), count(engine)]

    assert [len(each) for each in counted] == [7, 3, 0]
    assert sum(each.talks for each in figures(engine, TODAY - timedelta(days=30))) == 10


def test_tests_and_pages_that_were_only_opened_count_nowhere(engine: Engine) -> None:
    with transaction(engine) as session:
        talk(session, said("answer"), is_test=True)
        talk(session, said("notice"), turns=0)
        talk(session, said("answer"), is_test=True, at=NOW - timedelta(days=1))
        deleted = talk(session, said("answer"), is_test=True, at=NOW - timedelta(days=1))
        conversations.erase(session, deleted, now=NOW)
    count(engine)

    assert figures(engine, TODAY - timedelta(days=30)) == []


@pytest.mark.parametrize("days", [0, 1])
@pytest.mark.parametrize("is_counted_before", [True, False])
def test_what_was_deleted_stays_a_number_of_its_day_and_nowhere_else(
    engine: Engine,
    days: int,
    is_counted_before: bool,  # noqa: FBT001 - a parameter of the table
) -> None:
    at = NOW - timedelta(days=days)
    with transaction(engine) as session:
        kept, gone = talk(session, said("answer"), at=at), talk(session, said("not_in_policy"), said("error"), at=at)
        talks.mark(gone, Review.IMPROVE, note="秘密", actor="staff:a", vault=VAULT, now=NOW)
    if is_counted_before:
        count(engine)
    with transaction(engine) as session:
        conversations.erase(session, session.get_one(Conversation, gone.id), now=NOW)

    assert read(engine, gone).sealed_review_note is None
    assert [count(engine), count(engine)] == [[at.date()], []]
    totals = _total(figures(engine, TODAY - timedelta(days=1)))
    assert totals == {"talks": 2, "answers": 1, "not_in_policy": 1, "errors": 1, "turns": 2}
    row = read(engine, gone)
    assert (row.not_in_policy, row.errors, row.lowest_stated, row.review, row.reviewed_by) == (0, 0, None, "open", None)
    assert read(engine, kept).answers == 1


def _total(rows: list[Figures]) -> dict[str, int]:
    total = {"talks": sum(each.talks for each in rows)}
    for name in talk_days.FIGURES:
        total[name] = sum(each.counts[name] for each in rows)
    return {name: number for name, number in total.items() if number}


def test_before_its_numbers_are_moved_a_deleted_conversation_still_counts_today(engine: Engine) -> None:
    with transaction(engine) as session:
        gone = talk(session, said("answer"))
    count(engine)
    with transaction(engine) as session:
        conversations.erase(session, session.get_one(Conversation, gone.id), now=NOW)

    assert _total(figures(engine)) == {"talks": 1, "answers": 1, "turns": 1}


def test_what_changes_while_a_day_is_counted_is_not_lost(engine: Engine) -> None:
    """Who answers has read the row before the jobs counted it, and writes after them."""
    with transaction(engine) as session:
        conversation = talk(session, said("answer"), at=NOW - timedelta(days=1))
    assert conversation.is_counted is False
    count(engine)
    with transaction(engine) as session:
        session.add(conversation)
        transcript.append(session, conversation, [said("answer")], vault=VAULT, now=NOW)

    assert read(engine, conversation).is_counted is False
    count(engine)
    assert _total(figures(engine, TODAY - timedelta(days=1)))["answers"] == 2


def test_the_database_knows_three_reviews(engine: Engine) -> None:
    with transaction(engine) as session:
        talk(session, said("answer"))
    with pytest.raises(Exception, match="ck_conversation_review"), transaction(engine) as session:
        session.execute(update(Conversation).values(review="done"))


@pytest.mark.companies
def test_another_company_has_its_own_days(engine: Engine) -> None:
    with transaction(engine) as session:
        talk(session, said("answer"), controller="other", at=NOW - timedelta(days=1))
        assert talk_days.count_days(session, "eparkrelax") == []
        assert talk_days.count_days(session, "other") == [TODAY - timedelta(days=1)]
        assert [row.controller for row in session.scalars(select(TalkDay))] == ["other"]
    assert figures(engine, TODAY - timedelta(days=1)) == []
