from __future__ import annotations

import threading
from pathlib import Path

import pytest
from sqlalchemy import Engine, delete, update
from sqlalchemy.exc import DBAPIError

from bot.errors import MadoguchiError
from bot.policy.releases.editing import Edit, EntryHasChangedError, discard, draft_of, find_candidate, rebase
from bot.policy.releases.faults import (
    CandidateIsWrongError,
    NothingToPublishError,
    RunIsMissingError,
    SecondPersonIsMissingError,
    SomebodyWasFasterError,
)
from bot.policy.releases.history import edits_of, recent, releases
from bot.policy.releases.in_force import find_in_force, pointer_of
from bot.policy.releases.models import Release, ReleaseEvent
from bot.policy.releases.publishing import publish, restore
from bot.policy.releases.trying import candidate_to_try
from bot.settings import Settings
from bot.storage.engine import transaction
from tests.support.releases import (
    CARD,
    EDITOR,
    HEAD,
    NOW,
    PUBLISHER,
    card,
    decided,
    edited,
    green,
    published,
    reworded,
    settings_for,
)
from tests.support.small_policy import ID

pytestmark = pytest.mark.companies


@pytest.fixture
def settings(tmp_path: Path, database_url: str) -> Settings:
    return settings_for(tmp_path, database_url)


def cards_in_force(engine: Engine, settings: Settings) -> str:
    corpus = find_in_force(engine, settings, ID).corpus
    return (corpus / ID / "answers.yml").read_text(encoding="utf-8")


def test_before_anything_is_published_the_repository_answers(engine: Engine, settings: Settings) -> None:
    found = find_in_force(engine, settings, ID)

    assert (found.number, found.corpus) == (0, settings.corpus_dir)


def test_a_published_candidate_comes_into_force_with_both_names(engine: Engine, settings: Settings) -> None:
    release = published(engine, settings, "委託しています。")

    cards = cards_in_force(engine, settings)
    assert "委託しています。" in cards
    assert cards.startswith(HEAD)
    assert "approved_by: 鈴木" in cards
    assert "approved_on: 2026-11-26" in cards
    assert (release.number, release.made_by, release.published_by) == (1, f'["{EDITOR}"]', PUBLISHER)
    with transaction(engine) as session:
        assert find_candidate(session, ID) is None
        assert [event.what for event in edits_of(session, release.candidate_id)] == ["card:outsourcing"]
        assert [(event.action, event.actor, event.number) for event in recent(session, ID)] == [
            ("published", PUBLISHER, 1)
        ]


def test_whoever_worked_on_it_does_not_publish_it(engine: Engine, settings: Settings) -> None:
    reworded(engine, settings, "一つめ。", actor=PUBLISHER)
    draft = reworded(engine, settings, "二つめ。", actor=EDITOR)
    for person in (PUBLISHER, EDITOR):
        with transaction(engine) as session, pytest.raises(SecondPersonIsMissingError):
            publish(session, settings, ID, decided(draft.version, publisher=person), green, now=NOW)
    with transaction(engine) as session:
        assert publish(session, settings, ID, decided(draft.version, publisher="staff:third"), green, now=NOW)


def test_without_a_green_run_a_named_reason_is_needed(engine: Engine, settings: Settings) -> None:
    draft = reworded(engine, settings, "変えた。")
    for run_id, reason in (("", ""), ("red", ""), ("red", "短い")):
        with transaction(engine) as session, pytest.raises(RunIsMissingError):
            publish(session, settings, ID, decided(draft.version, run_id=run_id, reason=reason), green, now=NOW)
    with transaction(engine) as session:
        why = "誤った案内を止めるため、先に公開します。"
        release = publish(session, settings, ID, decided(draft.version, run_id="red", reason=why), green, now=NOW)
        assert (release.run_id, release.override_reason) == (None, why)
        assert recent(session, ID)[0].reason == why


def test_a_green_run_is_recorded_and_asked_for_exactly_these_files(engine: Engine, settings: Settings) -> None:
    draft = reworded(engine, settings, "変えた。")
    asked: list[tuple[str, str]] = []

    def is_green(_session: object, run_id: str, digest: str) -> bool:
        asked.append((run_id, digest))
        return True

    with transaction(engine) as session:
        release = publish(session, settings, ID, decided(draft.version, run_id="r1"), is_green, now=NOW)
    assert asked == [("r1", draft.digest)]
    assert (release.run_id, release.override_reason) == ("r1", None)


def test_what_was_changed_after_one_looked_is_not_published(engine: Engine, settings: Settings) -> None:
    seen = reworded(engine, settings, "一つめ。")
    reworded(engine, settings, "二つめ。")
    with transaction(engine) as session, pytest.raises(SomebodyWasFasterError):
        publish(session, settings, ID, decided(seen.version), green, now=NOW)


def test_of_two_who_publish_at_once_one_does(engine: Engine, settings: Settings) -> None:
    draft = reworded(engine, settings, "変えた。")
    gate = threading.Barrier(2)
    outcomes: list[str] = []

    def press(person: str) -> None:
        gate.wait()
        try:
            with transaction(engine) as session:
                publish(session, settings, ID, decided(draft.version, publisher=person), green, now=NOW)
            outcomes.append("published")
        except MadoguchiError as error:
            outcomes.append(type(error).__name__)

    threads = [threading.Thread(target=press, args=(f"staff:{name}",)) for name in ("a", "b")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(outcomes) == sorted(["published", NothingToPublishError.__name__])
    with transaction(engine) as session:
        assert [release.number for release in releases(session, ID)] == [1]


def test_two_people_on_two_cards_are_in_nobodys_way(engine: Engine, settings: Settings) -> None:
    edited(engine, settings, Edit("answers.yml", None, card(id="other", questions=["甲", "乙", "丙"])))
    draft = reworded(engine, settings, "変えた。", actor="staff:b")

    assert "変えた。" in draft.text("answers.yml")
    assert "id: other" in draft.text("answers.yml")


def test_of_two_on_one_card_the_second_is_shown_the_first(engine: Engine, settings: Settings) -> None:
    from bot.policy.releases.entry_files import seen_of  # noqa: PLC0415

    seen = seen_of(CARD)
    edited(engine, settings, Edit("answers.yml", "outsourcing", card(text="先。"), seen))
    with pytest.raises(EntryHasChangedError) as told:
        edited(engine, settings, Edit("answers.yml", "outsourcing", card(text="後。"), seen), actor="staff:b")

    assert told.value.theirs is not None
    assert told.value.theirs["text"] == "先。"
    edited(engine, settings, Edit("answers.yml", "outsourcing", None, seen_of(card(text="先。"))))
    with pytest.raises(EntryHasChangedError) as gone:
        edited(engine, settings, Edit("answers.yml", "outsourcing", card(text="後。"), seen))
    assert gone.value.theirs is None


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"quotes": ["ない言葉"]}, "カード outsourcing：方針にない引用です「ない言葉」"),
        ({"questions": ["甲", "乙"]}, "outsourcing: questions"),
        ({"text": " "}, "outsourcing: text"),
    ],
)
def test_what_cannot_be_served_is_not_saved(
    engine: Engine, settings: Settings, changes: dict[str, object], says: str
) -> None:
    from bot.policy.releases.entry_files import seen_of  # noqa: PLC0415

    edit = Edit("answers.yml", "outsourcing", card(**changes), seen_of(CARD))
    with pytest.raises(CandidateIsWrongError, match=says):
        edited(engine, settings, edit)
    with transaction(engine) as session:
        assert find_candidate(session, ID) is None


def test_a_question_of_two_cards_is_not_saved(engine: Engine, settings: Settings) -> None:
    with pytest.raises(CandidateIsWrongError, match="委託していますか"):
        edited(engine, settings, Edit("answers.yml", None, card(id="twin")))


def test_taking_back_and_forth_is_one_row_and_an_event_each(engine: Engine, settings: Settings) -> None:
    published(engine, settings, "一つめ。")
    published(engine, settings, "二つめ。")
    with transaction(engine) as session:
        restore(session, ID, 1, seen=2, actor=PUBLISHER, reason="誤りがあった", now=NOW)
    assert "一つめ。" in cards_in_force(engine, settings)
    with transaction(engine) as session, pytest.raises(SomebodyWasFasterError):
        restore(session, ID, 0, seen=2, actor=PUBLISHER, reason="", now=NOW)
    with transaction(engine) as session:
        restore(session, ID, 0, seen=1, actor=PUBLISHER, reason="", now=NOW)
    assert find_in_force(engine, settings, ID).corpus == settings.corpus_dir
    with transaction(engine) as session:
        assert pointer_of(session, ID).number == 0
        told = [(event.action, event.number) for event in recent(session, ID)]
    assert told == [("restored", 0), ("restored", 1), ("published", 2), ("published", 1)]


@pytest.mark.parametrize("number", [1, 9, -1])
def test_only_another_release_that_there_is_can_come_back(engine: Engine, settings: Settings, number: int) -> None:
    published(engine, settings, "一つめ。")
    with transaction(engine) as session, pytest.raises(NothingToPublishError):
        restore(session, ID, number, seen=1, actor=PUBLISHER, reason="", now=NOW)


def test_a_candidate_of_a_release_that_was_taken_back_is_looked_at_anew(engine: Engine, settings: Settings) -> None:
    published(engine, settings, "一つめ。")
    draft = reworded(engine, settings, "二つめ。")
    with transaction(engine) as session:
        restore(session, ID, 0, seen=1, actor=PUBLISHER, reason="", now=NOW)
    with transaction(engine) as session, pytest.raises(SomebodyWasFasterError):
        publish(session, settings, ID, decided(draft.version), green, now=NOW)
    with transaction(engine) as session:
        rebase(session, ID, draft.version, actor="staff:b", now=NOW)
    with transaction(engine) as session, pytest.raises(SecondPersonIsMissingError):
        publish(session, settings, ID, decided(draft.version + 1, publisher="staff:b"), green, now=NOW)
    with transaction(engine) as session:
        assert publish(session, settings, ID, decided(draft.version + 1), green, now=NOW).number == 2


def test_a_discarded_candidate_leaves_its_history(engine: Engine, settings: Settings) -> None:
    draft = reworded(engine, settings, "一つめ。")
    with transaction(engine) as session:
        discard(session, ID, draft.version, actor=EDITOR, now=NOW)
        assert draft_of(session, settings, ID).candidate_id == ""
        assert [event.action for event in recent(session, ID)] == ["discarded"]
        assert [event.actor for event in edits_of(session, draft.candidate_id)] == [EDITOR]


def test_nothing_changed_is_nothing_to_publish(engine: Engine, settings: Settings) -> None:
    reworded(engine, settings, "一つめ。")
    draft = reworded(engine, settings, str(CARD["text"]))
    with transaction(engine) as session, pytest.raises((NothingToPublishError, SomebodyWasFasterError)):
        publish(session, settings, ID, decided(draft.version), green, now=NOW)


def test_a_candidate_is_tried_as_it_will_speak(engine: Engine, settings: Settings) -> None:
    with transaction(engine) as session:
        assert candidate_to_try(session, settings, ID, NOW) is None
    draft = reworded(engine, settings, "変えた。")
    with transaction(engine) as session:
        found = candidate_to_try(session, settings, ID, NOW)
    assert found is not None
    assert found.digest == draft.digest
    cards = (found.corpus / ID / "answers.yml").read_text(encoding="utf-8")
    assert "変えた。" in cards
    assert "approved_on: 2026-11-26" in cards


@pytest.mark.parametrize("table", [Release, ReleaseEvent])
def test_what_was_published_and_its_history_never_change(
    engine: Engine, settings: Settings, table: type[Release | ReleaseEvent]
) -> None:
    published(engine, settings, "一つめ。")
    for statement in (update(table).values(policy="x/y"), delete(table)):
        with pytest.raises(DBAPIError, match="never change"), transaction(engine) as session:
            session.execute(statement)
