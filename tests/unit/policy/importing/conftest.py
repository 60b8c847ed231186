from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from bot.policy.importing import Imported, import_policy

FIXTURES = Path(__file__).parent / "fixtures"

Import = Callable[[Path], Imported]
ImportText = Callable[[str], Imported]


@pytest.fixture(scope="session")
def import_file(tmp_path_factory: pytest.TempPathFactory) -> Import:
    def run(file: Path) -> Imported:
        corpus = tmp_path_factory.mktemp("corpus")
        return import_policy(file, policy_id="example", controller="例社", version="2025-01-01", corpus=corpus)

    return run


@pytest.fixture(scope="session")
def import_text(tmp_path_factory: pytest.TempPathFactory, import_file: Import) -> ImportText:
    def run(text: str) -> Imported:
        file = tmp_path_factory.mktemp("raw") / "policy.txt"
        file.write_bytes(text.encode())
        return import_file(file)

    return run
