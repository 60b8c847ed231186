"""An installation to back up, and empty ones of the same kind to restore to."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr
from sqlalchemy import Engine

from bot.backup.making import Made, make_backup
from bot.backup.restoring import ForgetAgain, Restored, restore_backup
from bot.clock import Clock, system_clock
from bot.settings import Settings
from bot.storage.engine import open_engine
from bot.storage.walls import EVERY
from tests.support.databases import postgres_database
from tests.support.installation import CORPUS
from tests.support.register_desk import ENVIRONMENT

EmptyDatabase = Callable[[], str]


def nothing(_engine: Engine, _since: datetime) -> str:
    """Nothing was deleted since."""
    return ""


@dataclass
class Installation:
    """Settings of one; files of staff and owner lie in its folder."""

    folder: Path
    database_url: str
    changes: dict[str, Any] = field(default_factory=dict)

    @property
    def settings(self) -> Settings:
        keys = {name.removeprefix("MADOGUCHI_").lower(): SecretStr(value) for name, value in ENVIRONMENT.items()}
        values: dict[str, Any] = {
            "data_dir": self.folder / "var",
            "corpus_dir": CORPUS,
            "regression_dir": self.folder / "regression",
            "deletions_dir": self.folder / "deletions",
            "database_url": self.database_url,
            **keys,
            **self.changes,
        }
        return Settings(_env_file=None, **values)

    def back_up(self, clock: Clock = system_clock) -> Made:
        return make_backup(self.settings, self.folder / "backups", clock=clock)

    def restore(
        self,
        made: Made,
        *,
        forget: ForgetAgain = nothing,
        clock: Clock = system_clock,
        sleep: Callable[[float], None] = lambda _seconds: None,
    ) -> Restored:
        return restore_backup(self.settings, made.place, clock=clock, forget_again=forget, sleep=sleep)


@pytest.fixture
def installation(engine: Engine, tmp_path: Path) -> Installation:
    """The one that is lost; its database is `engine`'s."""
    sets = tmp_path / "regression"
    sets.mkdir()
    (sets / "cases.yml").write_text("- made by staff\n", "utf-8")
    return Installation(tmp_path, engine.url.render_as_string(hide_password=False))


@pytest.fixture
def empty_database(
    engine: Engine, tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> Iterator[EmptyDatabase]:
    """Makes empty databases of the kind of `engine`'s."""
    opened: list[Iterator[str]] = []

    def make() -> str:
        if engine.dialect.name == "sqlite":
            return f"sqlite:///{tmp_path_factory.mktemp('elsewhere') / 'madoguchi.db'}"
        databases = postgres_database(request.getfixturevalue("postgres_url"), template="template0")
        opened.append(databases)
        return next(databases)

    yield make
    for databases in opened:
        next(databases, None)


@pytest.fixture
def elsewhere(empty_database: EmptyDatabase, tmp_path_factory: pytest.TempPathFactory) -> Installation:
    """Another machine, with the same keys and an empty database."""
    return Installation(tmp_path_factory.mktemp("machine"), empty_database())


@contextmanager
def opened(url: str) -> Iterator[Engine]:
    """An engine on a database, closed with the block."""
    engine = open_engine(url, controller=EVERY)
    try:
        yield engine
    finally:
        engine.dispose()
