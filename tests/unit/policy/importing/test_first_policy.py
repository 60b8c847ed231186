"""The first policy, raw and flattened, imported without help: compared with what people made of it by hand."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.policy.importing import Imported
from bot.policy.model import Policy
from bot.settings import Settings
from tests.unit.policy.importing.conftest import Import

SHARED = Settings().shared / "policy" / "eparkrelax_privacy_policy.txt"
LABELS = [
    *("1-0", *(f"1-({number})" for number in range(1, 10))),
    *("2-0", "2-1", "2-1-EPARK_会員情報", "2-1-EPARK_利用履歴情報", "2-1-EPARK_行動履歴情報"),
    *("2-1-EPARK_会員の口座情報", "2-1-EPARK_会員の健康情報※"),
    *("2-2", "2-3", "2-4", *(f"2-4-({number})" for number in range(1, 7))),
    *("2-5", "2-6", *(f"2-6-({number})" for number in range(1, 4)), "電話受付(予約)時の注意"),
]

pytestmark = pytest.mark.shared


@pytest.fixture(scope="module")
def imported(import_file: Import) -> Imported:
    if not SHARED.is_file():
        pytest.skip(f"{SHARED} is not here: MADOGUCHI_SHARED names the folder that holds it")
    return import_file(SHARED)


def test_every_section_is_found(imported: Imported) -> None:
    assert [section.label for section in imported.policy.sections] == LABELS


def test_sections_begin_where_people_began_them(imported: Imported, policy: Policy) -> None:
    assert [section.start for section in imported.policy.sections] == [section.start for section in policy.sections]


def test_passages_are_those_of_the_markdown_made_by_hand(imported: Imported, policy: Policy) -> None:
    made = {(passage.start, passage.end) for passage in imported.policy.passages}
    by_hand = {(passage.start, passage.end) for passage in policy.passages}

    assert len(made & by_hand) >= 0.95 * len(by_hand)


def test_the_same_ranges_are_left_out(imported: Imported, policy: Policy) -> None:
    assert imported.policy.omitted == policy.omitted


def test_the_guessed_table_and_lists_are_reported(imported: Imported) -> None:
    kinds = [doubt.kind for doubt in imported.doubts]

    assert kinds.count("table") == 1
    assert kinds.count("navigation") == 2
    assert all(Path(path).is_file() for path in imported.files)
