"""The graph gives what a general BERT makes of the same weights, as far as rounding the inputs allows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import onnxruntime
import pytest
import torch

from bot.encoder.bundled_model import BundledModel, open_bundled_model
from bot.encoder.graph import WORDS, build_graph

_LINEAR = {
    "q": "attention.self.query",
    "k": "attention.self.key",
    "v": "attention.self.value",
    "ao": "attention.output.dense",
    "fi": "intermediate.dense",
    "fo": "output.dense",
}
_NORMS = {"aln": "attention.output.LayerNorm", "oln": "output.LayerNorm"}
_LAYERS = 2

if TYPE_CHECKING:
    from transformers import BertModel


@pytest.fixture(scope="module")
def model() -> BundledModel:
    return open_bundled_model()


@pytest.fixture(scope="module")
def bert(model: BundledModel) -> BertModel:
    """The first layers of the encoder, as `transformers` builds it."""
    # Four seconds for every worker that collects the tests, of which one runs this.
    from transformers import BertConfig, BertModel  # noqa: PLC0415

    shape = model.shape
    config = BertConfig(
        vocab_size=1,
        hidden_size=shape.hidden,
        num_hidden_layers=_LAYERS,
        num_attention_heads=shape.heads,
        intermediate_size=shape.inner,
        max_position_embeddings=shape.positions,
        type_vocab_size=shape.segments,
        layer_norm_eps=shape.epsilon,
    )
    encoder = BertModel(config, add_pooling_layer=False)
    encoder.load_state_dict(_weights(model))
    encoder.train(mode=False)
    return encoder


@pytest.mark.parametrize("pieces", [1, 7, 40])
def test_states_are_those_of_bert(model: BundledModel, bert: BertModel, pieces: int) -> None:
    torch.manual_seed(1)
    shape = model.shape
    words = torch.randn(1, pieces, shape.hidden)
    with torch.inference_mode():
        wanted = bert(inputs_embeds=words, output_hidden_states=True).hidden_states[1:]
    places = _tensor(model, "emb.pos", shape.positions, shape.hidden)[:pieces]
    segment = _tensor(model, "emb.type", shape.segments, shape.hidden)[0]
    session = onnxruntime.InferenceSession(build_graph(model, range(1, _LAYERS + 1)))
    found = session.run(None, {WORDS: (words + places + segment).numpy()})
    for layer in range(_LAYERS):
        alike = torch.nn.functional.cosine_similarity(torch.from_numpy(found[layer]), wanted[layer], dim=-1)
        assert alike.min() > 0.999


def _weights(model: BundledModel) -> dict[str, torch.Tensor]:
    shape = model.shape
    sizes = {"fi": (shape.inner, shape.hidden), "fo": (shape.hidden, shape.inner)}
    found = {
        "embeddings.word_embeddings.weight": torch.zeros(1, shape.hidden),
        "embeddings.position_embeddings.weight": _tensor(model, "emb.pos", shape.positions, shape.hidden),
        "embeddings.token_type_embeddings.weight": _tensor(model, "emb.type", shape.segments, shape.hidden),
    }
    norms = {"emb.ln": "embeddings.LayerNorm"}
    for layer in range(_LAYERS):
        norms |= {f"l{layer}.{short}": f"encoder.layer.{layer}.{long}" for short, long in _NORMS.items()}
        for short, long in _LINEAR.items():
            rows, columns = sizes.get(short, (shape.hidden, shape.hidden))
            name = f"encoder.layer.{layer}.{long}"
            found[f"{name}.weight"] = _tensor(model, f"l{layer}.{short}.w", rows, columns)
            found[f"{name}.bias"] = _tensor(model, f"l{layer}.{short}.b", rows)
    for short, long in norms.items():
        found |= {f"{long}.weight": _tensor(model, f"{short}.w", shape.hidden)}
        found |= {f"{long}.bias": _tensor(model, f"{short}.b", shape.hidden)}
    return found


def _tensor(model: BundledModel, name: str, *size: int) -> torch.Tensor:
    return torch.from_numpy(model.tensor(name, *size))
