"""The versions of the policy that conversations were answered from, and what of them may be shown of a member's words.

A version never changes once it is there, so that it is read once.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

from bot.channels.masking.mask import personal_data
from bot.clock import in_tokyo
from bot.console.frame.parts import Console
from bot.policy.documents import list_versions, load_policy
from bot.policy.model import Policy
from bot.policy.versions import version_in_force

load = lru_cache(maxsize=32)(load_policy)


def versions_of(console: Console) -> Mapping[str, Policy]:
    """Every version of this console's policy; slow the first time."""
    corpus, policy_id = console.settings.corpus_dir, console.settings.default_policy
    return {version: load(corpus, policy_id, version) for version in list_versions(corpus, policy_id)}


def spared_of(console: Console) -> frozenset[str]:
    """The addresses and names that the policy in force prints; slow the first time."""
    corpus, policy_id = console.settings.corpus_dir, console.settings.default_policy
    version = version_in_force(corpus, policy_id, in_tokyo(console.clock()).date())
    return _spared(corpus, policy_id, version)


@lru_cache(maxsize=32)
def _spared(corpus: Path, policy_id: str, version: str) -> frozenset[str]:
    return personal_data(load(corpus, policy_id, version).text)
