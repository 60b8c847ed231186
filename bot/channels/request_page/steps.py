"""What the buttons of the secure page do in the register: each in one transaction, or in none that writes."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from sqlalchemy.orm import Session

from bot.channels.gateway import Gateway
from bot.channels.request_page.uploads import Upload
from bot.crash_points import CrashPoint, crash_point
from bot.register import audit
from bot.register.completing import give_details
from bot.register.details import Details
from bot.register.errors import MemberTokenIsRefusedError, StateForbidsError
from bot.register.groups import Child, Sibling, file_group, siblings_of
from bot.register.identity import codes
from bot.register.identity.member_token import MemberTokenKeys
from bot.register.identity.models import ProofSort, Purpose
from bot.register.identity.proof_table import load_proof_table
from bot.register.identity.proofs import ProofResult, record_mailbox_proof, record_proof, required_proof
from bot.register.life import TO_THE_DESK
from bot.register.models import Request
from bot.register.pages import PageView, draft_of_resume_code, issue_resume_code, open_page, submit_details
from bot.register.thread.files import store_file
from bot.storage.engine import reading, transaction


@dataclass(frozen=True)
class Outcome:
    """How things stand after a step.

    Attributes:
        view: the page.
        proof_reasons: which proof of who asks is still to come, in words for the member; empty when it is known.
        handle: what the form that takes a code carries along, when one is asked for.
        resume_code: the code to print, when no mail can come.
        siblings: what further companies were filed together with it.
    """

    view: PageView
    proof_reasons: tuple[str, ...] = ()
    handle: str | None = field(repr=False, default=None)
    resume_code: str | None = field(repr=False, default=None)
    siblings: tuple[Sibling, ...] = ()


class Steps:
    """The steps of one installation; every method opens its own transaction and blocks."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway
        self._keys = MemberTokenKeys.from_settings(gateway.settings)
        self.table = load_proof_table(gateway.settings.proofs_file)

    @property
    def takes_member_tokens(self) -> bool:
        """Whether a host site may vouch for its members."""
        return bool(self._keys.keys)

    @property
    def sisters(self) -> dict[str, str]:
        """The companies that may be asked together with this one, by id: what they are called."""
        settings = self._gateway.settings
        return {id_: name for id_, name in settings.sister_controllers.items() if id_ != self._gateway.controller}

    def wants_code(self, view: PageView) -> bool:
        """Whether a code to the mailbox is still to come back; nobody is identified to reach the desk."""
        can_be_sent = view.has_email and bool(self._gateway.settings.smtp_url.get_secret_value())
        is_needed = not TO_THE_DESK.issuperset(receipt.kind for receipt in view.receipts)
        return can_be_sent and is_needed and not view.mailbox_is_proved

    def view(self, token: str) -> Outcome:
        """How things stand; changes nothing.

        Raises:
            PageIsUnknownError: no page was issued with this token.
            PageIsClosedError: its time is over.
        """
        with reading(self._gateway.engine) as session:
            return self._outcome(session, open_page(session, token, now=self._gateway.clock()))

    def opens(self, resume_code: str, view: PageView) -> bool:
        """Whether this printed code opens the requests of this page."""
        with reading(self._gateway.engine) as session:
            return draft_of_resume_code(session, resume_code, now=self._gateway.clock()) == view.draft_id

    def submit(
        self,
        token: str,
        details: Details,
        uploads: Sequence[Upload],
        *,
        member_token: str,
        sisters: Collection[str] = (),
    ) -> Outcome:
        """Completes the requests, and files them with further companies: details, files, the host site's word.

        All of it, with every company, or nothing.

        Raises:
            DetailsWereGivenError: they were given before; nothing is changed.
            PageIsUnknownError: no page was issued with this token.
            PageIsClosedError: its time is over.
        """
        now, vault = self._gateway.clock(), self._gateway.vault
        version = self._gateway.desk.consent.version
        with transaction(self._gateway.engine) as session:
            view = submit_details(session, token, details, now=now, vault=vault, consent_version=version)
            for upload in uploads:
                self._store(session, view.draft_id, upload, now)
            self._file_with(session, view, sisters, details, uploads)
            if member_token and self.takes_member_tokens:
                self._record_member(session, view, member_token, now)
            outcome = self._with_way_back(session, view, now)
            session.flush()
            crash_point(CrashPoint.DETAILS_BEFORE_COMMIT)
        crash_point(CrashPoint.DETAILS_AFTER_COMMIT)
        return outcome

    def send_code(self, token: str) -> Outcome:
        """Asks for another code; without a handle when there is nothing to send it to, or it came back already."""
        now = self._gateway.clock()
        with transaction(self._gateway.engine) as session:
            return self._with_way_back(session, open_page(session, token, now=now), now)

    def try_code(self, token: str, handle: str, typed: str) -> Outcome | None:
        """Compares a code; None when it opens nothing. The try is counted in any case, so nothing here rolls back."""
        now = self._gateway.clock()
        with transaction(self._gateway.engine) as session:
            view = open_page(session, token, now=now)
            opened = codes.try_code(session, handle, typed, now=now, vault=self._gateway.vault)
            if opened is None or (opened.purpose, opened.draft_id) != (Purpose.PROVE, view.draft_id):
                return None
            record_mailbox_proof(session, view.draft_id, now=now, table=self.table)
            return self._outcome(session, open_page(session, token, now=now))

    def _file_with(
        self, session: Session, view: PageView, sisters: Collection[str], details: Details, uploads: Sequence[Upload]
    ) -> None:
        now, vault, desk = self._gateway.clock(), self._gateway.vault, self._gateway.desk

        def complete(child: Child) -> None:
            version = desk.consent.version
            give_details(
                session, child.draft_id, details, actor=audit.MEMBER, now=now, vault=vault, consent_version=version
            )
            for upload in uploads:
                self._store(session, child.draft_id, upload, now)

        asked = {id_: name for id_, name in self.sisters.items() if id_ in sisters}
        file_group(session, view.draft_id, asked, name=desk.controller, now=now, vault=vault, then=complete)

    def _store(self, session: Session, draft_id: str, upload: Upload, now: datetime) -> None:
        store_file(
            session,
            draft_id=draft_id,
            request_id=None,
            purpose=upload.purpose,
            name=upload.name,
            media_type=upload.media_type,
            content=upload.content,
            by=audit.MEMBER,
            now=now,
            vault=self._gateway.vault,
        )

    def _record_member(self, session: Session, view: PageView, member_token: str, now: datetime) -> None:
        try:
            self._keys.read(member_token, now=now, vault=self._gateway.vault)
        except MemberTokenIsRefusedError:
            # It may have run out while the form was filled in; then who asks is shown in another way.
            return
        result = ProofResult(ProofSort.MEMBER_TOKEN, agrees=True)
        for receipt in view.receipts:
            try:
                record_proof(session, receipt.request_id, result, actor=audit.MEMBER, now=now, table=self.table)
            except StateForbidsError:
                # Taken back before the page was submitted: there is nothing to verify any more.
                continue

    def _with_way_back(self, session: Session, view: PageView, now: datetime) -> Outcome:
        """The outcome with a code on its way, or the printed one where no mail can come."""
        outcome = self._outcome(session, view)
        if not view.is_submitted:
            return outcome
        if not view.has_email:
            return replace(outcome, resume_code=issue_resume_code(session, view.draft_id, now=now))
        return replace(outcome, handle=self._ask(session, view, now))

    def _ask(self, session: Session, view: PageView, now: datetime) -> str | None:
        if not self.wants_code(view):
            return None
        return codes.ask_for_draft(
            session,
            view.draft_id,
            Purpose.PROVE,
            controller=view.controller,
            now=now,
            minutes=self._gateway.settings.code_minutes,
        )

    def _outcome(self, session: Session, view: PageView) -> Outcome:
        waiting = [
            required_proof(session, receipt.request_id, table=self.table)
            for receipt in view.receipts
            if session.get_one(Request, receipt.request_id).verified_at is None
        ]
        reasons = tuple(dict.fromkeys(proof.reason for proof in waiting if proof.sort is not None))
        return Outcome(view, reasons, siblings=tuple(siblings_of(session, view.draft_id)))
