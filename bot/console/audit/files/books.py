"""What an audit of a period gets to see, as tables: nothing of what members wrote, and no name but those of staff."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property, partial

from sqlalchemy import Engine

from bot.clock import in_tokyo
from bot.console.audit.filters import begins
from bot.console.audit.words import FAULTS, action_title
from bot.console.requests import words
from bot.register.decisions.grounds import all_grounds
from bot.register.decisions.models import Outcome
from bot.register.kinds import FILED_KINDS, Kind
from bot.register.life import TO_THE_DESK
from bot.register.trail.accesses import accesses
from bot.register.trail.checking import CONSOLE, Found, look, read_broken
from bot.register.trail.deletions import Deleted, deletions
from bot.register.trail.ends import ends_of
from bot.register.trail.ledger import LedgerPlace, LedgerRow, Period, Timeliness, ledger_page
from bot.storage.engine import reading

Cells = Sequence[object]
Rows = Callable[[], Iterator[Cells]]

_AT_A_TIME = 1000
_NONE = "―"
_NOT_FOUND_HERE = (
    "データベースのすべてを書き換えられる人が、記録とつながりを作り直した場合。"
    "前に作った「記録の終わりの控え」と比べると分かります。"
)

TIMELINESS = {
    Timeliness.IN_TIME: "期限内",
    Timeliness.LATE: "遅れ",
    Timeliness.RUNNING: "通知前・期限前",
    Timeliness.OVERDUE: "通知前・期限超過",
    Timeliness.WITHDRAWN: "取下げ",
}
DELETED = {
    Deleted.TESTS: "テストの請求（期限による消去）",
    Deleted.DRAFTS: "提出されなかった下書きの文面（期限による消去）",
    Deleted.FILE: "請求に付いたファイル（本人確認の書類など）",
    Deleted.CONVERSATIONS: "会話（会員による消去）",
}


@dataclass(frozen=True)
class Column:
    """One column: its name, and its width on paper in millimetres."""

    title: str
    width: float


@dataclass(frozen=True)
class Book:
    """One table of the files.

    Attributes:
        title: what it is called, on paper and as a file.
        columns: its columns.
        rows: gives its rows anew each time it is called.
        is_printed: whether it is made as a paper too, beside the CSV.
    """

    title: str
    columns: Sequence[Column]
    rows: Rows
    is_printed: bool = True


@dataclass(frozen=True)
class Asked:
    """Which files are wanted, by whom.

    Attributes:
        controller: whose register.
        company: its name as papers show it.
        first: the first day.
        last: the last day.
        made_at: the present moment; what arrives later stands in no table.
        made_by: the name of whoever asked.
        names: everybody's name by what trails call them.
    """

    controller: str
    company: str
    first: date
    last: date
    made_at: datetime
    made_by: str
    names: dict[str, str]

    @cached_property
    def period(self) -> Period:
        """The days as moments, up to now at most."""
        return Period(begins(self.first), min(begins(self.last + timedelta(days=1)), self.made_at))


def books_of(engine: Engine, asked: Asked) -> list[Book]:
    """Every table, in the order of the files."""
    requests = [kind for kind in FILED_KINDS if kind not in TO_THE_DESK]
    others = [kind for kind in FILED_KINDS if kind in TO_THE_DESK]
    return [
        Book("請求台帳", _LEDGER, partial(_ledger, engine, asked, requests, _request_cells)),
        Book("苦情・相談台帳", _COMPLAINTS, partial(_ledger, engine, asked, others, _complaint_cells)),
        Book("個人データの閲覧の集計", _ACCESSES, partial(_access_rows, engine, asked)),
        Book("消去の記録", _DELETIONS, partial(_deletion_rows, engine, asked)),
        Book("記録のつながりの確認", _CHAINS, _ChainRows(engine, asked)),
        Book("記録の終わりの控え", _ENDS, partial(_end_rows, engine, asked), is_printed=False),
    ]


_LEDGER = (
    Column("受付番号", 41),
    Column("種類", 31),
    Column("経路", 16),
    Column("受付日", 20),
    Column("本人確認日", 20),
    Column("期限（受付から）", 24),
    Column("期限（確認から）", 24),
    Column("通知日", 20),
    Column("期限内か", 24),
    Column("結果", 28),
    Column("根拠", 25),
)
_COMPLAINTS = (
    Column("受付番号", 41),
    Column("種類", 28),
    Column("経路", 20),
    Column("受付日", 24),
    Column("回答日", 24),
    Column("完了日", 24),
    Column("状態", 40),
    Column("結果", 40),
)
_ACCESSES = (
    Column("担当者", 50),
    Column("ID", 50),
    Column("操作", 60),
    Column("回数", 20),
    Column("対象の数", 20),
    Column("最初", 35),
    Column("最後", 35),
)
_DELETIONS = (
    Column("日付", 30),
    Column("消去したもの", 90),
    Column("件数", 20),
    Column("行った人", 50),
    Column("受付番号", 45),
)
_CHAINS = (Column("項目", 80), Column("内容", 190))
_ENDS = (Column("受付番号", 41), Column("件数", 20), Column("最後の記録のハッシュ", 150))


def _ledger(
    engine: Engine, asked: Asked, kinds: Sequence[Kind], cells: Callable[[LedgerRow, date], Cells]
) -> Iterator[Cells]:
    today = in_tokyo(asked.made_at).date()
    place: LedgerPlace | None = None
    while True:
        # Each page is a look of its own, so that nothing waits for who downloads slowly.
        with reading(engine) as session:
            rows, place = ledger_page(session, asked.controller, asked.period, kinds, after=place, most=_AT_A_TIME)
        yield from (cells(row, today) for row in rows)
        if place is None:
            return


def _request_cells(row: LedgerRow, today: date) -> Cells:
    return (
        row.number,
        row.kind.title,
        words.CHANNELS.get(row.channel, row.channel),
        _day(row.received_at),
        _day(row.verified_at),
        row.due.from_arrival,
        row.due.from_verification or _NONE,
        _day(row.notified_at),
        TIMELINESS[row.timeliness(today)],
        _outcomes(row),
        "、".join(_ground_title(ground) for ground in row.grounds) or _NONE,
    )


def _complaint_cells(row: LedgerRow, _today: date) -> Cells:
    return (
        row.number,
        row.kind.title,
        words.CHANNELS.get(row.channel, row.channel),
        _day(row.received_at),
        _day(row.notified_at),
        _day(row.closed_at),
        words.STATES[row.state],
        _outcomes(row),
    )


def _access_rows(engine: Engine, asked: Asked) -> Iterator[Cells]:
    with reading(engine) as session:
        found = accesses(session, asked.controller, asked.period)
    for one in found:
        yield (
            words.person(one.actor, asked.names),
            one.actor.removeprefix("staff:"),
            action_title(one.action),
            one.times,
            one.objects,
            _moment(one.first_at),
            _moment(one.last_at),
        )


def _deletion_rows(engine: Engine, asked: Asked) -> Iterator[Cells]:
    with reading(engine) as session:
        for one in deletions(session, asked.controller, asked.period):
            yield one.on, DELETED[one.what], one.count, words.person(one.by, asked.names), one.number or _NONE


class _ChainRows:
    """The look at every chain, done once for both forms of the table."""

    def __init__(self, engine: Engine, asked: Asked) -> None:
        self._engine = engine
        self._asked = asked

    def __call__(self) -> Iterator[Cells]:
        found = self._found
        yield "確認した日時", _moment(self._asked.made_at)
        yield "範囲", "期間にかかわらず、すべての請求の記録とコンソールの記録"
        yield "確認した記録", f"{found.events:,}件"
        yield "異常", f"{found.broken:,}か所" if found.broken else "なし"
        for place in read_broken(found.first_broken):
            whose = "コンソールの記録" if place.trail == CONSOLE else f"請求 {place.trail}"
            yield f"{whose}の{place.position}番目", FAULTS[place.fault]
        yield "この確認で分からないこと", _NOT_FOUND_HERE

    @cached_property
    def _found(self) -> Found:
        with reading(self._engine) as session:
            return look(session, self._asked.controller)


def _end_rows(engine: Engine, asked: Asked) -> Iterator[Cells]:
    with reading(engine) as session:
        for number, head in ends_of(session, asked.controller):
            yield number or "コンソール", head.position, head.hash


def _outcomes(row: LedgerRow) -> str:
    return "、".join(words.OUTCOMES[Outcome(outcome)] for outcome in row.outcomes) or _NONE


def _ground_title(ground_id: str) -> str:
    return next((row.source for row in all_grounds() if row.id == ground_id), ground_id)


def _day(moment: datetime | None) -> str:
    return _NONE if moment is None else in_tokyo(moment).date().isoformat()


def _moment(moment: datetime) -> str:
    return f"{in_tokyo(moment):%Y-%m-%d %H:%M}"
