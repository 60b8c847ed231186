"""What people wrote beside a policy, and the documents that stand beside it, in a small corpus."""

from __future__ import annotations

import hashlib
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from bot.policy.assistant import Assistant, open_assistant
from bot.policy.texts import ANSWER, COMPANION
from bot.settings import Settings
from tests.support.policy_versions import CHANGES, NEWER, card, gap, write_cards, write_gaps, write_newer
from tests.support.small_policy import ID, VERSION, write_small_policy

NOW = datetime(2026, 11, 25, tzinfo=UTC)
TERMS = "会員規約\n第1条（退会）\n会員の退会は、会員ページの「退会手続き」の画面から行うことができます。\n"
CHANGE_ASKED, PENALTY_ASKED = "委託している会社が変わることはありますか", "個人情報の違反にどんな罰則がありますか"


def _open(corpus: Path, **how: str | date) -> Assistant:
    return open_assistant(Settings(corpus_dir=corpus), ID, **how)  # type: ignore[arg-type] # version or day


def _texts(assistant: Assistant, question: str) -> list[str]:
    return [part.text for part in assistant.answer(question, None, NOW).message.parts]


@pytest.mark.parametrize(("approved", "says"), [(True, "例です。"), (False, ANSWER)])
def test_only_an_approved_card_says_its_sentence(tmp_path: Path, *, approved: bool, says: str) -> None:
    write_small_policy(tmp_path)
    written = card("changes", CHANGES, approved=approved).replace("changesの一つ目", CHANGE_ASKED)
    write_cards(tmp_path, written)
    texts = _texts(_open(tmp_path), CHANGE_ASKED)
    assert texts[0] == says
    assert CHANGES in texts
    assert ("例です。" in texts) is approved


def test_a_gap_names_what_is_missing_and_the_nearest_words(tmp_path: Path) -> None:
    write_small_policy(tmp_path)
    write_gaps(tmp_path, gap("penalty", CHANGES).replace("penaltyの二つ目", PENALTY_ASKED))
    answer = _open(tmp_path).answer(PENALTY_ASKED, None, NOW)
    assert answer.message.kind == "not_in_policy"
    assert [part.text for part in answer.message.parts if part.type == "quote"] == [CHANGES]


def test_the_version_in_force_on_a_day_answers(tmp_path: Path) -> None:
    write_newer(tmp_path)
    assert _open(tmp_path, day=date(2026, 3, 31)).policy.version == VERSION
    assert _open(tmp_path, day=date(2026, 4, 1)).policy.version == NEWER
    assert _open(tmp_path, version=VERSION).policy.version == VERSION


def test_a_companion_answers_only_where_the_policy_does_not_and_by_its_own_name(tmp_path: Path) -> None:
    write_small_policy(tmp_path)
    _write_terms(tmp_path)
    assistant = _open(tmp_path)
    beside = assistant.answer("会員情報を退会で消したいとき、どの画面から手続きしますか", None, NOW).message
    assert beside.parts[0].text == COMPANION
    assert beside.citations[0].policy == "sakura/terms"
    assert beside.citations[0].heading.startswith("会員規約")
    own = assistant.answer("業務を委託することはありますか", None, NOW).message
    assert {citation.policy for citation in own.citations} == {ID}


def test_a_chosen_section_is_shown_whole(tmp_path: Path) -> None:
    write_small_policy(tmp_path)
    assistant = _open(tmp_path)
    section = next(section for section in assistant.policy.sections if section.passages)
    answer = assistant.answer_section(section.label, NOW)
    assert [c.quote for c in answer.message.citations] == [passage.text for passage in section.passages]
    with pytest.raises(KeyError):
        assistant.answer_section("no such section", NOW)


def _write_terms(corpus: Path) -> None:
    folder = corpus / "sakura" / "terms"
    folder.mkdir()
    (folder / f"{VERSION}.txt").write_text(TERMS, encoding="utf-8")
    head = (
        f"controller: さくら商店\npolicy: sakura/terms\ntitle: 会員規約\nversion: {VERSION}\nsource: 例\n"
        f"role: companion\nsha256: {hashlib.sha256(TERMS.encode()).hexdigest()}\n"
    )
    body = TERMS.replace("会員規約", "# 会員規約\n").replace("第1条", "\n## 第1条").replace("）\n", "）\n\n")
    (folder / f"{VERSION}.md").write_text(f"---\n{head}---\n\n{body}", encoding="utf-8")
