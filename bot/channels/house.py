"""What the gateway reads of a policy's folder: one thing, swapped whole when another release comes into force."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from bot.channels.masking.mask import personal_data
from bot.desk import Desk, load_desk
from bot.policy.documents import load_policy, policy_folder
from bot.policy.model import Policy
from bot.policy.releases.in_force import InForce
from bot.policy.versions import version_in_force

_READERS = "窓口の担当者"


@dataclass(frozen=True)
class House:
    """The policy in force and its desk.

    Attributes:
        found: the release they are of.
        policy: the version that is in force.
        desk: who to turn to.
        spared: the addresses and names that the policy itself prints, which masking leaves alone.
    """

    found: InForce
    policy: Policy
    desk: Desk
    spared: frozenset[str]

    @property
    def contacts(self) -> tuple[str, ...]:
        """The desk's addresses as a member reads them."""
        return tuple(f"{entry.about}：{entry.email}" for entry in self.desk.desks if entry.email)

    @property
    def readers(self) -> str:
        """Who may read a conversation."""
        return self.desk.owner.chat_readers or _READERS


def open_house(found: InForce, policy_id: str, day: date) -> House:
    """Reads a release for a Japanese day.

    Raises:
        BadInputError: policy or desk cannot be read.
    """
    policy = load_policy(found.corpus, policy_id, version_in_force(found.corpus, policy_id, day))
    desk = load_desk(policy_folder(found.corpus, policy_id))
    return House(found, policy, desk, personal_data(policy.text))
