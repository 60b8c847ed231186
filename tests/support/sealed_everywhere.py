"""A database in which every sealed column holds something, put there by the services that real values come from."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import cast

import numpy as np
import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from bot.console.frame.parts import Console
from bot.console.talks import gathering
from bot.console.trying import verdicts
from bot.evaluation.runs.reading import Scope
from bot.policy.embedding import Vectors
from bot.register.casework import begin_review
from bot.register.completing import give_details
from bot.register.decisions.deciding import Proposal, approve, propose
from bot.register.decisions.grounds import Regime
from bot.register.decisions.models import Delivery, Outcome
from bot.register.decisions.releasing import note_posted, prepare, release
from bot.register.details import Details
from bot.register.drafts import open_draft
from bot.register.filing import Filed, file_draft
from bot.register.forgetting.hold import hold
from bot.register.identity.codes import ask_by_number, make_wanted
from bot.register.identity.models import Purpose
from bot.register.kinds import Kind
from bot.register.life import Move, locked_request, move
from bot.register.models import ReplyBy, Request, Role
from bot.register.thread.messages import write_to_member
from bot.staff import second_factor
from bot.staff.accounts import NewAccount, invite
from bot.staff.roles import Role as StaffRole
from bot.storage import talks
from bot.storage.encryption import Vault
from bot.storage.engine import transaction
from bot.storage.talks import Review
from tests.support.cases import SUZUKI, TANAKA, add_proof, store_answer
from tests.support.talks import Told, store_talk

NOW = datetime(2026, 11, 26, 3, 0, tzinfo=UTC)
_CONTROLLER = "eparkrelax"
_DETAILS = Details(
    role=Role.APPOINTED_AGENT,
    name="見本 花子",
    subject="見本 太郎",
    reply_by=ReplyBy.EMAIL,
    email="hanako@example.jp",
    phone="03-0000-0000",
    address="〒000-0000 見本県架空市例示町0-0-0",
    remarks="急ぎません",
    particulars={Kind.CORRECTION: {"item": "住所", "content": "例示町"}},
)
_PARTLY = Proposal(Outcome.PARTIAL, "content-is-factual", "一部は事実と異なるとは認められません。", "住所を直します。")


def fill(engine: Engine, vault: Vault) -> None:
    """Talks, files, decides, releases, judges, invites."""
    with transaction(engine) as session:
        _talk(session, vault)
        _file(session, vault, Kind.DISCLOSURE, filed=False)
        (corrected,) = _file(session, vault, Kind.CORRECTION)
        (disclosed,) = _file(session, vault, Kind.DISCLOSURE)
        _decide(session, corrected, _PARTLY, vault)
        _decide(session, disclosed, Proposal(Outcome.GRANTED), vault)
        _post(session, disclosed, vault)
        _staff(session, vault)
    _group(engine, vault)


def _talk(session: Session, vault: Vault) -> None:
    told = Told("料金は", "not_in_policy", trace={"questions": []})
    conversation = store_talk(session, told, vault=vault, now=NOW - timedelta(days=1))
    talks.mark(conversation, Review.CHECKED, note="見ました", actor=SUZUKI, vault=vault, now=NOW)


def _file(session: Session, vault: Vault, kind: Kind, *, filed: bool = True) -> list[Filed]:
    draft = open_draft(
        session,
        controller=_CONTROLLER,
        conversation_id=f"{kind:c<31}{filed:d}",
        channel="web",
        kinds=[kind],
        scope=None,
        words="見せてください",
        vault=vault,
        now=NOW,
    )
    return file_draft(session, draft, now=NOW, vault=vault) if filed else []


def _decide(session: Session, filed: Filed, proposal: Proposal, vault: Vault) -> None:
    request = session.get_one(Request, filed.request_id)
    hold(session, request.id, "訴訟のため", actor=SUZUKI, now=NOW, vault=vault)
    give_details(session, request.draft_id, _DETAILS, actor="member", now=NOW, vault=vault, consent_version="1")
    code = ask_by_number(session, filed.number, Purpose.OPEN, controller=_CONTROLLER, now=NOW, vault=vault, minutes=9)
    assert code
    make_wanted(session, controller=_CONTROLLER, now=NOW, vault=vault)
    # Who asks in vain waits, and is told nothing: the number stays sealed until the jobs come round.
    ask_by_number(session, filed.number, Purpose.OPEN, controller=_CONTROLLER, now=NOW, vault=vault, minutes=9)
    add_proof(session, request, now=NOW)
    locked_request(session, request.id).verified_at = NOW
    move(session, request, Move.VERIFY, actor=SUZUKI, now=NOW)
    begin_review(session, request.id, actor=SUZUKI, now=NOW)
    write_to_member(session, request.id, "調べています。", actor=SUZUKI, now=NOW, vault=vault)
    regime = Regime.APPI_AND_JIS
    decision = propose(session, request.id, proposal, actor=SUZUKI, now=NOW, vault=vault, regime=regime)
    approve(session, decision, actor=TANAKA, now=NOW)


def _post(session: Session, filed: Filed, vault: Vault) -> None:
    file = store_answer(session, session.get_one(Request, filed.request_id), now=NOW, vault=vault)
    ready = prepare(session, filed.request_id, delivery=Delivery.POST, file_id=file, actor=SUZUKI, now=NOW)
    release(session, ready, actor=TANAKA, now=NOW, days=30)
    note_posted(session, ready, "0000-0000-0000", actor=SUZUKI, now=NOW, vault=vault)


def _staff(session: Session, vault: Vault) -> None:
    new = NewAccount("admin", "見本 管理", "admin@example.jp", StaffRole.ADMIN)
    account = invite(session, new, controller=_CONTROLLER, by="test", now=NOW)
    second_factor.seal(account, second_factor.secret_for("token", vault), vault)
    given = verdicts.Given(False, "料金は", "違います", "answer", ("2-5",), "0", "0" * 64)  # noqa: FBT003 - its first field
    verdicts.keep(session, Scope(_CONTROLLER, "privacy"), SUZUKI, given, vault=vault, now=NOW)


class _Model:
    model_id = "model"

    def questions(self, texts: list[str]) -> Vectors:
        return np.full((len(texts), 4), 0.5, dtype=np.float32)


def _group(engine: Engine, vault: Vault) -> None:
    console = SimpleNamespace(engine=engine, vault=vault, clock=lambda: NOW, controller=_CONTROLLER, settings=None)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(gathering, "embedder_of", lambda _settings: _Model())
        patch.setattr(gathering, "_common", lambda _console, _embedder: np.zeros(4, dtype=np.float32))
        gathering.regroup(cast("Console", console), lambda *_: None)
