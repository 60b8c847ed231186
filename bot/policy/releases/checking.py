"""Proves that a snapshot can be served before anything of it is saved. What is wrong is told to staff in Japanese."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

from bot.errors import BadInputError
from bot.policy.cards import load_cards
from bot.policy.check import check_cards, check_policy
from bot.policy.documents import full_id, list_versions, load_policy, policy_folder
from bot.policy.everyday import load_words
from bot.policy.gaps import load_gaps
from bot.policy.model import Policy
from bot.policy.phrases import load_phrases
from bot.policy.releases.faults import CandidateIsWrongError
from bot.policy.releases.snapshot import Files
from bot.policy.versions import version_in_force


def check(files: Files, policy_id: str, day: date) -> None:
    """Loads a snapshot as it would be served on this day, and looks at it from outside.

    Raises:
        CandidateIsWrongError: it cannot be served; its lines name the entry and the fault.
    """
    with _laid_out(files, policy_id) as corpus:
        lines = list(_findings(corpus, policy_id, day))
    if lines:
        raise CandidateIsWrongError(lines)


def policy_of(files: Files, policy_id: str, day: date) -> Policy:
    """The version of a snapshot that is in force on a day.

    Raises:
        CandidateIsWrongError: it cannot be read.
    """
    with _laid_out(files, policy_id) as corpus:
        return load_policy(corpus, policy_id, version_in_force(corpus, policy_id, day))


@contextmanager
def _laid_out(files: Files, policy_id: str) -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="madoguchi-check-") as scratch:
        folder = Path(scratch) / full_id(policy_id)
        folder.mkdir(parents=True)
        for name, text in files.items():
            (folder / name).write_bytes(text.encode())
        try:
            yield Path(scratch)
        except BadInputError as error:
            raise CandidateIsWrongError([error.told]) from None


def _findings(corpus: Path, policy_id: str, day: date) -> Iterator[str]:
    in_force = version_in_force(corpus, policy_id, day)
    for version in list_versions(corpus, policy_id):
        policy = load_policy(corpus, policy_id, version)
        yield from (f"方針 {version}：{finding.told}" for finding in check_policy(policy))
        if version == in_force:
            folder = policy_folder(corpus, policy_id)
            yield from (
                finding.told for finding in check_cards(load_cards(folder, policy), load_gaps(folder, policy), policy)
            )
            load_words(folder)
            load_phrases(folder)
