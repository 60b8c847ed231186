"""The trained reader tells what states a thing from what only speaks of it."""

from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from bot.encoder.bundled_model import ModelFileError
from bot.policy.reader.committee import Committee
from bot.policy.reader.network import AlignmentNetwork
from bot.policy.reader.reader import WEIGHTS, Reader, load_reader, open_reader

CAMERA = "第4条 店内の録画 店内の防犯カメラの映像は、録画の日から30日間保存し、上書きにより消去します。"
ORDERS = "第4条 注文の記録 ご注文の記録は、会計に関する法令に従い7年間保存します。"
ABROAD = "第9条 外国への移転 当社は、お客様の個人データを日本国外へ移転することはありません。"


@pytest.fixture(scope="module")
def reader() -> Reader:
    return open_reader()


@pytest.mark.parametrize(
    ("question", "stated"),
    [
        ("お店のカメラの録画っていつまで残ってるんですか", CAMERA),
        ("買い物の履歴は何年とっておくの？", ORDERS),
        ("海外のサーバーに送ったりしてますか", ABROAD),
    ],
)
def test_the_statement_that_states_it_scores_highest(reader: Reader, question: str, stated: str) -> None:
    texts = [CAMERA, ORDERS, ABROAD]
    (scores,) = reader.scores([question], reader.ready(reader.prepared(texts)), [0, 1, 2])
    assert texts[int(scores.argmax())] == stated
    assert scores.max() > 0


def test_another_kind_of_thing_about_the_same_subject_scores_lower(reader: Reader) -> None:
    questions = ["防犯カメラの映像は何日間保存されますか", "防犯カメラは何台ありますか"]
    scores = reader.scores(questions, reader.ready(reader.prepared([CAMERA])), [0])
    assert scores[0, 0] > 0 > scores[1, 0]


def test_a_score_does_not_depend_on_what_is_read_beside(reader: Reader) -> None:
    statements = reader.ready(reader.prepared([CAMERA, ORDERS * 3, ABROAD]))
    question = ["録画はいつまで残りますか"]
    together = reader.scores(question, statements, [2, 1, 0])[0]
    alone = [float(reader.scores(question, statements, [row])[0, 0]) for row in (2, 1, 0)]
    assert together.tolist() == pytest.approx(alone, abs=1e-3)


def test_the_weights_in_the_repository_are_finite() -> None:
    assert all(torch.isfinite(value).all() for value in load_file(WEIGHTS).values())


@pytest.mark.parametrize("content", [b"", b"\x08\x00\x00\x00\x00\x00\x00\x00{}      ", b"not weights"])
def test_weights_of_another_kind_are_refused(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "reader.safetensors"
    file.write_bytes(content)
    with pytest.raises(ModelFileError, match=r"reader\.safetensors: not the weights of a reader"):
        load_reader(file)


def test_padding_changes_no_score() -> None:
    torch.manual_seed(1)
    network = AlignmentNetwork(2, 8).eval()
    short, long = torch.randn(2, 3, 8), torch.randn(2, 9, 8)
    question = network.project([torch.randn(2, 4, 8)])
    alone = network(question, network.project([short]))
    double = network.project([torch.randn(2, 4, 8)] * 2)
    double = type(question)(*(torch.cat([part, part]) for part in question))
    assert torch.allclose(alone[0], network(double, network.project([short, long]))[0], atol=1e-5)


def test_a_committee_judges_by_the_mean_of_its_members() -> None:
    torch.manual_seed(2)
    members = [AlignmentNetwork(2, 8) for _ in range(3)]
    committee = Committee.from_weights(Committee(members).state_dict())
    asked, said = [torch.randn(2, 4, 8), torch.randn(2, 6, 8)], [torch.randn(2, 9, 8), torch.randn(2, 3, 8)]

    alone = torch.stack([network.eval()(network.project(asked), network.project(said)) for network in members])

    together = committee(committee.project(asked), committee.project(said))
    assert torch.allclose(together, alone.mean(0), atol=1e-5)
    assert not torch.allclose(together, alone[0], atol=1e-3)
