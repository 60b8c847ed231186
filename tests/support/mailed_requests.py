"""A gateway that mails, with requests whose contact details hold what no mail may show."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from pydantic import SecretStr
from sqlalchemy import select

from bot.channels import delivery
from bot.channels.gateway import Gateway, open_gateway
from bot.channels.mail.sender import mailing
from bot.register.alerts.models import Alert
from bot.register.decisions.models import Decision, Outcome
from bot.register.drafts import open_draft
from bot.register.filing import file_draft
from bot.register.kinds import Kind
from bot.register.life import Move, locked_request, move
from bot.register.models import Contact, ReplyBy, Request, Role
from bot.register.notices import MAIL, MemberNotice, tell_member
from bot.storage.engine import transaction
from bot.storage.models import Outbound
from tests.support.channel_gateway import channel_settings
from tests.support.smtp_server import LocalMailServer

NOW = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)
NAME, ADDRESS, WORDS = "山田花子", "東京都千代田区千代田1-1", "腰痛の予約履歴を見せてください"
EMAIL = "hanako@example.jp"
STAFF_MAIL = "madoguchi@example.jp"
PERSON = "staff:sato"


class MovableClock:
    """Stands still until a test moves it."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now

    def pass_time(self, **amount: float) -> None:
        self.now += timedelta(**amount)


@dataclass
class MailDesk:
    """What a test of mails works with."""

    gateway: Gateway
    clock: MovableClock

    async def drain(self) -> None:
        """Sends what is due."""
        await delivery.drain(self.gateway, MAIL, mailing(self.gateway)[MAIL])

    def file(self, kind: Kind = Kind.DISCLOSURE) -> str:
        """A filed request without contact details."""
        with transaction(self.gateway.engine) as session:
            draft = open_draft(
                session,
                controller=self.gateway.controller,
                conversation_id=None,
                channel="web",
                kinds=[kind],
                scope="予約履歴",
                words=WORDS,
                vault=self.gateway.vault,
                now=self.clock(),
            )
            return file_draft(session, draft, now=self.clock(), vault=self.gateway.vault)[0].request_id

    def give_contact(self, request_id: str, *, email: str | None = EMAIL, reply_by: ReplyBy = ReplyBy.EMAIL) -> None:
        """Says who asks."""
        row = secrets.token_hex(16)

        def seal(column: str, text: str | None) -> bytes | None:
            return self.gateway.vault.seal(text, table="contact", row=row, column=column) if text else None

        name, address = seal("sealed_name", NAME), seal("sealed_address", ADDRESS)
        assert name is not None
        with transaction(self.gateway.engine) as session:
            request = session.get_one(Request, request_id)
            session.add(
                Contact(
                    id=row,
                    controller=request.controller,
                    draft_id=request.draft_id,
                    role=Role.SELF,
                    reply_by=reply_by,
                    sealed_name=name,
                    sealed_email=seal("sealed_email", email),
                    email_hash=self.gateway.vault.keyed_hash(email, purpose="email") if email else None,
                    sealed_phone=seal("sealed_phone", "03-0000-0000"),
                    sealed_address=address,
                    given_at=self.clock(),
                )
            )

    def decide(self, request_id: str) -> None:
        """Brings an inquiry to its answer, which notes a notice."""
        now = self.clock()
        with transaction(self.gateway.engine) as session:
            request = locked_request(session, request_id)
            move(session, request, Move.BEGIN_REVIEW, actor=PERSON, now=now)
            session.add(
                Decision(
                    id=secrets.token_hex(16),
                    controller=request.controller,
                    request_id=request.id,
                    kind=request.kind,
                    outcome=Outcome.ANSWERED,
                    sealed_explanation=b"sealed",
                    decided_by=PERSON,
                    decided_at=now,
                    effective_at=now,
                )
            )
            session.flush()
            move(session, request, Move.DECIDE, actor=PERSON, now=now)

    def tell(self, request_id: str, notice: MemberNotice) -> str:
        """Notes a notice; gives the outbox row's id."""
        with transaction(self.gateway.engine) as session:
            row = tell_member(session, session.get_one(Request, request_id), notice, now=self.clock())
        assert row is not None
        return row

    def notices(self, kind: str) -> list[Outbound]:
        """The outbox's rows of this kind."""
        with transaction(self.gateway.engine) as session:
            return list(session.scalars(select(Outbound).where(Outbound.kind == kind).order_by(Outbound.created_at)))

    def sorts(self, request_id: str) -> list[str]:
        """The alerts about a request, but for the one on its arrival."""
        with transaction(self.gateway.engine) as session:
            query = select(Alert.sort).where(Alert.request_id == request_id, Alert.sort != "arrival")
            return list(session.scalars(query))

    def state(self, request_id: str) -> str:
        """Where a request stands."""
        with transaction(self.gateway.engine) as session:
            return session.get_one(Request, request_id).state


def mail_desk(database_url: str, server: LocalMailServer, **changes: Any) -> MailDesk:  # noqa: ANN401 - any setting
    """A gateway on this database whose mails go to this server."""
    given: dict[str, Any] = {
        "database_url": database_url,
        "smtp_url": SecretStr(server.url),
        "mail_from": "privacy@example.jp",
        "mail_return_path": "bounces@example.jp",
        "staff_mail": STAFF_MAIL,
        "public_url": "https://privacy.example.jp",
    }
    clock = MovableClock()
    settings = channel_settings(Path("unused.db"), **given | changes)
    return MailDesk(open_gateway(settings, clock=clock), clock)
