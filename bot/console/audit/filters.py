"""What the address of the audit's list asks for; only words of this module stand in it, ids, and days."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime, time, timedelta
from urllib.parse import urlencode

from bot.clock import TOKYO
from bot.console.audit.words import ACTIONS, SORTS
from bot.console.frame.paging import PlaceIsWrongError, read
from bot.errors import BadInputError
from bot.register.trail.joined import Place, Sought

PATH = "/audit"

_ACTOR = re.compile(r"staff:[a-z0-9][a-z0-9._-]{0,40}|member|system")
_ID = re.compile(r"[0-9a-f]{32}")


class PeriodIsWrongError(BadInputError):
    """A day is none, or the period ends before it begins."""


@dataclass(frozen=True)
class Filter:
    """The choices as the form shows them; an empty one asks for everything."""

    actor: str = ""
    action: str = ""
    sort: str = ""
    request: str = ""
    since: str = ""
    until: str = ""

    def sought(self) -> Sought:
        """What to ask the trails for; both days belong to the period.

        Raises:
            PeriodIsWrongError: the days are none, or the wrong way round.
        """
        since, until = read_day(self.since), read_day(self.until)
        if since is not None and until is not None and until < since:
            raise PeriodIsWrongError("期間の終わりが始まりより前になっています。")
        return Sought(
            actor=self.actor,
            action=self.action,
            sort=self.sort,
            request_id=self.request,
            since=None if since is None else begins(since),
            before=None if until is None else begins(until + timedelta(days=1)),
        )

    def chosen(self) -> dict[str, str]:
        """The choices that are made."""
        return {name: value for name, value in asdict(self).items() if value}

    def address(self) -> str:
        """The address of the list with these choices, ready for more to follow."""
        return f"{PATH}?{urlencode(self.chosen())}&" if self.chosen() else f"{PATH}?"


def read_filter(given: Mapping[str, str]) -> Filter:
    """The choices of an address or a form; what is no choice counts as none."""
    return Filter(
        actor=_one(given, "actor", _ACTOR),
        action=given.get("action", "") if given.get("action") in ACTIONS else "",
        sort=given.get("sort", "") if given.get("sort") in SORTS else "",
        request=_one(given, "request", _ID),
        since=given.get("since", "")[:10],
        until=given.get("until", "")[:10],
    )


def read_day(text: str) -> date | None:
    """A day as a form sends it (2026-11-26); None when it is empty.

    Raises:
        PeriodIsWrongError: it is no day.
    """
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise PeriodIsWrongError("日付は「2026-11-26」のように入力してください。") from None


def begins(day: date) -> datetime:
    """The first moment of a Japanese day."""
    return datetime.combine(day, time(), TOKYO)


def read_place(text: str) -> Place | None:
    """Where an address says to go on.

    Raises:
        PlaceIsWrongError: it names no place of this list.
    """
    place = read(text, 3)
    if place is None:
        return None
    at, chain, position = place
    if not isinstance(at, str) or not isinstance(chain, str) or not isinstance(position, int):
        raise PlaceIsWrongError("一覧の続きの指定が正しくありません")
    try:
        moment = datetime.fromisoformat(at)
    except ValueError:
        raise PlaceIsWrongError("一覧の続きの指定が正しくありません") from None
    if moment.tzinfo is None:
        raise PlaceIsWrongError("一覧の続きの指定が正しくありません")
    return Place(moment, chain, position)


def spelled(place: Place) -> tuple[str, str, int]:
    """A place as it goes into an address."""
    return place.at.isoformat(), place.chain, place.position


def _one(given: Mapping[str, str], name: str, pattern: re.Pattern[str]) -> str:
    value = given.get(name, "")
    return value if pattern.fullmatch(value) else ""
