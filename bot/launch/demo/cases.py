"""One made-up request on its way through the desk, by the services that real ones go through."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy.orm import Session

from bot.launch.demo.people import COUNSELLOR, OFFICER, SECOND_COUNSELLOR, SECOND_OFFICER
from bot.register import audit, casework
from bot.register.arrival import check_arrival
from bot.register.completing import give_details
from bot.register.decisions import deciding, releasing
from bot.register.decisions.deciding import Proposal
from bot.register.decisions.grounds import Regime
from bot.register.decisions.models import Delivery, Outcome
from bot.register.details import Details
from bot.register.filing import Filed
from bot.register.identity.models import ProofSort
from bot.register.identity.proof_table import ProofTable
from bot.register.identity.proofs import ProofResult, record_proof
from bot.register.kinds import Kind
from bot.register.life import TO_THE_DESK, Move, locked_request, move
from bot.register.models import ReplyBy
from bot.register.requests import withdraw
from bot.register.thread import messages
from bot.register.thread.files import store_file
from bot.register.thread.handing_in import HandedIn, hand_in
from bot.register.thread.models import FilePurpose
from bot.storage.encryption import Vault

_CONSENT = "1"
_ANSWER_DAYS = 30
# The smallest file that opens: one empty page.
_PDF = (
    b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj 2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj "
    b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
)


@dataclass
class Case:
    """A request with what its steps need; `step` takes one by its name, with the words it is given.

    Attributes:
        details: who asks, as the secure page or the staff entered it.
        kind: of the request.
        vault: seals.
        table: says which proof suffices.
        regime: the rules for refusals.
        is_first: whether the first pair of staff works on it, or the second.
    """

    details: Details
    kind: Kind
    vault: Vault
    table: ProofTable
    regime: Regime
    is_first: bool
    filed: Filed | None = None
    draft_id: str = ""
    decision_id: str = field(default="", init=False)
    release_id: str = field(default="", init=False)

    @property
    def request_id(self) -> str:
        """The request, once it is filed."""
        if self.filed is None:
            raise ValueError("nothing is filed yet")
        return self.filed.request_id

    @property
    def worker(self) -> str:
        """Who works on it."""
        return f"staff:{COUNSELLOR if self.is_first else SECOND_COUNSELLOR}"

    @property
    def second(self) -> str:
        """Who is the second person."""
        return f"staff:{OFFICER if self.is_first else SECOND_OFFICER}"

    def step(self, session: Session, name: str, words: str, now: datetime) -> None:
        """Takes a step in the transaction that is open.

        Raises:
            KeyError: there is no such step.
        """
        _STEPS[name](self, session, words, now)


def _details(case: Case, session: Session, _words: str, now: datetime) -> None:
    give_details(
        session,
        case.draft_id,
        case.details,
        actor=audit.MEMBER,
        now=now,
        vault=case.vault,
        consent_version=_CONSENT,
    )


def _assign(case: Case, session: Session, _words: str, now: datetime) -> None:
    casework.assign(session, case.request_id, case.worker, actor=case.second, now=now)


def _urgent(case: Case, session: Session, _words: str, now: datetime) -> None:
    casework.set_urgent(session, case.request_id, urgent=True, actor=case.worker, now=now)


def _verify(case: Case, session: Session, _words: str, now: datetime) -> None:
    result = ProofResult(ProofSort.DOCUMENT, agrees=True, binds_address=True)
    record_proof(session, case.request_id, result, actor=case.worker, now=now, table=case.table)


def _differs(case: Case, session: Session, _words: str, now: datetime) -> None:
    result = ProofResult(ProofSort.COLLATION, agrees=False, facts=("氏名", "生年月日"))
    record_proof(session, case.request_id, result, actor=case.worker, now=now, table=case.table)


def _review(case: Case, session: Session, _words: str, now: datetime) -> None:
    casework.begin_review(session, case.request_id, actor=case.worker, now=now)


def _ask(case: Case, session: Session, words: str, now: datetime) -> None:
    messages.ask_member(session, case.request_id, words, actor=case.worker, now=now, vault=case.vault)


def _write(case: Case, session: Session, words: str, now: datetime) -> None:
    messages.write_to_member(session, case.request_id, words, actor=case.worker, now=now, vault=case.vault)


def _note(case: Case, session: Session, words: str, now: datetime) -> None:
    messages.write_note(session, case.request_id, words, actor=case.worker, now=now, vault=case.vault)


def _reply(case: Case, session: Session, words: str, now: datetime) -> None:
    messages.member_writes(session, case.request_id, words, now=now, vault=case.vault)


def _hand_in(case: Case, session: Session, _words: str, now: datetime) -> None:
    file = HandedIn(FilePurpose.IDENTITY, "本人確認書類（見本）.pdf", "application/pdf", _PDF)
    hand_in(session, case.request_id, file, now=now, vault=case.vault)


def _interim(case: Case, session: Session, words: str, now: datetime) -> None:
    casework.send_interim(session, case.request_id, words, actor=case.worker, now=now, vault=case.vault)


def _propose(case: Case, session: Session, words: str, now: datetime) -> None:
    """`words` is the outcome, then its ground and the explanation, apart by bars; the latter two may be missing."""
    outcome, ground, explanation = (*words.split("|"), "", "")[:3]
    detail = explanation if case.kind in deciding.CHANGES_DATA else ""
    proposal = Proposal(Outcome(outcome), ground or None, explanation, detail)
    case.decision_id = deciding.propose(
        session, case.request_id, proposal, actor=case.worker, now=now, vault=case.vault, regime=case.regime
    )


def _approve(case: Case, session: Session, _words: str, now: datetime) -> None:
    deciding.approve(session, case.decision_id, actor=case.second, now=now)


def _reject(case: Case, session: Session, _words: str, now: datetime) -> None:
    deciding.reject(session, case.decision_id, actor=case.second, now=now)


def _execute(case: Case, session: Session, _words: str, now: datetime) -> None:
    deciding.note_executed(session, case.decision_id, actor=case.worker, now=now)


def _prepare(case: Case, session: Session, _words: str, now: datetime) -> None:
    file_id = store_file(
        session,
        draft_id=case.draft_id,
        request_id=case.request_id,
        purpose=FilePurpose.ANSWER,
        name="ご回答（見本）.pdf",
        media_type="application/pdf",
        content=_PDF,
        by=case.worker,
        now=now,
        vault=case.vault,
    )
    case.release_id = releasing.prepare(
        session, case.request_id, delivery=Delivery.PAGE, file_id=file_id, actor=case.worker, now=now
    )


def _release(case: Case, session: Session, _words: str, now: datetime) -> None:
    releasing.release(session, case.release_id, actor=case.second, now=now, days=_ANSWER_DAYS)


def _told(case: Case, session: Session, _words: str, now: datetime) -> None:
    if case.details.reply_by is ReplyBy.EMAIL or case.kind in TO_THE_DESK:
        # As the mail's own courier notes it, once the server has taken it.
        move(session, locked_request(session, case.request_id), Move.NOTIFY, actor=audit.SYSTEM, now=now)
    else:
        casework.note_told(session, case.request_id, case.details.reply_by, actor=case.worker, now=now)


def _close(case: Case, session: Session, _words: str, now: datetime) -> None:
    casework.close(session, case.request_id, actor=case.worker, now=now)


def _withdraw(case: Case, session: Session, _words: str, now: datetime) -> None:
    withdraw(session, case.request_id, now=now)


def _expire(case: Case, session: Session, _words: str, now: datetime) -> None:
    move(session, locked_request(session, case.request_id), Move.EXPIRE_IDENTITY, actor=audit.SYSTEM, now=now)


def _check_arrival(case: Case, session: Session, _words: str, now: datetime) -> None:
    check_arrival(session, case.request_id, actor=case.second, now=now)


_STEPS: dict[str, Callable[[Case, Session, str, datetime], None]] = {
    "details": _details,
    "assign": _assign,
    "urgent": _urgent,
    "verify": _verify,
    "differs": _differs,
    "review": _review,
    "ask": _ask,
    "write": _write,
    "note": _note,
    "reply": _reply,
    "hand_in": _hand_in,
    "interim": _interim,
    "propose": _propose,
    "approve": _approve,
    "reject": _reject,
    "execute": _execute,
    "prepare": _prepare,
    "release": _release,
    "told": _told,
    "close": _close,
    "withdraw": _withdraw,
    "expire": _expire,
    "check_arrival": _check_arrival,
}
