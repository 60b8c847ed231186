"""A small policy with cards whose releases a test makes, and whoever makes them."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import yaml
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from bot.policy.releases.checking import check
from bot.policy.releases.editing import Draft, Edit, applied, draft_of, save
from bot.policy.releases.models import Release
from bot.policy.releases.publishing import Publication, publish
from bot.settings import Settings
from bot.storage.engine import transaction
from tests.support.small_policy import ID, VERSION, write_small_policy

NOW = datetime(2026, 11, 26, 3, 0, tzinfo=UTC)
QUOTE = "当店は、業務の一部を委託します。"
EDITOR, PUBLISHER = "staff:sato", "staff:suzuki"

CARD: dict[str, object] = {
    "id": "outsourcing",
    "topic": "委託",
    "questions": ["委託していますか", "外注していますか", "ほかの会社に頼みますか"],
    "quotes": [QUOTE],
    "text": "業務の一部を委託しています。",
    "easy": "しごとの一部（いちぶ）を、ほかの会社（かいしゃ）にたのみます。",
    "author": "sato",
    "approved_by": "",
    "approved_on": None,
    "policy_version": VERSION,
}
HEAD = "# カードの一覧。手で書いた注釈は残る。\n\n"


def write_corpus(folder: Path, *cards: dict[str, object]) -> Path:
    """A corpus of the small policy with these cards."""
    corpus = folder / "corpus"
    write_small_policy(corpus)
    entries = yaml.safe_dump(list(cards), allow_unicode=True, sort_keys=False) if cards else ""
    (corpus / ID / "answers.yml").write_text(HEAD + entries, encoding="utf-8")
    return corpus


def settings_for(folder: Path, url: str) -> Settings:
    """Settings on this database and on a small corpus in `folder`."""
    return Settings(
        _env_file=None,
        data_dir=folder / "var",
        corpus_dir=write_corpus(folder, CARD),
        database_url=url,
        default_policy=ID,
    )


def green(session: Session, run_id: str, digest: str) -> bool:
    """Every run called `green` is."""
    del session, digest
    return run_id == "green"


def card(**changes: object) -> dict[str, object]:
    """The card with something else in it."""
    return CARD | changes


def edited(engine: Engine, settings: Settings, edit: Edit, *, actor: str = EDITOR) -> Draft:
    """The candidate after one edit, checked and saved."""
    with transaction(engine) as session:
        draft = draft_of(session, settings, ID)
        files = applied(draft, edit)
        check(files, ID, NOW.date())
        return save(session, ID, draft, files, actor=actor, what=f"card:{edit.key}", now=NOW)


def reworded(engine: Engine, settings: Settings, text: str, *, actor: str = EDITOR) -> Draft:
    """The candidate with another sentence on the card."""
    from bot.policy.releases.entry_files import find  # noqa: PLC0415 - beside its one use

    with transaction(engine) as session:
        place = find(draft_of(session, settings, ID).text("answers.yml"), "outsourcing")
    assert place is not None
    return edited(
        engine, settings, Edit("answers.yml", "outsourcing", {**place.row, "text": text}, place.seen), actor=actor
    )


def decided(version: int, *, publisher: str = PUBLISHER, run_id: str = "green", reason: str = "") -> Publication:
    """A decision to publish."""
    return Publication(version, publisher, "鈴木", note="", run_id=run_id, override_reason=reason)


def published(engine: Engine, settings: Settings, text: str) -> Release:
    """A release whose card says this."""
    draft = reworded(engine, settings, text)
    with transaction(engine) as session:
        return publish(session, settings, ID, decided(draft.version), green, now=NOW)
