"""The letter that tells a decision to whoever is answered by post: the page's own words, on paper.

It is filled with the ground that staff chose and the explanation that they wrote (個人情報保護法 36条); nothing else is
said of the matter.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from bot.channels.papers.papers import Frame, begin, desks
from bot.channels.timeline.texts import OUTCOMES
from bot.channels.wall_clock import day, moment
from bot.clock import in_tokyo
from bot.register.decisions.grounds import Ground
from bot.register.decisions.models import Outcome
from bot.register.filing import Filed
from bot.register.kinds import Kind
from bot.register.life import TO_THE_DESK


@dataclass(frozen=True)
class Told:
    """What was decided, as a member is told it."""

    kind: Kind
    outcome: Outcome
    ground: Ground | None
    explanation: str = field(repr=False)
    detail: str = field(repr=False)

    @property
    def title(self) -> str:
        """What the letter calls itself."""
        return "ご回答" if self.kind in TO_THE_DESK else "ご請求への回答"

    @property
    def sentence(self) -> str:
        """The outcome, as the request's page puts it."""
        return OUTCOMES[self.outcome]

    @property
    def reason(self) -> str:
        """The ground with its source; empty where nothing is refused."""
        return f"{self.ground.title}（{self.ground.source}）" if self.ground is not None else ""


def letter_pdf(receipt: Filed, told: Told, frame: Frame, *, name: str, decided_at: datetime) -> bytes:
    """The letter as PDF.

    Args:
        receipt: the request.
        told: what was decided.
        frame: what every paper shares.
        name: of whoever asked.
        decided_at: when the decision came into effect.
    """
    sheet = begin(told.title, [receipt], frame)
    sheet.paragraph(day(in_tokyo(frame.made_at).date()))
    if name:
        sheet.paragraph(f"{name}　様")
    sheet.paragraph(frame.desk.controller)
    sheet.gap(2)
    sheet.row("受付番号", receipt.number)
    sheet.row("種類", receipt.kind.title)
    sheet.row("受付日時（日本時間）", moment(receipt.received_at))
    sheet.row("決定日", day(in_tokyo(decided_at).date()))
    sheet.row("結果", told.sentence)
    for label, text in (("理由", told.reason), ("ご説明", told.explanation), ("内容", told.detail)):
        if text:
            sheet.row(label, text)
    desks(sheet, frame.desk)
    return sheet.content()
