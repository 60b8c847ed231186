from __future__ import annotations

from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from bot.register.digests.folder import Folder


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    place = tmp_path / "elsewhere"
    place.mkdir()
    return Folder(place, tmp_path / "here", Ed25519PrivateKey.from_private_bytes(b"d" * 32))
