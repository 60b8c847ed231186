"""An installation of two companies: the first, and beside it a made-up bakery with a policy and desk of its own."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

from bot.controllers import read_controllers
from bot.policy.importing import import_policy
from bot.settings import PREFIX, Settings
from tests.support.web_member import web_settings

FIRST, SECOND = "eparkrelax", "kogane"
FIRST_HOST, SECOND_HOST = "127.0.0.1", "kogane.localhost"
SECOND_NAME = "株式会社こがねベーカリー"
SECOND_DESK = "privacy@kogane-bakery.example"
POLICY = Path(__file__).parent / "kogane" / "policy.txt"
DESK = Path(__file__).parent / "kogane" / "desk.yml"

_SHIPPED = Path("policy_corpus")


def corpus_of_both(folder: Path) -> Path:
    """A corpus with the policies of both, the second one imported as its owner would."""
    corpus = folder / "corpus"
    # Whoever has followed docs/controllers.md in this tree has the second one there already.
    shutil.copytree(_SHIPPED, corpus, ignore=shutil.ignore_patterns(SECOND))
    import_policy(POLICY, policy_id=f"{SECOND}/privacy", controller=SECOND_NAME, version="2024-04-01", corpus=corpus)
    shutil.copy(DESK, corpus / SECOND / "privacy" / "desk.yml")
    return corpus


def write_second(folder: Path, **settings: str) -> Path:
    """The folder with the second company's file; further settings by their names without the prefix."""
    values = {
        "DEFAULT_POLICY": f"{SECOND}/privacy",
        "PUBLIC_URL": f"http://{SECOND_HOST}:8080",
        "CONSOLE_URL": f"http://{SECOND_HOST}:8081",
        **settings,
    }
    place = folder / "controllers"
    place.mkdir(parents=True, exist_ok=True)
    lines = [f"{PREFIX}{name}={value}\n" for name, value in values.items()]
    (place / f"{SECOND}.env").write_text("".join(lines), "utf-8")
    return place


def both_settings(
    folder: Path,
    database_url: str,
    second: dict[str, str] | None = None,
    **changes: Any,  # noqa: ANN401 - any setting
) -> tuple[Settings, Settings]:
    """The settings of both, as a process reads them; `changes` are the installation's and the first company's."""
    values: dict[str, Any] = {
        "controllers_dir": write_second(folder, **(second or {})),
        "corpus_dir": corpus_of_both(folder),
        "data_dir": folder / "data",
        "deletions_dir": folder / "deletions",
    }
    first, other = read_controllers(web_settings(database_url, **values | changes))
    return first, other
