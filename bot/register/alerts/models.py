"""The table of alerts: what staff were told, who was told, and who has taken it up."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from bot.register.models import index_where, one_of
from bot.storage.engine import Base
from bot.storage.types import CONTROLLER, ID, PERSON, WORD, UtcDateTime
from bot.storage.walls import Owned


class AlertSort(StrEnum):
    """Why staff are told.

    Attributes:
        ARRIVAL: a request has arrived.
        DUE_SOON: three working days are left, or fewer.
        OVERDUE: the last day is over.
        REPLY: the member has written.
        BOUNCE: a mail to the member came back.
        CLOSURE: it falls due while the desk is closed.
        NO_CONTACT: it cannot be answered, since no contact details have come.
        SECOND_PERSON: a decision or a release waits for a second person.
    """

    ARRIVAL = "arrival"
    DUE_SOON = "due_soon"
    OVERDUE = "overdue"
    REPLY = "reply"
    BOUNCE = "bounce"
    CLOSURE = "closure"
    NO_CONTACT = "no_contact"
    SECOND_PERSON = "second_person"


class Alert(Owned, Base):
    """One thing that staff were told about one request; `occasion` tells two of a sort apart.

    `told` is who was told last: it climbs to a deputy while nobody takes it up.
    """

    __tablename__ = "alert"
    __table_args__ = (
        UniqueConstraint("request_id", "sort", "occasion", name="uq_alert_occasion"),
        CheckConstraint(one_of("sort", tuple(AlertSort)), name="ck_alert_sort"),
        CheckConstraint(
            "(acknowledged_at IS NULL) = (acknowledged_by IS NULL)", name="ck_alert_acknowledged_by_somebody"
        ),
        Index("ix_alert_open", "controller", "acknowledged_at"),
        index_where("acknowledged_at IS NULL", "ix_alert_standing", "controller", "sort", "request_id"),
    )

    id: Mapped[str] = mapped_column(ID, primary_key=True)
    controller: Mapped[str] = mapped_column(CONTROLLER)
    request_id: Mapped[str] = mapped_column(ID, ForeignKey("request.id"))
    sort: Mapped[str] = mapped_column(WORD)
    occasion: Mapped[str] = mapped_column(String(100))
    told: Mapped[str] = mapped_column(PERSON)
    raised_at: Mapped[datetime] = mapped_column(UtcDateTime)
    told_at: Mapped[datetime] = mapped_column(UtcDateTime)
    climbs: Mapped[int] = mapped_column(Integer, default=0)
    acknowledged_by: Mapped[str | None] = mapped_column(PERSON)
    acknowledged_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
