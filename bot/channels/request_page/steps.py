"""What the buttons of the secure page do in the register: each in one transaction, or in none that writes."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from sqlalchemy.orm import Session

from bot.channels.gateway import Gateway
from bot.channels.proof_rules import read_proof_rules
from bot.channels.request_page.uploads import Upload
from bot.crash_points import CrashPoint, crash_point
from bot.register import audit
from bot.register.completing import give_details
from bot.register.details import Details
from bot.register.groups import Child, Standing, file_group, standings_of
from bot.register.identity import codes
from bot.register.identity.group_proofs import prove_mailbox, vouch
from bot.register.identity.models import Purpose
from bot.register.identity.proofs import required_proof
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
        siblings: where the requests of further companies stand that were filed together with it.
    """

    view: PageView
    proof_reasons: tuple[str, ...] = ()
    handle: str | None = field(repr=False, default=None)
    resume_code: str | None = field(repr=False, default=None)
    siblings: tuple[Standing, ...] = ()


class Steps:
    """The steps of one installation; every method opens its own transaction and blocks."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway
        self.rules = read_proof_rules(gateway)

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
            # At the same moment: nobody is verified before their request has arrived.
            self._file_with(session, view, sisters, details, uploads, now)
            if member_token and self.rules.takes_member_tokens:
                self._vouch(session, view.draft_id, member_token, now)
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
        """Compares a code, which counts for every company that was asked from this page; None when it opens nothing.

        The try is counted in any case, so nothing here rolls back.
        """
        now = self._gateway.clock()
        with transaction(self._gateway.engine) as session:
            view = open_page(session, token, now=now)
            codes.hold_group(session, handle)
            opened = codes.try_code(session, handle, typed, now=now, vault=self._gateway.vault)
            if opened is None or (opened.purpose, opened.draft_id) != (Purpose.PROVE, view.draft_id):
                return None
            prove_mailbox(session, view.draft_id, now=now, table_of=self.rules.table_of)
            return self._outcome(session, open_page(session, token, now=now))

    def _file_with(
        self,
        session: Session,
        view: PageView,
        sisters: Collection[str],
        details: Details,
        uploads: Sequence[Upload],
        now: datetime,
    ) -> None:
        vault, desk = self._gateway.vault, self._gateway.desk

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

    def _vouch(self, session: Session, draft_id: str, member_token: str, now: datetime) -> None:
        vouch(
            session,
            draft_id,
            now=now,
            believes=lambda controller: self.rules.believes(controller, member_token, now=now),
            table_of=self.rules.table_of,
        )

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
            required_proof(session, receipt.request_id, table=self.rules.table)
            for receipt in view.receipts
            if session.get_one(Request, receipt.request_id).verified_at is None
        ]
        reasons = tuple(dict.fromkeys(proof.reason for proof in waiting if proof.sort is not None))
        return Outcome(view, reasons, siblings=tuple(standings_of(session, view.draft_id)))
