"""Tables of what staff decide and hand over, with the two people that it takes kept by the database."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    LargeBinary,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from bot.register.models import index_where, one_of
from bot.storage.engine import Base
from bot.storage.types import CONTROLLER, ID, PERSON, WORD, UtcDateTime
from bot.storage.walls import Owned


class Outcome(StrEnum):
    """What became of a request; only staff write it.

    Attributes:
        GRANTED: done as asked.
        PARTIAL: done in part, refused in part.
        DENIED: refused, on a ground that the law names.
        NO_DATA: there are no such data (個人情報保護法 33条3項 wants that told, too).
        NOT_HELD_BY_US: data that this company may not disclose or change by itself (16条4項).
        ALREADY_PUBLISHED: the purpose is clear from what is published (32条2項1号).
        ALTERNATIVE_MEASURE: another measure that protects the person's rights (35条2項ただし書 and others).
        ROUTED: another desk decides; the member is told which.
        UNIDENTIFIED: nothing came that shows who asks.
        ANSWERED: an inquiry or a complaint has its answer.
    """

    GRANTED = "granted"
    PARTIAL = "partial"
    DENIED = "denied"
    NO_DATA = "no_data"
    NOT_HELD_BY_US = "not_held_by_us"
    ALREADY_PUBLISHED = "already_published"
    ALTERNATIVE_MEASURE = "alternative_measure"
    ROUTED = "routed"
    UNIDENTIFIED = "unidentified"
    ANSWERED = "answered"


ALONE = (Outcome.ROUTED, Outcome.ANSWERED)
"""What one person may decide: nothing is released, executed or refused by it."""

FULFILS = (Outcome.GRANTED, Outcome.PARTIAL, Outcome.ALTERNATIVE_MEASURE)
"""What has to be done or handed over, wholly, in part or in another way, before the request can be closed."""

WITHOUT_GROUND = (Outcome.GRANTED, Outcome.ANSWERED, Outcome.ROUTED)
"""What refuses nothing, and so needs no ground of the law."""


class Delivery(StrEnum):
    """How an answer reaches the member: on the request's page after a fresh code, or by post."""

    PAGE = "page"
    POST = "post"


class LinkSort(StrEnum):
    """How two requests belong together; a link changes neither."""

    DUPLICATE = "duplicate"
    FOLLOWS = "follows"
    COMPLAINT_ABOUT = "complaint_about"


class Decision(Owned, Base):
    """What staff decided: proposed by one person, in effect (`effective_at`) once a second one has approved.

    A request has one decision that was not rejected, and never a second one beside it.

    `sealed_explanation` is read by the member (36条); `sealed_detail` is what was done, such as the content of a
    correction (34条3項); both are emptied when the request's content goes. `executed_at` is when what was granted had
    been done to the data themselves.
    """

    __tablename__ = "decision"
    __table_args__ = (
        ForeignKeyConstraint(["request_id", "kind"], ["request.id", "request.kind"], name="fk_decision_request_kind"),
        CheckConstraint(one_of("outcome", tuple(Outcome)), name="ck_decision_outcome"),
        CheckConstraint("approved_by IS NULL OR approved_by <> decided_by", name="ck_decision_two_people"),
        CheckConstraint(
            f"effective_at IS NULL OR approved_by IS NOT NULL OR {one_of('outcome', ALONE)}",
            name="ck_decision_needs_approval",
        ),
        CheckConstraint(
            f"ground IS NOT NULL OR {one_of('outcome', WITHOUT_GROUND)}", name="ck_decision_refusal_has_ground"
        ),
        CheckConstraint(
            f"sealed_explanation IS NOT NULL OR {one_of('outcome', (Outcome.GRANTED,))}",
            name="ck_decision_is_explained",
        ),
        CheckConstraint(
            "outcome NOT IN ('granted', 'partial') OR kind NOT IN ('correction', 'addition', 'deletion') "
            "OR sealed_detail IS NOT NULL",
            name="ck_decision_correction_is_told",
        ),
        CheckConstraint(
            "outcome = 'routed' OR (outcome = 'answered') = (kind IN ('complaint', 'inquiry'))",
            name="ck_decision_only_the_desk_answers",
        ),
        CheckConstraint(
            "substr(decided_by, 1, 6) = 'staff:' AND (approved_by IS NULL OR substr(approved_by, 1, 6) = 'staff:')",
            name="ck_decision_by_staff",
        ),
        CheckConstraint("executed_at IS NULL OR effective_at IS NOT NULL", name="ck_decision_executed_when_effective"),
        CheckConstraint("rejected_at IS NULL OR effective_at IS NULL", name="ck_decision_one_end"),
        Index("ix_decision_request", "request_id"),
        index_where("effective_at IS NULL AND rejected_at IS NULL", "ix_decision_waiting", "controller", "request_id"),
        Index(
            "uq_decision_open",
            "request_id",
            unique=True,
            sqlite_where=text("rejected_at IS NULL"),
            postgresql_where=text("rejected_at IS NULL"),
        ),
    )

    id: Mapped[str] = mapped_column(ID, primary_key=True)
    controller: Mapped[str] = mapped_column(CONTROLLER)
    request_id: Mapped[str] = mapped_column(ID)
    kind: Mapped[str] = mapped_column(WORD)
    outcome: Mapped[str] = mapped_column(WORD)
    ground: Mapped[str | None] = mapped_column(WORD)
    sealed_explanation: Mapped[bytes | None] = mapped_column(LargeBinary)
    sealed_detail: Mapped[bytes | None] = mapped_column(LargeBinary)
    decided_by: Mapped[str] = mapped_column(PERSON)
    decided_at: Mapped[datetime] = mapped_column(UtcDateTime)
    approved_by: Mapped[str | None] = mapped_column(PERSON)
    effective_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    rejected_by: Mapped[str | None] = mapped_column(PERSON)
    rejected_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    executed_by: Mapped[str | None] = mapped_column(PERSON)
    executed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class AnswerRelease(Owned, Base):
    """The data themselves on their way to the member: prepared by one person, released by another."""

    __tablename__ = "answer_release"
    __table_args__ = (
        CheckConstraint(one_of("delivery", tuple(Delivery)), name="ck_answer_release_delivery"),
        CheckConstraint("released_by IS NULL OR released_by <> prepared_by", name="ck_answer_release_two_people"),
        CheckConstraint("(released_at IS NULL) = (released_by IS NULL)", name="ck_answer_release_released_by_somebody"),
        CheckConstraint(
            "substr(prepared_by, 1, 6) = 'staff:' AND (released_by IS NULL OR substr(released_by, 1, 6) = 'staff:')",
            name="ck_answer_release_by_staff",
        ),
        CheckConstraint("delivery <> 'page' OR file_id IS NOT NULL", name="ck_answer_release_page_has_file"),
        CheckConstraint("posted_at IS NULL OR released_at IS NOT NULL", name="ck_answer_release_posted_when_released"),
        Index("ix_answer_release_request", "request_id"),
        Index("ix_answer_release_file", "file_id"),
        index_where("released_at IS NULL", "ix_answer_release_waiting", "controller", "request_id"),
    )

    id: Mapped[str] = mapped_column(ID, primary_key=True)
    controller: Mapped[str] = mapped_column(CONTROLLER)
    request_id: Mapped[str] = mapped_column(ID, ForeignKey("request.id"))
    delivery: Mapped[str] = mapped_column(WORD)
    file_id: Mapped[str | None] = mapped_column(ID, ForeignKey("stored_file.id"))
    prepared_by: Mapped[str] = mapped_column(PERSON)
    prepared_at: Mapped[datetime] = mapped_column(UtcDateTime)
    released_by: Mapped[str | None] = mapped_column(PERSON)
    released_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    available_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    sealed_tracking: Mapped[bytes | None] = mapped_column(LargeBinary)
    posted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class RequestLink(Owned, Base):
    """Two requests that belong together."""

    __tablename__ = "request_link"
    __table_args__ = (
        UniqueConstraint("request_id", "other_id", "sort", name="uq_request_link"),
        CheckConstraint(one_of("sort", tuple(LinkSort)), name="ck_request_link_sort"),
        CheckConstraint("request_id <> other_id", name="ck_request_link_two_requests"),
        Index("ix_request_link_other", "other_id"),
    )

    id: Mapped[str] = mapped_column(ID, primary_key=True)
    controller: Mapped[str] = mapped_column(CONTROLLER)
    request_id: Mapped[str] = mapped_column(ID, ForeignKey("request.id"))
    other_id: Mapped[str] = mapped_column(ID, ForeignKey("request.id"))
    sort: Mapped[str] = mapped_column(WORD)
    by: Mapped[str] = mapped_column(PERSON)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
