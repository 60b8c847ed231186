from __future__ import annotations

from pathlib import Path

import pytest

from bot.errors import BadInputError
from bot.policy.documents import load_policy
from bot.policy.gaps import FILE_NAME, Gaps, load_gaps
from bot.policy.model import Policy
from tests.support.small_policy import write_small_policy

GAPS = """\
- id: fee
  label: 手数料
  questions: [いくらですか, 手数料は, お金はかかりますか]
  nearest: 電話（平日のみ。祝日を除く。）で受け付けます。
  desk: service
- id: branch
  label: 支店の場所
  questions: [支店はどこですか, 近くの店は, 店の住所は]
"""


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Policy:
    corpus = tmp_path_factory.mktemp("corpus")
    write_small_policy(corpus)
    return load_policy(corpus, "sakura")


def gaps_of(folder: Path, text: str, policy: Policy) -> Gaps:
    (folder / FILE_NAME).write_text(text, encoding="utf-8")
    return load_gaps(folder, policy)


def test_a_policy_without_the_file_has_no_gaps(tmp_path: Path, small: Policy) -> None:
    assert load_gaps(tmp_path, small).all == ()


def test_the_nearest_words_are_placed(tmp_path: Path, small: Policy) -> None:
    fee, branch = gaps_of(tmp_path, GAPS, small).all

    assert fee.nearest is not None
    assert small.text[slice(*fee.nearest)] == fee.entry.nearest
    assert (fee.id, fee.entry.label, fee.entry.desk, fee.lost) == ("fee", "手数料", "service", False)
    assert (branch.nearest, branch.entry.desk, branch.lost) == (None, "", False)


def test_nearest_words_that_are_gone_are_dropped_and_told(tmp_path: Path, small: Policy) -> None:
    gaps = gaps_of(tmp_path, GAPS.replace("電話（", "お電話（"), small)

    assert [(gap.id, gap.nearest) for gap in gaps.lost] == [("fee", None)]
    assert len(gaps.all) == 2


@pytest.mark.parametrize(
    ("before", "after", "message"),
    [
        ("label: 手数料", "label: ''", r"gaps\.yml:1: fee: label: String should"),
        (", 店の住所は", "", r"gaps\.yml:6: branch: questions: Tuple should have at least 3"),
        ("id: branch", "id: fee", r"gaps\.yml:6: fee: the id is used twice"),
        ("desk:", "desks:", r"gaps\.yml:1: fee: desks: Extra inputs"),
    ],
)
def test_a_fault_is_told_with_file_line_and_gap(
    tmp_path: Path, small: Policy, before: str, after: str, message: str
) -> None:
    assert before in GAPS

    with pytest.raises(BadInputError, match=message):
        gaps_of(tmp_path, GAPS.replace(before, after, 1), small)
