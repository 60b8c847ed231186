"""Whatever text a person types stands in a file that reads as the same text."""

from __future__ import annotations

from hypothesis import example, given
from hypothesis import strategies as st

from bot.yaml_text import dump_yaml, load_yaml


@given(st.text(st.characters(exclude_categories=["Cs"])))
@example("a\x85b")
@example("\u2028a\u2029")
@example("いち\r\nに\ufeff")
@example("長い文。" * 500)
def test_what_is_written_reads_as_it_was(text: str) -> None:
    assert load_yaml(dump_yaml([{"text": text}])) == [{"text": text}]


def test_japanese_stands_in_clear_and_in_its_order_and_on_one_line() -> None:
    assert dump_yaml({"二": "あ" * 300, "一": "い"}) == f"二: {'あ' * 300}\n一: い\n"
