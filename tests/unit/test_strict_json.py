from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.strict_json import DEEPEST, JsonIsUnusableError, loads

_PLAIN = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()
_VALUES = st.recursive(_PLAIN, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=20)


@given(_VALUES)
def test_what_has_one_meaning_is_read_as_json_reads_it(value: Any) -> None:  # noqa: ANN401 - any JSON value
    assert loads(json.dumps(value)) == value


@pytest.mark.parametrize(
    "text",
    [
        '{"id": 1, "id": 2}',
        '{"outer": [{"id": 1, "text": "", "id": 1}]}',
        r'{"a": 1, "\u0061": 2}',
        "NaN",
        '{"at": Infinity}',
        "[-Infinity]",
        "[" * (DEEPEST + 1) + "]" * (DEEPEST + 1),
        '{"a":' * (DEEPEST + 1) + "1" + "}" * (DEEPEST + 1),
        "[" * 60_000,
        "[" * 60_000 + "]" * 60_000,
        "9" * 5_000,
        "",
        "{",
        "\ufeff{}",
        b"\xff",
    ],
    ids=lambda text: text[:24],
)
def test_what_could_be_read_in_two_ways_or_tires_the_reader_is_refused(text: str | bytes) -> None:
    with pytest.raises(JsonIsUnusableError):
        loads(text)


def test_the_deepest_that_is_taken() -> None:
    assert loads("[" * DEEPEST + "]" * DEEPEST) == json.loads("[" * DEEPEST + "]" * DEEPEST)


def test_a_refusal_repeats_nothing() -> None:
    with pytest.raises(JsonIsUnusableError) as refused:
        loads('{"text": "山田太郎", ')
    assert "山田" not in str(refused.value)
    assert refused.value.__cause__ is None
