"""The filtered list of events as a file, in pieces as they are read."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from bot.clock import in_tokyo
from bot.console.audit.spreadsheet import BYTE_ORDER_MARK, csv_lines
from bot.console.audit.words import action_title, shown_fields, sort_title
from bot.console.frame.wording import ROLE_TITLES
from bot.console.requests.words import person
from bot.register.trail.joined import TrailRow
from bot.staff.roles import Role

Names = Mapping[str, str]

_HEADS = ("日時（日本時間）", "操作した人", "ID", "役割", "操作", "操作（記号）", "対象", "受付番号", "対象のID")
_MORE_HEADS = ("項目", "理由", "連番", "前のハッシュ", "ハッシュ")


@dataclass(frozen=True)
class Format:
    """One sort of file: how it is called and how events are written in it."""

    media_type: str
    ending: str
    begin: bytes
    lines: Callable[[Sequence[TrailRow], Names], bytes]


def _as_csv(rows: Sequence[TrailRow], names: Names) -> bytes:
    return csv_lines(_cells(row, names) for row in rows)


def _cells(row: TrailRow, names: Names) -> tuple[object, ...]:
    return (
        f"{in_tokyo(row.place.at):%Y-%m-%d %H:%M:%S}",
        person(row.actor, dict(names)),
        row.actor,
        ROLE_TITLES[Role(row.role)] if row.role else "",
        action_title(row.action),
        row.action,
        sort_title(row.sort),
        row.number,
        row.object_id,
        shown_fields(row),
        row.reason,
        row.place.position,
        row.prev_hash,
        row.hash,
    )


def _as_json_lines(rows: Sequence[TrailRow], _names: Names) -> bytes:
    return "".join(json.dumps(_as_dict(row), ensure_ascii=False) + "\n" for row in rows).encode("utf-8", "replace")


def _as_dict(row: TrailRow) -> dict[str, object]:
    return {
        "trail": "request" if row.place.chain else "console",
        "id": row.id,
        "position": row.place.position,
        "at": row.place.at.isoformat(timespec="microseconds"),
        "actor": row.actor,
        "role": row.role,
        "action": row.action,
        "sort": row.sort,
        "object_id": row.object_id,
        "number": row.number,
        "fields": list(row.fields),
        "reason": row.reason,
        "prev_hash": row.prev_hash,
        "hash": row.hash,
    }


FORMATS = {
    "csv": Format("text/csv", "csv", BYTE_ORDER_MARK + csv_lines([_HEADS + _MORE_HEADS]), _as_csv),
    "jsonl": Format("application/jsonl", "jsonl", b"", _as_json_lines),
}
"""What the list can be taken out as."""
