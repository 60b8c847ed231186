"""A request with one of everything that can hang on it, brought to its end as staff and members bring it there."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import LargeBinary, MetaData, String, Text, func, select
from sqlalchemy.orm import Session

import bot.register.tables  # noqa: F401 - every table of the register is counted
from bot.register import casework
from bot.register.completing import give_details
from bot.register.decisions.deciding import Proposal, approve, propose
from bot.register.decisions.grounds import Regime
from bot.register.decisions.linking import link
from bot.register.decisions.models import Delivery, LinkSort, Outcome
from bot.register.decisions.releasing import note_posted, prepare, release
from bot.register.details import Details
from bot.register.drafts import open_draft
from bot.register.filing import file_draft
from bot.register.identity.codes import ask_for_draft
from bot.register.identity.models import Purpose
from bot.register.identity.visits import open_visit
from bot.register.kinds import Kind
from bot.register.life import Move, locked_request, move
from bot.register.models import ReplyBy, Request, Role
from bot.register.pages import issue_page
from bot.register.thread.files import store_file
from bot.register.thread.messages import member_writes, write_note
from bot.register.thread.models import FilePurpose
from bot.storage.encryption import Vault
from bot.storage.engine import Base
from tests.support.cases import SUZUKI, TANAKA, add_proof

COMPANY = "eparkrelax"


class Case:
    """Makes requests at one moment; `canary` stands in everything that a person writes about one of them."""

    def __init__(self, session: Session, vault: Vault, now: datetime, canary: str = "K7Q") -> None:
        self.session, self.vault, self.now, self.canary = session, vault, now, canary

    def file(self, *kinds: Kind, conversation_id: str | None = None, details: bool = True) -> list[str]:
        """Files requests of one draft, with who asks; gives their ids."""
        draft = open_draft(
            self.session,
            controller=COMPANY,
            conversation_id=conversation_id,
            channel="web",
            kinds=kinds or (Kind.DISCLOSURE,),
            scope="予約履歴",
            words=f"言葉{self.canary}",
            vault=self.vault,
            now=self.now,
        )
        filed = file_draft(self.session, draft, now=self.now, vault=self.vault)
        if details:
            self._give_details(draft)
        return [one.request_id for one in filed]

    def whole(self, conversation_id: str | None = None) -> str:
        """One that is closed, with one of everything; gives its id."""
        request_id, other = self.file(Kind.DISCLOSURE, Kind.ERASURE, conversation_id=conversation_id)
        request = locked_request(self.session, request_id)
        self._hand_in(request)
        self._decide(request)
        self._hand_over(request)
        link(self.session, request_id, other, LinkSort.FOLLOWS, actor=SUZUKI, now=self.now)
        casework.close(self.session, request_id, actor=SUZUKI, now=self.now)
        move(self.session, locked_request(self.session, other), Move.WITHDRAW, actor="member", now=self.now)
        self.session.flush()
        return request_id

    def withdrawn(self) -> str:
        """One that its member took back; gives its id."""
        (request_id,) = self.file()
        move(self.session, locked_request(self.session, request_id), Move.WITHDRAW, actor="member", now=self.now)
        return request_id

    def unidentified(self) -> str:
        """One that was set aside because nobody showed who asks; gives its id."""
        (request_id,) = self.file()
        move(self.session, locked_request(self.session, request_id), Move.EXPIRE_IDENTITY, actor="system", now=self.now)
        return request_id

    def _give_details(self, draft: str) -> None:
        details = Details(
            role=Role.LEGAL_REPRESENTATIVE,
            reply_by=ReplyBy.EMAIL,
            name=f"名{self.canary}",
            subject=f"本人{self.canary}",
            email=f"{self.canary.lower()}@example.jp",
            phone="0312345678",
            address=f"住所{self.canary}",
            remarks=f"補足{self.canary}",
            particulars={Kind.DISCLOSURE: {"period": f"時期{self.canary}"}},
        )
        give_details(self.session, draft, details, actor="member", now=self.now, vault=self.vault, consent_version="1")

    def _hand_in(self, request: Request) -> None:
        session, now, vault, draft = self.session, self.now, self.vault, request.draft_id
        issue_page(session, draft, now=now)
        open_visit(session, draft, opened_by="code", now=now, minutes=30)
        ask_for_draft(session, draft, Purpose.PROVE, controller=COMPANY, now=now, minutes=10, request_id=request.id)
        member_writes(session, request.id, f"伝言{self.canary}", now=now, vault=vault)
        write_note(session, request.id, f"メモ{self.canary}", actor=SUZUKI, now=now, vault=vault)
        for purpose in (FilePurpose.EVIDENCE, FilePurpose.IDENTITY, FilePurpose.ORIGINAL):
            self.store(request, purpose)

    def store(self, request: Request, purpose: FilePurpose) -> str:
        """A file of a request; gives its id."""
        return store_file(
            self.session,
            draft_id=request.draft_id,
            request_id=request.id,
            purpose=purpose,
            name=f"名前{self.canary}.pdf",
            media_type="application/pdf",
            content=f"%PDF-1.7 {purpose} {self.canary}\n%%EOF\n".encode(),
            by=SUZUKI,
            now=self.now,
            vault=self.vault,
        )

    def _decide(self, request: Request) -> None:
        session, now = self.session, self.now
        add_proof(session, request, now=now)
        request.verified_at = now
        move(session, request, Move.VERIFY, actor=SUZUKI, now=now)
        casework.begin_review(session, request.id, actor=SUZUKI, now=now)
        told = Proposal(Outcome.GRANTED, explanation=f"説明{self.canary}", detail=f"内容{self.canary}")
        regime = Regime.APPI_AND_JIS
        decision = propose(session, request.id, told, actor=SUZUKI, now=now, vault=self.vault, regime=regime)
        approve(session, decision, actor=TANAKA, now=now)

    def _hand_over(self, request: Request) -> None:
        session, now = self.session, self.now
        for delivery in (Delivery.PAGE, Delivery.POST):
            file_id = self.store(request, FilePurpose.ANSWER)
            answer = prepare(session, request.id, delivery=delivery, file_id=file_id, actor=SUZUKI, now=now)
            release(session, answer, actor=TANAKA, now=now, days=30)
        note_posted(session, answer, f"追跡{self.canary}", actor=SUZUKI, now=now, vault=self.vault)
        casework.note_told(session, request.id, ReplyBy.PHONE, actor=SUZUKI, now=now)


def counts(session: Session) -> dict[str, int]:
    """How many rows each table has."""
    tables = Base.metadata.tables.values()
    return {table.name: session.scalar(select(func.count()).select_from(table)) or 0 for table in tables}


def sealed_values(session: Session, metadata: MetaData = Base.metadata) -> Iterator[tuple[str, bytes]]:
    """Every sealed value that stands anywhere, with its table and column."""
    for table in metadata.tables.values():
        for column in table.columns:
            if column.name.startswith("sealed_") and isinstance(column.type, LargeBinary):
                for value in session.scalars(select(column).where(column.is_not(None))):
                    if value:
                        yield f"{table.name}.{column.name}", bytes(value)


def plain_values(session: Session, metadata: MetaData = Base.metadata) -> Iterator[str]:
    """Every text that stands anywhere in clear."""
    for table in metadata.tables.values():
        for column in table.columns:
            if isinstance(column.type, String | Text):
                yield from (value for value in session.scalars(select(column)) if value)
