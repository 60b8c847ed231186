"""Requests as members file them, for tests of what a leak may have affected."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from bot.register.completing import give_details
from bot.register.details import Details
from bot.register.drafts import open_draft
from bot.register.filing import Filed, file_draft
from bot.register.kinds import Kind
from bot.register.models import ReplyBy, Role
from bot.storage.encryption import Vault

COMPANY = "eparkrelax"


@dataclass(frozen=True)
class Register:
    """Requests as members file them, at one moment unless a test says another."""

    session: Session
    vault: Vault
    now: datetime

    def file(
        self,
        *kinds: Kind,
        email: str | None = "hanako@example.test",
        subject: str | None = None,
        vault: Vault | None = None,
        **facts: object,
    ) -> list[Filed]:
        """What is filed together, with who asks unless there is no address."""
        given: dict[str, object] = {
            "controller": COMPANY,
            "conversation_id": None,
            "channel": "web",
            "kinds": kinds or (Kind.DISCLOSURE,),
            "scope": "予約履歴",
            "words": "予約履歴を見せてください",
            "vault": vault or self.vault,
            "now": self.now,
        }
        draft_id = open_draft(self.session, **{**given, **facts})  # type: ignore[arg-type]  # each test names what it means
        filed = file_draft(self.session, draft_id, now=self.now, vault=vault or self.vault)
        if email is not None:
            role = Role.SELF if subject is None else Role.LEGAL_REPRESENTATIVE
            details = Details(role=role, name="江洞花子", reply_by=ReplyBy.EMAIL, email=email, subject=subject)
            give_details(self.session, draft_id, details, actor="member", now=self.now, vault=vault or self.vault)
        return filed
