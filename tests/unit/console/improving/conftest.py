"""Fixtures: a console on a small policy, and two people."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.staff.roles import Role
from tests.support.console import Desk, Staff, console_settings, running_console
from tests.support.releases import CARD, write_corpus
from tests.support.small_policy import ID

DESK = """\
service: さくら商店
desks:
  - id: shop
    about: 本サービス
    quote: お問い合わせ
    email: shop@example.jp
"""


@pytest.fixture
async def desk(database_url: str, tmp_path: Path) -> AsyncIterator[Desk]:
    corpus = write_corpus(tmp_path, CARD)
    (corpus / ID / "desk.yml").write_text(DESK, encoding="utf-8")
    settings = console_settings(
        database_url,
        data_dir=tmp_path / "var",
        corpus_dir=corpus,
        default_policy=ID,
        regression_dir=tmp_path / "regression",
    )
    async with running_console(settings) as running:
        yield running


@pytest.fixture
async def sato(desk: Desk) -> Staff:
    return await desk.signed_in(Role.COUNSELLOR, "sato")


@pytest.fixture
async def suzuki(desk: Desk) -> Staff:
    return await desk.signed_in(Role.OFFICER, "suzuki")
