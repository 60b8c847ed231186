"""What is left of a procedure when it is over, and until when: computed from the settings, for mail, page and letter.

It is the same for every kind, so that a mail that says it betrays nothing of what was asked for.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.channels.wall_clock import day
from bot.clock import in_tokyo
from bot.desk import Desk
from bot.settings import Settings

_LINE = (
    "その後も、受付番号・種類・日時・結果と対応の経過は、お名前や内容を含まない形で残ります。"
    "ご請求に対応したことを示すための記録で、削除する日は決まっていません。"
)


@dataclass(frozen=True)
class Keeping:
    """How long what is kept after the end.

    Attributes:
        content: days that the content stays.
        uploads: days that files which a member handed in stay.
        backups: for how long copies are kept, in the owner's words; empty when the owner has not said.
    """

    content: int
    uploads: int
    backups: str = ""


def keeping_of(desk: Desk, settings: Settings) -> Keeping:
    """How long this installation keeps what was closed."""
    return Keeping(settings.request_days_closed, settings.upload_days, desk.owner.backups.strip())


def what_remains(ended_at: datetime, keeping: Keeping) -> tuple[str, ...]:
    """What is left of a procedure that was closed at this moment, a sentence or two each."""
    last = in_tokyo(ended_at + timedelta(days=keeping.content)).date()
    content = f"いただいた内容（お名前・ご連絡先・やりとりなど）は、{day(last)}まで保存し、その後に削除します。"
    uploads = f"お送りいただいたファイルは、手続きの終わりから{keeping.uploads}日で、先に削除します。"
    backups = (f"バックアップに残る写しの保存期間：{keeping.backups}",) if keeping.backups else ()
    return (content + (uploads if keeping.uploads < keeping.content else ""), _LINE, *backups)
