"""The reader's training material is of one form, and learning from it works."""

import random
from pathlib import Path

import pytest

from bench.reader import MATERIAL, Organisation, Passage, States, pairs_of, read_material
from bot.policy.reader.bundled_model import open_bundled_model
from bot.policy.reader.token_states import TokenEncoder

ROOT = Path(__file__).parents[3]


@pytest.mark.parametrize("file", sorted((ROOT / MATERIAL).glob("*.txt")), ids=lambda file: file.stem)
def test_every_passage_has_questions_of_both_labels(file: Path) -> None:
    organisations = read_material(file)
    assert organisations
    for organisation in organisations:
        assert all(passage.answered and passage.open for passage in organisation.passages)


@pytest.mark.parametrize(
    ("text", "line"),
    [("+ 質問だけ", 1), ("> 組織のない文", 1), ("== 社\n# 見出し\n* 何か", 3), ("== 社\n? まだ文がない", 2)],
)
def test_a_line_that_cannot_stand_there_is_refused(tmp_path: Path, text: str, line: int) -> None:
    file = tmp_path / "wrong.txt"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(ValueError, match=rf"wrong\.txt:{line}: "):
        read_material(file)


def test_an_answered_question_stands_against_its_neighbours_and_an_open_one_against_all_near() -> None:
    passages = [
        Passage("録画は30日保存します。", ["いつまで残る"], ["何台ある"]),
        Passage("第三者に提供しません。", ["売ってる？"], ["誰が決めた"]),
    ]
    organisation = Organisation("例 社", passages, ["電話番号は"])
    states = States.of([organisation], TokenEncoder(open_bundled_model()))
    order = random.Random(1)  # noqa: S311 - an order, no secret
    pairs = {(pair.question, pair.statement, pair.is_stated) for pair in pairs_of(organisation, states, order)}
    assert ("いつまで残る", passages[0].text, True) in pairs
    assert ("いつまで残る", passages[1].text, False) in pairs
    assert {statement for question, statement, _ in pairs if question == "電話番号は"} == {p.text for p in passages}
