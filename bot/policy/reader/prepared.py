"""A policy's statements made ready for the reader, once, and kept on disk."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path

import structlog
import torch
from safetensors import SafetensorError
from safetensors.torch import load, save

from bot.policy.index_files import note
from bot.policy.reader.network import Side
from bot.policy.reader.reader import Reader
from bot.storage.whole_files import write_whole

log = structlog.get_logger(__name__)


def prepared(folder: Path, statements: Sequence[str], reader: Reader) -> Side:
    """The statements as the reader needs them, read from `folder` or made and written there.

    The file is named by the digest of reader and statements, and renamed into its place, so that whoever reads finds
    a whole one or none. A damaged file is made anew.
    """
    digest = hashlib.sha256(json.dumps([reader.release, *statements], ensure_ascii=False).encode()).hexdigest()[:16]
    place = folder / f"statements-{digest}.safetensors"
    try:
        return _read(place, len(statements))
    except FileNotFoundError:
        log.info("prepared_statements_missing", file=place.name)
    except (OSError, SafetensorError, KeyError, ValueError) as error:
        log.warning("prepared_statements_damaged", file=place.name, error=type(error).__name__)
    write_whole(place, _packed(reader.prepared(statements)))
    # Read back rather than returned, so that the first process sees the same rounded figures as those after it.
    return _read(place, len(statements))


def _read(place: Path, count: int) -> Side:
    stored = load(place.read_bytes())
    side = Side(stored["keys"].float(), stored["content"].float(), stored["whole"].float(), stored["mask"])
    if len(side.mask) != count:
        raise ValueError(f"{place.name}: {len(side.mask)} statements, not {count}")
    note(place)
    return side


def _packed(side: Side) -> bytes:
    return save({key: part if part.dtype is torch.bool else part.half() for key, part in side._asdict().items()})
