from __future__ import annotations

import json
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from bot.policy.documents import load_policy
from bot.policy.releases.following import Following, Where
from bot.policy.releases.in_force import InForce, find_in_force, look_once
from bot.policy.releases.placing import folder_of
from bot.policy.releases.publishing import restore
from bot.settings import Settings
from bot.storage.engine import open_engine, transaction
from bot.storage.walls import EVERY
from tests.support.postgres import as_superuser
from tests.support.releases import NOW, PUBLISHER, published, settings_for
from tests.support.small_policy import ID, VERSION

pytestmark = pytest.mark.companies

ASKERS = 20


@dataclass(frozen=True)
class Spoken:
    """What stands in for an assistant: the words of a release, said in two halves."""

    number: int
    cards: str

    def answer(self) -> tuple[int, str]:
        return self.number, self.cards


@pytest.fixture
def settings(tmp_path: Path, database_url: str) -> Settings:
    return settings_for(tmp_path, database_url)


def cards(corpus: Path) -> str:
    return (corpus / ID / "answers.yml").read_text(encoding="utf-8")


def speaking(found: InForce, _day: date, _before: Spoken | None) -> Spoken:
    load_policy(found.corpus, ID)
    return Spoken(found.number, cards(found.corpus))


def following(
    engine: Engine,
    settings: Settings,
    make: Callable[[InForce, date, Spoken | None], Spoken] = speaking,
    clock: Callable[[], datetime] = lambda: NOW,
) -> Following[Spoken]:
    return Following(Where(settings, lambda: engine, clock), make)


def break_release(engine: Engine, number: int, settings: Settings) -> None:
    """As a bad disk would: past the triggers that guard what the application writes."""
    url = engine.url.render_as_string(hide_password=False)
    free = open_engine(as_superuser(url) if url.startswith("postgresql") else url, controller=EVERY)
    with free.begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("SET LOCAL session_replication_role = replica"))
        else:
            connection.execute(text("DROP TRIGGER policy_release_UPDATE_is_refused"))
        digest = connection.execute(
            text("SELECT digest FROM policy_release WHERE number = :number"), {"number": number}
        ).scalar_one()
        connection.execute(
            text("UPDATE policy_release SET packed_files = :bad WHERE number = :number"),
            {"bad": b"broken", "number": number},
        )
    free.dispose()
    place = folder_of(settings, ID, digest)
    if place.is_dir():
        (place / ID / "answers.yml").write_text("- broken", encoding="utf-8")


def test_another_release_is_swapped_in_by_one_look(engine: Engine, settings: Settings) -> None:
    follows = following(engine, settings)
    assert not follows.is_open
    assert not follows.look()
    assert follows.get().number == 0
    assert not follows.look()

    published(engine, settings, "一つめ。")

    assert follows.get().number == 0
    assert follows.look()
    assert (follows.get().number, follows.number) == (1, 1)
    assert "一つめ。" in follows.get().cards
    assert not follows.look()


def test_taking_back_is_followed_too(engine: Engine, settings: Settings) -> None:
    published(engine, settings, "一つめ。")
    follows = following(engine, settings)
    assert follows.get().number == 1
    with transaction(engine) as session:
        restore(session, ID, 0, seen=1, actor=PUBLISHER, reason="", now=NOW)

    assert follows.look()
    assert follows.get().number == 0


def test_whoever_asks_while_releases_change_gets_one_of_them_whole(engine: Engine, settings: Settings) -> None:
    follows = following(engine, settings)
    words = {0: follows.get().cards}
    ended = threading.Event()
    answers: set[tuple[int, str]] = set()

    def ask() -> None:
        while not ended.wait(0.002):
            answers.add(follows.get().answer())

    threads = [threading.Thread(target=ask) for _ in range(ASKERS)]
    for thread in threads:
        thread.start()
    for number in (1, 2, 3):
        published(engine, settings, f"{number}番目の言葉。")
        assert follows.look()
        words[number] = cards(find_in_force(engine, settings, ID).corpus)
    ended.set()
    for thread in threads:
        thread.join()

    assert follows.get().number == 3
    assert {number for number, _ in answers} <= set(words)
    assert all(said == words[number] for number, said in answers)


def test_nobody_waits_for_a_release_that_is_being_opened(engine: Engine, settings: Settings) -> None:
    begun, may_end = threading.Event(), threading.Event()

    def slow(found: InForce, day: date, before: Spoken | None) -> Spoken:
        if found.number:
            begun.set()
            assert may_end.wait(30)
        return speaking(found, day, before)

    follows = following(engine, settings, slow)
    follows.get()
    published(engine, settings, "一つめ。")
    looking = threading.Thread(target=follows.look)
    looking.start()
    assert begun.wait(30)

    assert follows.get().number == 0

    may_end.set()
    looking.join()
    assert follows.get().number == 1


def test_a_new_process_begins_with_the_release_in_force(engine: Engine, settings: Settings) -> None:
    published(engine, settings, "一つめ。")
    published(engine, settings, "二つめ。")

    assert following(engine, settings).get().number == 2
    assert look_once(settings).number == 2
    assert "二つめ。" in cards(look_once(settings).corpus)


def test_a_damaged_release_leaves_the_one_before_in_its_place(engine: Engine, settings: Settings) -> None:
    published(engine, settings, "一つめ。")
    follows = following(engine, settings)
    follows.get()
    published(engine, settings, "二つめ。")
    break_release(engine, 2, settings)

    assert not follows.look()
    assert (follows.get().number, follows.fault) == (1, "ReleaseIsDamagedError")
    assert not follows.look()
    assert following(engine, settings).get().number == 1

    with transaction(engine) as session:
        restore(session, ID, 1, seen=2, actor=PUBLISHER, reason="", now=NOW)
    follows.look()
    assert (follows.get().number, follows.fault) == (1, "")


def test_files_that_somebody_changed_on_disk_are_laid_out_anew(engine: Engine, settings: Settings) -> None:
    published(engine, settings, "一つめ。")
    corpus = find_in_force(engine, settings, ID).corpus
    (corpus / ID / "answers.yml").write_text("- 書き換え", encoding="utf-8")

    assert "一つめ。" in cards(find_in_force(engine, settings, ID).corpus)


def test_a_release_that_cannot_be_opened_is_told_and_tried_again_later(engine: Engine, settings: Settings) -> None:
    tries: list[int] = []

    def failing(found: InForce, day: date, before: Spoken | None) -> Spoken:
        if found.number and len(tries) < 2:
            tries.append(found.number)
            raise OSError("no room left")
        return speaking(found, day, before)

    follows = following(engine, settings, failing)
    follows.get()
    published(engine, settings, "一つめ。")
    looks = [follows.look() for _ in range(100)]

    assert tries == [1, 1]
    assert looks.count(True) == 1
    assert (follows.get().number, follows.fault) == (1, "")


def test_without_a_database_the_last_release_that_was_seen_goes_on(
    engine: Engine, settings: Settings, tmp_path: Path
) -> None:
    published(engine, settings, "一つめ。")
    assert find_in_force(engine, settings, ID).number == 1
    follows = following(engine, settings)
    follows.get()
    empty = open_engine(f"sqlite:///{tmp_path / 'empty.db'}")
    try:
        assert find_in_force(empty, settings, ID).number == 1
        gone = Following(Where(settings, lambda: empty, lambda: NOW), speaking)
        assert gone.get().number == 1
        assert not gone.look()
        assert gone.fault == "OperationalError"
    finally:
        empty.dispose()


def test_an_unreadable_memory_is_no_memory(tmp_path: Path, engine: Engine, settings: Settings) -> None:
    memory = settings.data_dir / "releases" / ID / "in_force.json"
    memory.parent.mkdir(parents=True)
    empty = open_engine(f"sqlite:///{tmp_path / 'empty.db'}")
    try:
        for content in ("", "[]", json.dumps({"number": 1, "digest": "gone"})):
            memory.write_text(content, encoding="utf-8")
            assert find_in_force(empty, settings, ID).number == 0
    finally:
        empty.dispose()
    assert find_in_force(engine, settings, ID).number == 0


def test_a_command_makes_no_database(tmp_path: Path) -> None:
    nowhere = settings_for(tmp_path, f"sqlite:///{tmp_path / 'none.db'}")

    assert look_once(nowhere).corpus == nowhere.corpus_dir
    assert not (tmp_path / "none.db").exists()


def test_the_first_look_of_a_day_opens_the_version_that_has_come_into_force(engine: Engine, settings: Settings) -> None:
    now = [NOW]
    follows = following(engine, settings, clock=lambda: now[0])
    first = follows.get()
    now[0] = datetime(2026, 11, 27, tzinfo=UTC)
    assert not follows.look()
    assert follows.get() is first

    folder = settings.corpus_dir / ID
    for suffix in (".txt", ".md"):
        content = (folder / f"{VERSION}{suffix}").read_text(encoding="utf-8")
        moved = content.replace(f"version: {VERSION}", "version: 2026-11-28") if suffix == ".md" else content
        moved = moved.replace(f"effective_date: {VERSION}", "effective_date: 2026-11-28")
        (folder / f"2026-11-28{suffix}").write_text(moved, encoding="utf-8", newline="")
    assert not follows.look()
    now[0] = datetime(2026, 11, 28, tzinfo=UTC)
    assert follows.look()
    assert follows.get() is not first


def test_companions_stand_beside_a_release(engine: Engine, settings: Settings) -> None:
    beside = settings.corpus_dir / "sakura" / "faq"
    beside.mkdir()
    (beside / "note.md").write_text("x", encoding="utf-8")
    published(engine, settings, "一つめ。")

    corpus = find_in_force(engine, settings, ID).corpus
    assert (corpus / "sakura" / "faq" / "note.md").read_text(encoding="utf-8") == "x"
