from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import pytest

from actions.answerer import Answerer
from actions.rehearsed import CorpusIsUnknownError, Rehearsed
from actions.services import Services
from actions.turn import Turn
from bot.clock import in_tokyo
from bot.policy.assistant import Assistant
from bot.policy.releases.placing import lay_out
from bot.policy.releases.snapshot import read_folder
from tests.support.scripted_assistant import ScriptedAssistant


class Opened(SimpleNamespace):
    """What is opened instead of an assistant: remembers of what, and says that it is not published."""

    def released(self, number: int | None) -> Opened:
        assert number is None
        return self


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[Opened]:
    made: list[Opened] = []

    def open_assistant(_settings: object, **facts: Any) -> Opened:  # noqa: ANN401 - what is passed on
        made.append(Opened(**facts))
        return made[-1]

    monkeypatch.setattr("actions.rehearsed.open_assistant", open_assistant)
    return made


def test_a_test_is_answered_from_its_own_corpus_and_nobody_else_is(
    services: Services, assistant: ScriptedAssistant, opened: list[Opened]
) -> None:
    policy = services.settings.default_policy
    corpus = lay_out(services.settings, policy, read_folder(services.settings.corpus_dir, policy))
    turn = services.for_one_turn(corpus.name)
    assert cast("object", turn.assistant) is opened[0]
    assert opened[0].corpus == corpus
    assert opened[0].beside is assistant
    assert cast("object", services.for_one_turn().assistant) is assistant
    assert cast("object", services.for_one_turn(corpus.name).assistant) is opened[0]
    assert len(opened) == 1


@pytest.mark.parametrize("name", ["../policy_corpus", "x", "0" * 64, "0" * 63 + "g"])
def test_only_what_is_laid_out_here_can_be_named(services: Services, name: str) -> None:
    with pytest.raises(CorpusIsUnknownError):
        services.for_one_turn(name)


def test_the_corpus_comes_with_the_turn(services: Services) -> None:
    def tracker(**latest: object) -> object:
        return SimpleNamespace(sender_id="c", latest_message=latest, events=[], get_slot=lambda _name: None)

    assert Turn.from_tracker(tracker(text="甲")).corpus == ""
    assert Turn.from_tracker(tracker(text="甲", metadata={"turn": "t", "corpus": "abc"})).corpus == "abc"
    assert Turn.from_tracker(tracker(text="甲", metadata=None)).corpus == ""
    del services


def test_another_corpus_takes_the_place_of_the_last(services: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[str] = []

    def answerer(_self: Rehearsed, name: str, _day: object, _beside: object) -> Answerer:
        made.append(name)
        return cast("Answerer", SimpleNamespace(assistant=name))

    monkeypatch.setattr(Rehearsed, "_open", answerer)
    rehearsed, day = Rehearsed(services.settings), in_tokyo(services.clock()).date()
    for name in ("a", "a", "b"):
        assert rehearsed.get(name, day, lambda: cast("Assistant", None)).assistant == cast("Assistant", name)
    assert made == ["a", "b"]
