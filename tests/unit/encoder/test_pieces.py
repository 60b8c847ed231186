"""Texts fall into the pieces that the package `tokenizers` finds by the same vocabulary."""

from __future__ import annotations

from unicodedata import ucd_3_2_0

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from tokenizers import Regex, Tokenizer
from tokenizers.models import Unigram
from tokenizers.normalizers import NFKC, Replace, Sequence
from tokenizers.pre_tokenizers import Metaspace

from bot.encoder.bundled_model import open_bundled_model
from bot.encoder.pieces import BEGIN, PieceTokenizer
from tests.support.source_tree import ROOT

# What marks a text's ends is text to the one and none to the other.
_MARKS = ("<s>", "</s>", "<pad>", "<unk>")
# Python's normal form knows the characters of its own release, the package those of another one.
_OF_ALL_UNICODES = st.characters(codec="utf-8").filter(lambda letter: ucd_3_2_0.category(letter) != "Cn")


@pytest.fixture(scope="module")
def ours() -> PieceTokenizer:
    return PieceTokenizer(open_bundled_model())


@pytest.fixture(scope="module")
def theirs() -> Tokenizer:
    tokenizer = Tokenizer(Unigram(list(open_bundled_model().pieces()), unk_id=3))
    tokenizer.normalizer = Sequence([NFKC(), Replace(Regex(" {2,}"), " ")])
    tokenizer.pre_tokenizer = Metaspace()
    return tokenizer


def test_every_line_of_the_policies_and_of_the_examples_has_the_same_pieces(
    ours: PieceTokenizer, theirs: Tokenizer
) -> None:
    files = [*ROOT.glob("policy_corpus/*/*/*.txt"), *ROOT.glob("data/nlu/*.yml"), *ROOT.glob("bench/sets/*/*.tsv")]
    lines = {line for file in files for line in file.read_text("utf-8").splitlines()}
    assert len(lines) > 2_000
    assert [line for line in lines if ours.ids(line) != theirs.encode(line).ids] == []


@settings(max_examples=300)
@example("ﾊﾞｯｸﾞ　の　個人情報")
@example("か\u3099\u200d👨\u200d👩\u200d👧\u202e\x00")
@example("")
@example("   ")
@given(st.text(_OF_ALL_UNICODES, max_size=60).filter(lambda text: not any(mark in text for mark in _MARKS)))
def test_any_text_has_the_same_pieces(ours: PieceTokenizer, theirs: Tokenizer, text: str) -> None:
    assert ours.ids(text) == theirs.encode(text).ids


def test_a_typed_mark_is_text(ours: PieceTokenizer) -> None:
    assert BEGIN not in ours.ids("<s>開示")
