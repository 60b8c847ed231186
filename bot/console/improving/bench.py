"""What the pages of 改善 work on: the candidate, what it was made of, and the policy whose words it quotes."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from aiohttp import web
from sqlalchemy.orm import Session

from bot.channels.masking.mask import personal_data
from bot.clock import in_tokyo
from bot.console.frame.parts import Console, console_of
from bot.policy.model import Policy
from bot.policy.releases.checking import policy_of
from bot.policy.releases.editing import Draft, draft_of
from bot.policy.releases.in_force import files_of, pointer_of
from bot.policy.releases.snapshot import DESK, Files
from bot.staff.accounts import accounts_of
from bot.yaml_text import load_yaml


@dataclass(frozen=True)
class Bench:
    """One look at it all.

    Attributes:
        draft: the candidate, or what is in force while nobody has begun one.
        in_force: the number of the release that answers now.
        before: its files.
        policy: the version that the candidate's cards quote.
        names: everybody's name by what trails call them.
    """

    draft: Draft
    in_force: int
    before: Files
    policy: Policy
    names: Mapping[str, str]

    @property
    def spared(self) -> frozenset[str]:
        """Names and addresses that the policy itself prints."""
        return personal_data(self.policy.text)

    @property
    def desks(self) -> list[tuple[str, str]]:
        """The desks that a gap can name, by id and by what they are for; the empty one is the usual desk."""
        found = load_yaml(self.draft.text(DESK)) or {}
        return [("", "通常の窓口"), *((desk["id"], desk["about"]) for desk in found.get("desks", ()))]


async def bench_of(request: web.Request) -> Bench:
    """Reads it, in a thread."""
    console = console_of(request)
    draft, number, before, names = await console.read(lambda session: _read(session, console))
    return Bench(draft, number, before, await asyncio.to_thread(policy_in, draft.files, console), names)


def policy_in(files: Files, console: Console) -> Policy:
    """The version of the files that is in force today; read once as long as no version changes."""
    versions = tuple(sorted((name, text) for name, text in files.items() if name.endswith((".md", ".txt"))))
    return _policy(versions, console.settings.default_policy, in_tokyo(console.clock()).date())


@lru_cache(maxsize=8)
def _policy(versions: tuple[tuple[str, str], ...], policy_id: str, day: date) -> Policy:
    return policy_of(dict(versions), policy_id, day)


def _read(session: Session, console: Console) -> tuple[Draft, int, Files, dict[str, str]]:
    settings, policy_id = console.settings, console.settings.default_policy
    draft, number = draft_of(session, settings, policy_id), pointer_of(session, policy_id).number
    before = files_of(session, settings, policy_id, number)
    names = {f"staff:{account.id}": account.name for account in accounts_of(session, console.controller)}
    return draft, number, before, names
