"""Originals that are kept between two presses: sealed, one account's, and soon gone."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from bot.console.entry.kept import KeptFile, KeptFileIsGoneError, KeptFiles
from bot.storage.encryption import Vault

FILE = KeptFile("手紙.pdf", "application/pdf", "<1@example.com>", b"%PDF-1.7 secret")


@pytest.fixture
def kept(tmp_path: Path) -> KeptFiles:
    return KeptFiles(tmp_path, Vault(b"e" * 32, b"h" * 32))


def test_it_comes_back_as_it_was_sent(kept: KeptFiles) -> None:
    assert kept.find(kept.keep(FILE, "sato"), "sato") == FILE


def test_nothing_of_it_can_be_read_on_the_disk(kept: KeptFiles, tmp_path: Path) -> None:
    token = kept.keep(FILE, "sato")
    stored = (tmp_path / "entry" / token).read_bytes()
    assert b"secret" not in stored
    assert "手紙".encode() not in stored


def test_another_account_does_not_find_it(kept: KeptFiles) -> None:
    token = kept.keep(FILE, "sato")
    with pytest.raises(KeptFileIsGoneError):
        kept.find(token, "ito")


@pytest.mark.parametrize("token", ["", "../../etc/passwd", "0" * 32, "x" * 32])
def test_a_made_up_name_finds_nothing(kept: KeptFiles, token: str) -> None:
    with pytest.raises(KeptFileIsGoneError):
        kept.find(token, "sato")


def test_what_was_filed_is_forgotten_at_once_and_the_rest_some_hours_later(kept: KeptFiles, tmp_path: Path) -> None:
    filed, left, fresh = (kept.keep(FILE, "sato") for _ in range(3))
    kept.forget(filed)
    kept.forget(filed)
    hours_ago = time.time() - 7 * 3600
    os.utime(tmp_path / "entry" / left, (hours_ago, hours_ago))

    kept.keep(FILE, "sato")

    for gone in (filed, left):
        with pytest.raises(KeptFileIsGoneError):
            kept.find(gone, "sato")
    assert kept.find(fresh, "sato") == FILE
