"""The reader's training material is of one form, and learning from it works."""

import random
from pathlib import Path

import pytest
import torch

from bench.reader import IN_KANA, MATERIAL, Organisation, Passage, States, add_kana, pairs_of, read_material, train
from bot.encoder.encoder import open_encoder
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


@pytest.fixture(scope="module")
def organisation() -> Organisation:
    passages = [
        Passage("録画は30日保存します。", ["いつまで残る"], ["何台ある"]),
        Passage("第三者に提供しません。", ["売ってる？"], ["誰が決めた"]),
    ]
    return Organisation("例 社", passages, ["電話番号は"])


@pytest.fixture(scope="module")
def states(organisation: Organisation) -> States:
    return States.of([organisation], TokenEncoder(open_encoder()))


def test_an_answered_question_stands_against_its_neighbours_and_an_open_one_against_all_near(
    organisation: Organisation, states: States
) -> None:
    camera, sale = (passage.text for passage in organisation.passages)
    order = random.Random(1)  # noqa: S311 - an order, no secret
    pairs = {(pair.question, pair.statement, pair.is_stated) for pair in pairs_of(organisation, states, order)}
    assert {("いつまで残る", camera, True), ("いつまで残る", sale, False), ("何台ある", camera, False)} <= pairs
    assert {statement for question, statement, _ in pairs if question == "電話番号は"} == {camera, sale}


def test_the_same_seed_and_rows_give_the_same_reader(organisation: Organisation, states: States) -> None:
    pairs = list(pairs_of(organisation, states, random.Random(1)))  # noqa: S311 - an order, no secret
    first, second = (train(pairs, states, seed=3).state_dict() for _ in range(2))
    assert all(torch.equal(value, second[name]) for name, value in first.items())
    assert any(not torch.equal(value, first[name]) for name, value in train(pairs, states, seed=4).state_dict().items())


def test_some_questions_stand_a_second_time_in_kana() -> None:
    organisation = Organisation(
        "例 社", [Passage("文。", ["録画はいつまで残りますか"] * 500, ["かな"] * 500)], ["削除"] * 500
    )
    add_kana(organisation, random.Random(1))  # noqa: S311 - a choice, no secret
    (passage,) = organisation.passages
    for questions, spelt in ((passage.answered, "ろくがはいつまでのこりますか"), (organisation.unanswered, "さくじょ")):
        assert set(questions[500:]) == {spelt}
        assert len(questions) - 500 == pytest.approx(500 * IN_KANA, rel=0.4)
    assert len(passage.open) == 500
