from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import BadInputError
from bot.policy.cards import FILE_NAME, Cards, load_cards
from bot.policy.documents import load_policy
from bot.policy.model import Policy
from tests.support.small_policy import VERSION, write_small_policy

CARD = f"""\
- id: retention
  topic: 保存期間
  questions: [いつまで残りますか, 保存期間は, 何年持っていますか]
  quotes: ["保存期間 受注から7年"]
  text: 受注から7年保存します。
  easy: 7年 のこします。
  author: 例
  approved_by: ""
  approved_on: null
  policy_version: {VERSION}
"""


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Policy:
    corpus = tmp_path_factory.mktemp("corpus")
    write_small_policy(corpus)
    return load_policy(corpus, "sakura")


def cards_of(folder: Path, text: str, policy: Policy) -> Cards:
    (folder / FILE_NAME).write_text(text, encoding="utf-8")
    return load_cards(folder, policy)


def test_a_policy_without_the_file_has_no_cards(tmp_path: Path, small: Policy) -> None:
    assert load_cards(tmp_path, small).all == ()
    assert cards_of(tmp_path, "# nothing yet\n", small).all == ()


def test_every_quote_is_placed(tmp_path: Path, small: Policy) -> None:
    text = CARD.replace('quotes: ["', 'quotes: ["委託先は変わることがあります。", "')
    (card,) = cards_of(tmp_path, text, small).all

    assert card.entry.policy_version == VERSION
    assert tuple(small.text[start:end] for start, end in card.ranges) == card.entry.quotes


def test_nobody_approved_it(tmp_path: Path, small: Policy) -> None:
    cards = cards_of(tmp_path, CARD, small)

    assert [card.status for card in cards.all] == ["unapproved"]
    assert cards.speaking == cards.all == cards.of_status("unapproved")


def test_an_approval_counts_for_the_version_it_was_given_for(tmp_path: Path, small: Policy) -> None:
    text = CARD.replace('by: ""', "by: 責任者").replace("on: null", "on: 2025-04-02")
    (card,) = cards_of(tmp_path, text, small).all
    (older,) = cards_of(tmp_path, text.replace(VERSION, "2024-04-01"), small).all

    assert (card.status, card.entry.approved_on) == ("approved", date(2025, 4, 2))
    assert (older.status, older.ranges) == ("unapproved", card.ranges)


def test_a_card_whose_quote_is_gone_never_speaks(tmp_path: Path, small: Policy) -> None:
    text = CARD.replace('7年"]', '8年", "委託先は変わることがあります。"]').replace('by: ""', "by: 責任者")
    cards = cards_of(tmp_path, text.replace("on: null", "on: 2025-04-02"), small)

    assert [(card.status, card.ranges, card.lost) for card in cards.all] == [
        ("suspended", (), ("保存期間 受注から8年",))
    ]
    assert cards.speaking == ()


def test_words_around_the_policy_are_no_quote(tmp_path: Path, small: Policy) -> None:
    (card,) = cards_of(tmp_path, CARD.replace("保存期間 受注から7年", "ホーム > 会社情報"), small).all

    assert card.status == "suspended"


@pytest.mark.parametrize(
    ("before", "after", "message"),
    [
        ("- id", "id", rf"{FILE_NAME}:2: no YAML: mapping values"),
        ("on: null", "on: 2025-13-02", rf"{FILE_NAME}:1: no YAML: month must be in 1"),
        ("[いつまで", "[[いつまで", rf"{FILE_NAME}:4: no YAML: "),
        (", 何年持っていますか", "", r":1: retention: questions: Tuple should have at least 3 items"),
        ("quotes: [", "quotes: []\n  more: [", r":1: retention: quotes: Tuple should have at least 1 item"),
        ('["保存期間 受注から7年"]', '[" "]', r":1: retention: quotes: 0: String should match"),
        ("  text: 受注から7年保存します。\n", "", r":1: retention: text: Field required"),
        ("topic", "topics", r":1: retention: topic: Field required"),
        ("author: 例", "author: 例\n  note: x", r":1: retention: note: Extra inputs"),
        ("id: retention", "id: 保存", r":1: 保存: id: String should match"),
        ("- id: retention\n ", "-", r":1: id: Field required"),
        ("on: null", "on: 2025-04-02", r":1: retention: Value error, approved_by and approved_on are filled together"),
        ("on: null", "on: いつか", r":1: retention: approved_on: Input should be a valid date"),
    ],
)
def test_a_fault_is_told_with_file_line_and_card(
    tmp_path: Path, small: Policy, before: str, after: str, message: str
) -> None:
    assert before in CARD

    with pytest.raises(BadInputError, match=message):
        cards_of(tmp_path, CARD.replace(before, after, 1), small)


def test_the_line_is_that_of_the_card(tmp_path: Path, small: Policy) -> None:
    with pytest.raises(BadInputError, match=r":11: retention: the id is used twice"):
        cards_of(tmp_path, CARD + CARD, small)
    with pytest.raises(BadInputError, match=r":11: Input should be a valid dictionary"):
        cards_of(tmp_path, CARD + "- words\n", small)
    with pytest.raises(BadInputError, match=r":2: a list of entries is expected"):
        cards_of(tmp_path, "\nretention: 7\n", small)


def test_a_file_in_another_encoding_is_told(tmp_path: Path, small: Policy) -> None:
    (tmp_path / FILE_NAME).write_bytes(CARD.encode("cp932"))

    with pytest.raises(BadInputError, match="not UTF-8"):
        load_cards(tmp_path, small)


@given(cut=st.integers(0, len(CARD)), pasted=st.text(max_size=8))
def test_no_file_ends_in_another_error(
    tmp_path_factory: pytest.TempPathFactory, small: Policy, cut: int, pasted: str
) -> None:
    folder = tmp_path_factory.getbasetemp()
    try:
        cards = cards_of(folder, (CARD[:cut] + pasted + CARD[cut:]).encode("utf-8", "ignore").decode(), small)
    except BadInputError as error:
        assert FILE_NAME in str(error)  # noqa: PT017 - either outcome is right
    else:
        assert all(card.status == "suspended" or card.ranges for card in cards.all)
