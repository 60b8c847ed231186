from __future__ import annotations

from collections.abc import Iterator

import pytest

from bot.settings import Settings
from tests.support.rasa_stack import running_stack


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """One Rasa and one action server for the whole session."""
    with running_stack(tmp_path_factory.mktemp("stack")) as settings:
        yield settings
