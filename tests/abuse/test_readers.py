"""Whatever reads, folds or writes what came from outside gives a value or says no in its own way, and nothing else."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.mutation import Mutator
from tests.support.readers import READERS, Reader

_INPUTS = int(os.environ.get("MADOGUCHI_PROOF_INPUTS", "4000"))
_SEED = int(os.environ.get("MADOGUCHI_PROOF_SEED", "1"))
_ALL_SHARES = sum(reader.share for reader in READERS)


@pytest.mark.parametrize("reader", READERS, ids=lambda reader: reader.name)
def test_torn_inputs_end_in_a_value_or_in_a_refusal(reader: Reader) -> None:
    mutator = Mutator(_SEED)
    count = max(5, round(_INPUTS * reader.share / _ALL_SHARES))
    refused, begun = 0, time.monotonic()
    for _ in range(count):
        given_input = reader.make(mutator)
        refused += not _is_read(reader, given_input)
    print(f"{reader.name}: {count} inputs, {refused} refused, {time.monotonic() - begun:.1f} s")  # noqa: T201 - the figure of a long run


@pytest.mark.parametrize("reader", [one for one in READERS if one.share >= 1], ids=lambda reader: reader.name)
@settings(max_examples=10, database=None)
@given(seed=st.integers(0, 2**32))
def test_any_seed_will_do(reader: Reader, seed: int) -> None:
    _is_read(reader, reader.make(Mutator(seed)))


def _is_read(reader: Reader, given_input: object) -> bool:
    try:
        reader.read(given_input)
    except reader.refuses:
        return False
    except Exception as error:
        shown: Sequence[str] = [ascii(given_input)[:3000]]
        raise AssertionError(f"{reader.name}: {type(error).__name__} on {shown[0]}") from error
    return True
