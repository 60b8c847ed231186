from __future__ import annotations

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from bot.policy.releases.entry_files import find, places, seen_of, with_entry, without_entry
from bot.policy.releases.faults import EntryIsGoneError

TEXT = """\
# Head, kept.

- id: one
  text: 一
# Of two.
- id: two
  text: "二"  # beside

- {id: three, text: 三}
# Tail, kept.
"""
ROWS = st.lists(
    st.dictionaries(st.sampled_from(["text", "more", "note"]), st.text(max_size=20), min_size=1),
    max_size=5,
)


def test_an_entry_takes_its_own_lines_and_not_the_comments_of_the_next() -> None:
    assert [(place.row["id"], place.first, place.last) for place in places(TEXT)] == [
        ("one", 2, 4),
        ("two", 5, 7),
        ("three", 8, 9),
    ]


def test_a_changed_entry_leaves_every_other_line_as_it_was() -> None:
    changed = with_entry(TEXT, {"id": "two", "text": "2"}, "two")

    assert changed == TEXT.replace('- id: two\n  text: "二"  # beside\n', "- id: two\n  text: '2'\n")


def test_an_entry_is_added_at_the_end() -> None:
    assert with_entry(TEXT, {"id": "four"}).endswith("# Tail, kept.\n\n- id: four\n")
    assert with_entry("", {"id": "four"}) == "- id: four\n"
    assert yaml.safe_load(with_entry("- id: one", {"id": "two"})) == [{"id": "one"}, {"id": "two"}]


def test_a_removed_entry_takes_its_lines_along() -> None:
    assert without_entry(TEXT, "one") == TEXT.replace("- id: one\n  text: 一\n", "")
    assert yaml.safe_load(without_entry(without_entry(TEXT, "one"), "three")) == [{"id": "two", "text": "二"}]


@pytest.mark.parametrize("key", ["four", ""])
def test_what_is_gone_is_told(key: str) -> None:
    with pytest.raises(EntryIsGoneError):
        without_entry(TEXT, key)


def test_an_entry_without_an_id_is_known_by_what_it_holds() -> None:
    text = "- {policy: [甲], members: [乙]}\n- {policy: [丙], members: [丁]}\n"
    key = seen_of({"policy": ["丙"], "members": ["丁"]})
    place = find(text, key)

    assert place is not None
    assert place.row == {"policy": ["丙"], "members": ["丁"]}
    assert yaml.safe_load(without_entry(text, key)) == [{"policy": ["甲"], "members": ["乙"]}]


@given(rows=ROWS, added=st.text(max_size=30))
def test_whatever_is_written_is_read_again(rows: list[dict[str, str]], added: str) -> None:
    text = "# Head\n"
    for number, row in enumerate(rows):
        text = with_entry(text, {"id": f"r{number}", **row})
    text = with_entry(text, {"id": "added", "text": added})
    kept = [{"id": f"r{number}", **row} for number, row in enumerate(rows)]

    assert yaml.safe_load(text) == [*kept, {"id": "added", "text": added}]
    assert (yaml.safe_load(without_entry(text, "added")) or []) == kept
    changed = with_entry(text, {"id": "added", "text": "x"}, "added")
    assert yaml.safe_load(changed) == [*kept, {"id": "added", "text": "x"}]
