from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.clock import TOKYO
from bot.register.audit import Action
from bot.storage.hash_chain import (
    FIRST_HASH,
    Broken,
    Fault,
    Head,
    Link,
    faults_of,
    hash_of,
    hash_of_plain,
    hash_of_stored,
    spelled,
)

_TEXT = st.text(st.characters(exclude_categories=["Cs"]))


@given(st.lists(st.none() | st.integers() | _TEXT | st.lists(_TEXT)))
def test_the_hash_is_that_of_canonical_json(said: list[int | str | list[str] | None]) -> None:
    text = json.dumps(said, ensure_ascii=False, separators=(",", ":"))
    assert hash_of(said) == hashlib.sha256(text.encode()).hexdigest()


def test_an_action_counts_as_the_word_that_is_stored() -> None:
    assert hash_of([Action.FILE_READ]) == hash_of(["file:read"])


@given(fields=st.lists(_TEXT), is_ascii=st.booleans(), reason=st.none() | _TEXT)
def test_stored_columns_have_the_hash_of_what_they_say(
    fields: list[str], reason: str | None, *, is_ascii: bool
) -> None:
    stored = json.dumps(fields, ensure_ascii=is_ascii)
    assert hash_of_stored(("id", 3, None), stored, (reason, "h")) == hash_of(["id", 3, None, fields, reason, "h"])


@pytest.mark.parametrize("stored", ["", "{", "3", "null", '{"a": 1}', "[1]", '"state"', "state"])
def test_fields_that_are_no_names_any_more_are_told_apart_and_break_nothing(stored: str) -> None:
    assert hash_of_stored((), stored, ()) == hash_of([stored]) != hash_of([[stored]])


def test_a_column_of_another_type_has_nobodys_hash() -> None:
    assert hash_of_stored((b"id",), "[]", ()) == hash_of_stored((1.5,), "[]", ()) == ""  # type: ignore[arg-type]  # what SQLite lets one write


def test_a_moment_is_spelt_the_same_in_every_zone() -> None:
    moment = datetime(2026, 11, 23, 1, 30, tzinfo=UTC)
    assert spelled(moment) == spelled(moment.astimezone(TOKYO)) == "2026-11-23T01:30:00.000000+00:00"


def links(*positions: int) -> list[Link]:
    made, before = [], FIRST_HASH
    for position in positions:
        made.append(Link(position, before, f"h{position}", f"h{position}"))
        before = f"h{position}"
    return made


@pytest.mark.parametrize(
    ("chain", "head", "faults"),
    [
        (links(), None, []),
        (links(), Head(0, FIRST_HASH), []),
        (links(1, 2, 3), Head(3, "h3"), []),
        (links(1, 2, 3), None, [Broken(3, Fault.HEADLESS)]),
        (links(1, 2, 3), Head(3, "other"), [Broken(3, Fault.HEADLESS)]),
        (links(1, 2, 3), Head(5, "h5"), [Broken(4, Fault.CUT)]),
        (links(1, 2, 3), Head(2, "h2"), [Broken(3, Fault.BEYOND)]),
        (links(), Head(2, "h2"), [Broken(1, Fault.CUT)]),
        (links(1, 3), Head(3, "h3"), [Broken(2, Fault.MISSING)]),
        (links(2, 3), Head(3, "h3"), [Broken(1, Fault.MISSING)]),
        (links(0, 1), Head(1, "h1"), [Broken(0, Fault.FOREIGN), Broken(1, Fault.UNLINKED)]),
        ([Link(1, "x", "h1", "h1")], Head(1, "h1"), [Broken(1, Fault.UNLINKED)]),
        ([Link(1, FIRST_HASH, "h1", "x")], Head(1, "h1"), [Broken(1, Fault.CHANGED)]),
    ],
)
def test_each_fault_is_named_where_it_is(chain: list[Link], head: Head | None, faults: list[Broken]) -> None:
    assert list(faults_of(chain, head)) == faults


@given(values=st.lists(_TEXT | st.text('ab"\\\n\x00\u3000漢', max_size=4), min_size=2, max_size=4))
def test_what_is_put_together_plainly_is_the_true_text_or_none(values: list[str]) -> None:
    text = "[" + ",".join(f'"{value}"' for value in values) + "]"
    assert hash_of_plain(text, 2 * len(values)) in (None, hash_of(values))


def test_plain_text_is_hashed_plainly() -> None:
    assert hash_of_plain('["青木","a"]', 4) == hash_of(["青木", "a"])
