"""A turn is answered by one release as a whole, whatever is published while it runs."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import date
from typing import cast

import pytest

from actions.services import Services
from bot.desk import Desk
from bot.policy.assistant import Assistant
from bot.policy.releases.in_force import InForce
from bot.policy.releases.models import ReleasePointer
from bot.policy.releases.placing import lay_out
from bot.policy.releases.snapshot import Files, digest_of, read_folder
from bot.settings import Settings
from bot.storage.engine import transaction
from tests.support.releases import NOW

ASKERS = 20


class Numbered:
    """Stands in for an assistant; all that matters is which release it is of."""

    def __init__(self, release: int) -> None:
        self.release = release

    def __repr__(self) -> str:
        return f"release {self.release}"


@pytest.fixture
def services(settings: Settings) -> Iterator[Services]:
    def open_one(found: InForce, _day: date, _before: Assistant | None) -> Assistant:
        return cast(Assistant, Numbered(found.number))

    made = Services(settings, open_assistant=open_one)
    yield made
    made.engine.dispose()


def put_in_force(services: Services, number: int) -> None:
    """As publishing does: the files laid out, one row changed; the service's name tells the release."""
    settings = services.settings
    files: Files = dict(read_folder(settings.corpus_dir, settings.default_policy))
    named = files["desk.yml"].replace("service: ", f"service: R{number} ", 1)
    changed = {**files, "desk.yml": named}
    lay_out(settings, settings.default_policy, changed)
    pointer = ReleasePointer(
        controller=services.controller,
        policy=settings.default_policy,
        number=number,
        digest=digest_of(changed),
        changed_at=NOW,
    )
    with transaction(services.engine) as session:
        session.merge(pointer)


def of(desk: Desk) -> int:
    """The release that a desk file is of."""
    return int(desk.service.split()[0][1:]) if desk.service.startswith("R") else 0


def test_before_the_assistant_is_loaded_the_desk_is_there(services: Services) -> None:
    put_in_force(services, 3)

    assert of(services.desk) == 3
    assert not services.is_warm


def test_a_turn_keeps_its_release_to_its_end(services: Services) -> None:
    services.releases.get()
    turn = services.for_one_turn()
    assert turn.assistant.release == 0
    put_in_force(services, 1)
    assert services.releases.look()

    assert (turn.assistant.release, of(turn.desk)) == (0, 0)
    following = services.for_one_turn()
    assert (of(following.desk), following.assistant.release) == (1, 1)


def test_twenty_who_ask_while_releases_change_get_assistant_and_desk_of_one_release(services: Services) -> None:
    services.releases.get()
    ended = threading.Event()
    seen: set[tuple[int | None, int]] = set()

    def ask() -> None:
        while not ended.wait(0.002):
            turn = services.for_one_turn()
            seen.add((turn.assistant.release, of(turn.desk)))

    threads = [threading.Thread(target=ask) for _ in range(ASKERS)]
    for thread in threads:
        thread.start()
    for number in (1, 2, 3):
        put_in_force(services, number)
        assert services.releases.look()
    ended.set()
    for thread in threads:
        thread.join()
    last = services.for_one_turn()

    assert all(assistant == desk for assistant, desk in seen)
    assert (last.assistant.release, of(last.desk)) == (3, 3)


def test_a_desk_file_that_cannot_be_read_leaves_the_release_before(services: Services) -> None:
    services.releases.get()
    settings = services.settings
    files = {**read_folder(settings.corpus_dir, settings.default_policy), "desk.yml": "no: desk\n"}
    lay_out(settings, settings.default_policy, files)
    with transaction(services.engine) as session:
        session.merge(
            ReleasePointer(
                controller=services.controller,
                policy=settings.default_policy,
                number=4,
                digest=digest_of(files),
                changed_at=NOW,
            )
        )

    assert not services.releases.look()
    assert services.for_one_turn().assistant.release == 0
    assert services.releases.fault == "DeskIsWrongError"
