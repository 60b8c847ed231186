from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from bot.errors import BadInputError
from bot.evaluation.offline import OfflineRunner
from bot.evaluation.policies import Policies
from bot.evaluation.question_sets import Row
from bot.message import Message, Part
from bot.policy.assistant import Assistant
from bot.policy.citations import find_quote
from bot.policy.documents import load_policy
from bot.policy.model import Policy
from bot.policy.search import Hit
from bot.settings import Settings
from tests.support.small_policy import ID, VERSION, write_small_policy

NOW = datetime(2026, 11, 25, 3, 0, tzinfo=UTC)
SPAN = "当店は、業務の一部を委託します。"


class Clerk:
    """Finds every passage in the order of the text and quotes one sentence; remembers the contexts it got."""

    def __init__(self, policy: Policy) -> None:
        self.policy = policy
        self.contexts: list[Mapping[str, Any] | None] = []

    def search(self, question: str) -> list[Hit]:
        assert question
        return [Hit(passage, 0.5, {"dense": 0.8}, passage.sentences[0]) for passage in self.policy.passages]

    def answer(self, question: str, context: Mapping[str, Any] | None, now: datetime) -> SimpleNamespace:
        assert now == NOW
        self.contexts.append(context)
        citation = find_quote(self.policy, SPAN, base_url="http://127.0.0.1")
        message = Message(kind="answer", parts=(Part(type="quote", text=SPAN, citation=0),), citations=(citation,))
        trace = {"questions": [{"answerability": 0.5}]}
        return SimpleNamespace(message=message, context={"after": question}, trace=trace, hits=self.search(question))


@pytest.fixture
def clerk(tmp_path: Path) -> Clerk:
    write_small_policy(tmp_path)
    return Clerk(load_policy(tmp_path, ID))


def _runner(clerk: Clerk) -> OfflineRunner:
    return OfflineRunner(lambda _file: cast("Assistant", clerk), lambda: NOW)


def test_a_row_gets_its_hits_judged_its_citations_judged_and_its_trace(clerk: Clerk) -> None:
    row = Row(2, "委託はしますか", answerable=True, gold_span=SPAN)
    (outcome,) = _runner(clerk).run([row])
    assert outcome.found is not None
    right = [SPAN in hit.text for hit in outcome.found]
    assert [hit.is_gold for hit in outcome.found] == right
    assert outcome.gold_rank == right.index(True) + 1
    assert outcome.gold_cited == [True]
    assert outcome.answerability == 0.5
    assert outcome.to_json()["message"]["citations"][0]["quote"] == SPAN
    for hit in outcome.to_json()["hits"]:
        assert clerk.policy.text[hit["start"] : hit["end"]] == hit["text"]


def test_only_a_follow_up_gets_the_context_of_the_row_above(clerk: Clerk) -> None:
    _runner(clerk).run([Row(2, "甲"), Row(3, "乙", kind="followup"), Row(4, "丙"), Row(5, "丁", kind="followup")])
    assert clerk.contexts == [None, {"after": "甲"}, None, {"after": "丙"}]


def test_kinds_of_request_are_read_from_the_words(clerk: Clerk) -> None:
    (outcome,) = _runner(clerk).run([Row(2, "私の個人情報を開示してください", kind="action")])
    assert outcome.kinds == ["disclosure"]


def test_a_policy_is_opened_once_for_all_its_rows(clerk: Clerk) -> None:
    opened: list[Path | None] = []

    def open_it(file: Path | None) -> Assistant:
        opened.append(file)
        return cast("Assistant", clerk)

    file = Path("policy.txt")
    OfflineRunner(open_it, lambda: NOW).run(
        [Row(2, "甲", policy_file=file), Row(3, "乙"), Row(4, "丙", policy_file=file)]
    )
    assert opened == [file, None]


class TestPolicies:
    @pytest.fixture
    def opened(self, monkeypatch: pytest.MonkeyPatch) -> list[tuple[object, ...]]:
        """What `open_assistant` was asked for; nothing is opened."""
        calls: list[tuple[object, ...]] = []

        def record(
            _settings: Settings, policy_id: str | None, *, corpus: Path | None, version: str | None
        ) -> SimpleNamespace:
            calls.append((policy_id, corpus, version))
            return SimpleNamespace()

        monkeypatch.setattr("bot.evaluation.policies.open_assistant", record)
        return calls

    def _policies(self, folder: Path) -> Policies:
        return Policies(Settings(data_dir=folder / "var"), policy_id="some/privacy", corpus=folder / "corpus")

    def test_a_row_without_a_file_is_about_the_policy_of_the_run(
        self, tmp_path: Path, opened: list[tuple[object, ...]]
    ) -> None:
        policies = self._policies(tmp_path)
        assert policies(None) is policies(None)
        assert opened == [("some/privacy", tmp_path / "corpus", None)]

    @pytest.mark.parametrize("suffix", [".md", ".txt"])
    def test_a_version_in_a_corpus_is_opened_as_it_is(
        self, tmp_path: Path, opened: list[tuple[object, ...]], suffix: str
    ) -> None:
        file = write_small_policy(tmp_path / "corpus").with_suffix(suffix)
        self._policies(tmp_path)(file)
        assert opened == [(ID, tmp_path / "corpus", VERSION)]

    def test_a_raw_file_is_imported_into_the_data_folder(
        self, tmp_path: Path, opened: list[tuple[object, ...]]
    ) -> None:
        file = tmp_path / "policy.txt"
        file.write_text(
            "個人情報保護方針\n\n１．利用目的\n当店は、お届けのために氏名を利用します。\n", encoding="utf-8"
        )
        # A Markdown of the same name that is no version of a corpus changes nothing.
        file.with_suffix(".md").write_text("# 個人情報保護方針\n", encoding="utf-8")
        self._policies(tmp_path)(file)
        ((policy_id, corpus, _),) = opened
        assert corpus == tmp_path / "var" / "imported"
        assert "お届けのために" in load_policy(Path(str(corpus)), str(policy_id)).text

    def test_a_file_that_is_not_there_is_named(self, tmp_path: Path, opened: list[tuple[object, ...]]) -> None:
        with pytest.raises(BadInputError, match=r"absent\.txt: there is no such policy file"):
            self._policies(tmp_path)(tmp_path / "absent.txt")
        assert opened == []
