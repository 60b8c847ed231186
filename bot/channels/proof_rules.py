"""What each company takes as a proof of who asks: its table of proofs, and the host sites that it believes.

A page knows those of its own company, and of the companies that can be asked together with it. What a company's
settings leave out is the default and never another's: of one that this process does not serve, all of it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from bot.channels.gateway import Gateway
from bot.register.errors import MemberTokenIsRefusedError
from bot.register.identity.member_token import MemberTokenKeys
from bot.register.identity.proof_table import ProofTable, load_proof_table
from bot.settings import Settings
from bot.storage.encryption import Vault


@dataclass(frozen=True)
class ProofRules:
    """The rules of one company and of its sisters, by company."""

    controller: str
    tables: dict[str, ProofTable] = field(repr=False)
    keys: dict[str, MemberTokenKeys] = field(repr=False)
    vault: Vault = field(repr=False)

    @property
    def table(self) -> ProofTable:
        """The company's own table."""
        return self.tables[self.controller]

    @property
    def takes_member_tokens(self) -> bool:
        """Whether a host site may vouch for the company's members."""
        return bool(self.keys[self.controller].keys)

    def table_of(self, controller: str) -> ProofTable:
        """The table of a company that was asked together with this one."""
        return self.tables.get(controller) or load_proof_table(None)

    def believes(self, controller: str, member_token: str, *, now: datetime) -> bool:
        """Whether a company accepts a host site's word for who is logged in there.

        It may have run out while the form was filled in; then who asks is shown in another way.
        """
        keys = self.keys.get(controller)
        try:
            return keys is not None and bool(keys.read(member_token, now=now, vault=self.vault))
        except MemberTokenIsRefusedError:
            return False


def read_proof_rules(gateway: Gateway) -> ProofRules:
    """The rules by which the pages of this gateway's company record proofs.

    Raises:
        BadInputError: a table or a set of keys cannot be used.
    """
    meant = {gateway.controller, *gateway.settings.sister_controllers}
    served: dict[str, Settings] = {one.controller: one for one in (*gateway.served, gateway.settings)}
    settings = {controller: served[controller] for controller in meant if controller in served}
    return ProofRules(
        controller=gateway.controller,
        tables={controller: load_proof_table(one.proofs_file) for controller, one in settings.items()},
        keys={controller: MemberTokenKeys.from_settings(one) for controller, one in settings.items()},
        vault=gateway.vault,
    )
