"""The bundled encoder as an ONNX graph, its weights in the four bits they come in.

ONNX Runtime multiplies them as they are, against inputs rounded to eight bits in blocks of the same 32, as the
package's own engine does: the same vectors (their cosine is above 0.9999) at two fifths of the engine's cost. All of a
layer but its products is fused by the runtime.

This module imports onnx.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt
import onnx
from onnx import helper, numpy_helper

from bot.encoder.bundled_model import BundledModel

WORDS = "words"

# Gelu came with opset 20; the runtime's own operators (quantised product, fused attention) have a domain of their own.
_OPSETS = [helper.make_opsetid("", 20), helper.make_opsetid("com.microsoft", 1)]
_IR_VERSION = 10
_RUNTIMES = "com.microsoft"
_BLOCK = 32
# The runtime's word for "round the inputs to eight bits, too".
_EIGHT_BIT_INPUTS = 4


def build_graph(model: BundledModel, layers: Sequence[int]) -> bytes:
    """A serialised model from the vectors of a text's pieces to their states after some of the layers.

    Its input `WORDS` is (1, pieces, width), embeddings of words, places and segment added up; its outputs are in the
    order of `layers`, each (1, pieces, width).

    Args:
        model: the weights.
        layers: after which layers, counted from one.

    Raises:
        ModelFileError: the weights are not those of such an encoder.
    """
    graph = _Graph(model)
    width = model.shape.hidden
    state = graph.norm(WORDS, "emb.ln", "l0")
    outputs = []
    for number in range(1, max(layers) + 1):
        state = _layer(graph, state, f"l{number - 1}")
        if number in layers:
            outputs.append(state)
    made = helper.make_graph(
        graph.nodes, "encoder", [_states(WORDS, width)], [_states(name, width) for name in outputs], graph.constants
    )
    serialised: bytes = helper.make_model(made, opset_imports=_OPSETS, ir_version=_IR_VERSION).SerializeToString()
    return serialised


def _states(name: str, width: int) -> onnx.ValueInfoProto:
    return helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, [1, "pieces", width])


def _layer(graph: _Graph, state: str, place: str) -> str:
    """One layer of BERT (Devlin et al., 2019, arXiv:1810.04805): attention, two products, each added and normed."""
    shape = graph.model.shape
    query, key, value = (graph.linear(state, f"{place}.{part}", shape.hidden, shape.hidden) for part in "qkv")
    mixed = graph.runtimes("MultiHeadAttention", [query, key, value], f"{place}.mixed", num_heads=shape.heads)
    attended = graph.linear(mixed, f"{place}.ao", shape.hidden, shape.hidden)
    state = graph.norm(graph.node("Add", [state, attended], f"{place}.a"), f"{place}.aln", f"{place}.attended")
    inner = graph.node("Gelu", [graph.linear(state, f"{place}.fi", shape.inner, shape.hidden)], f"{place}.inner")
    outer = graph.linear(inner, f"{place}.fo", shape.hidden, shape.inner)
    return graph.norm(graph.node("Add", [state, outer], f"{place}.o"), f"{place}.oln", f"{place}.states")


class _Graph:
    """Nodes and weights as they come together; every call gives the name of what it makes."""

    def __init__(self, model: BundledModel) -> None:
        self.model = model
        self.nodes: list[onnx.NodeProto] = []
        self.constants: list[onnx.TensorProto] = []

    def node(self, kind: str, inputs: Sequence[str], output: str, **attributes: float) -> str:
        self.nodes.append(_node(kind, inputs, output, "", attributes))
        return output

    def runtimes(self, kind: str, inputs: Sequence[str], output: str, **attributes: float) -> str:
        """A node of an operator that ONNX Runtime brings."""
        self.nodes.append(_node(kind, inputs, output, _RUNTIMES, attributes))
        return output

    def norm(self, state: str, name: str, output: str) -> str:
        width = self.model.shape.hidden
        weights = [self._constant(f"{name}.{part}", self.model.tensor(f"{name}.{part}", width)) for part in "wb"]
        return self.node("LayerNormalization", [state, *weights], output, epsilon=self.model.shape.epsilon, axis=-1)

    def linear(self, state: str, name: str, rows: int, columns: int) -> str:
        blocks = self.model.blocks(f"{name}.w", rows, columns)
        weights = self._constant(f"{name}.w", _as_the_runtime_packs(blocks["weights"]))
        scales = self._constant(f"{name}.s", blocks["scale"].astype(np.float32).reshape(-1))
        bias = self._constant(f"{name}.b", self.model.tensor(f"{name}.b", rows))
        sizes = {"K": columns, "N": rows, "bits": 4, "block_size": _BLOCK, "accuracy_level": _EIGHT_BIT_INPUTS}
        # Without zero points and an order of groups: both are the runtime's defaults.
        return self.runtimes("MatMulNBits", [state, weights, scales, "", "", bias], f"{name}.product", **sizes)

    def _constant(self, name: str, values: npt.NDArray[np.generic]) -> str:
        self.constants.append(numpy_helper.from_array(values, name))
        return name


def _node(
    kind: str, inputs: Sequence[str], output: str, domain: str, attributes: Mapping[str, float]
) -> onnx.NodeProto:
    node = helper.make_node(kind, inputs, [output], domain=domain)
    node.attribute.extend(helper.make_attribute(name, value) for name, value in attributes.items())
    return node


def _as_the_runtime_packs(weights: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    """Two columns that lie side by side in a byte, where the file has two that lie half a block apart."""
    columns = np.concatenate([weights & 15, weights >> 4], axis=-1)
    packed: npt.NDArray[np.uint8] = columns[..., 0::2] | (columns[..., 1::2] << 4)
    return packed
