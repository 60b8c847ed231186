"""Somebody at the desk, logged in: what every page and every step is given."""

from __future__ import annotations

from dataclasses import dataclass

from bot.staff.roles import RIGHTS_OF, Right, Role

_PREFIX = "staff:"


@dataclass(frozen=True)
class Actor:
    """One person in one session.

    Attributes:
        account_id: the account's id.
        name: as colleagues read it.
        controller: the company they work for.
        role: who they are at the desk.
        sees_sensitive: whether they may read requests about health and bank accounts.
        session_id: the session they act in; ids of sessions are no secret.
    """

    account_id: str
    name: str
    controller: str
    role: Role
    sees_sensitive: bool
    session_id: str

    @property
    def id(self) -> str:
        """What trails call them."""
        return _PREFIX + self.account_id

    def has(self, right: Right) -> bool:
        """Whether their role may do this."""
        return right in RIGHTS_OF[self.role]
