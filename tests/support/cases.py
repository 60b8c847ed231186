"""Requests that stand somewhere in their life, brought there as staff and members bring them."""

from __future__ import annotations

import secrets
from datetime import datetime

from sqlalchemy.orm import Session

from bot.register.identity.models import Proof, ProofSort
from bot.register.life import Move, move
from bot.register.models import Request
from bot.register.thread.files import store_file
from bot.register.thread.models import FilePurpose
from bot.storage.encryption import Vault

SUZUKI, TANAKA = "staff:suzuki", "staff:tanaka"


def add_proof(session: Session, request: Request, *, now: datetime, binds_address: bool = True) -> None:
    """A document that staff looked at and found to agree."""
    session.add(
        Proof(
            id=secrets.token_hex(16),
            controller=request.controller,
            request_id=request.id,
            sort=ProofSort.DOCUMENT,
            agrees=True,
            suffices=True,
            binds_address=binds_address,
            facts=[],
            by=SUZUKI,
            at=now,
        )
    )
    session.flush()


def verify(session: Session, request: Request, *, now: datetime, binds_address: bool = True) -> None:
    """Brings a filed request to where it is known who asks."""
    add_proof(session, request, now=now, binds_address=binds_address)
    request.verified_at = now
    move(session, request, Move.GIVE_DETAILS, actor="member", now=now)
    move(session, request, Move.VERIFY, actor=SUZUKI, now=now)


def store_answer(session: Session, request: Request, *, now: datetime, vault: Vault) -> str:
    """An answer that staff have stored; gives the file's id."""
    return store_file(
        session,
        draft_id=request.draft_id,
        request_id=request.id,
        purpose=FilePurpose.ANSWER,
        name="回答.pdf",
        media_type="application/pdf",
        content=b"%PDF-1.7\n%%EOF\n",
        by=SUZUKI,
        now=now,
        vault=vault,
    )
