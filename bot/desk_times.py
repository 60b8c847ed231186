"""The days and times a text names, as they lie ahead of a given moment on Japanese wall clocks."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from bot.clock import in_tokyo

_WORDS = Path(__file__).with_name("desk_days.yml")
_WEEKDAYS = "月火水木金土日"
_KANJI_DIGITS = "〇一二三四五六七八九"
_LATEST_KANJI = 59
_NOON = 12
# Nobody asks a desk about the small hours: 「3時」 is in the afternoon.
_EARLIEST_BARE_HOUR = 7

_DATE = re.compile(
    r"(?:(?P<year>20\d\d)[年/.-])?(?:(?P<month>1[0-2]|0?[1-9])(?:月|[/](?=\d))|(?P<same>今月|来月)の?)"
    r"(?P<day>3[01]|[12]\d|0?[1-9])日?(?![\d:時/])"
)
_DAY_ONLY = re.compile(r"(?<![\d月/間])(?P<day>3[01]|[12]\d|[1-9])日(?![間以前後中目])")
_TIME = re.compile(
    r"(?<![\d/])(?P<hour>2[0-4]|1\d|0?\d)(?:時(?!間|点|代|的)(?:(?P<half>半)|(?P<minute>[0-5]?\d)分)?|:(?P<clock>[0-5]\d))"
)
_WEEKDAY = re.compile(
    rf"(?P<week>今週の?|来週の?|次の|今度の)?(?P<name>[{_WEEKDAYS}])曜日?|(?P<both>土日)(?:祝日?)?|(?P<lone>週末)"
)
_HOLIDAY = re.compile(r"祝(祭)?日|祭日")


@dataclass(frozen=True)
class Named:
    """What a text names: one day, a stretch of days, a moment, or nothing but a time of day.

    Attributes:
        first: the first day, or None when only a time is named.
        last: the last day of a stretch, else the same as `first`.
        at: the time of day, if any.
    """

    first: date | None
    last: date | None
    at: time | None = None


@dataclass(frozen=True)
class Reading:
    """A text taken apart.

    Attributes:
        named: the days and times it names, in the order they are answered.
        asks_next: whether it asks when the desk opens next.
        rest: what is left of the folded text without them.
    """

    named: tuple[Named, ...]
    asks_next: bool
    rest: str

    @property
    def names_any(self) -> bool:
        """Whether there is something to compute."""
        return bool(self.named) or self.asks_next


def fold(text: str) -> str:
    """The text as patterns see it: NFKC, lower case, small kanji numbers before 月, 日 and 時 as digits."""
    return _KANJI_NUMBER.sub(lambda found: _KANJI_VALUES[found[0]], unicodedata.normalize("NFKC", text).casefold())


def read_times(text: str, now: datetime, *, is_holiday: Callable[[date], bool]) -> Reading:
    """Finds every day and time that a text names.

    A day without a year is the next one of that name, today included; a weekday is the next one, or that of the week
    which is named. Explicit days go before names of seasons (「お盆（8/15）」).

    Args:
        text: what a member typed.
        now: this moment.
        is_holiday: which days 「祝日」 means.

    Raises:
        ValueError: the moment carries no time zone.
    """
    reader = _Reader(fold(text), in_tokyo(now), is_holiday)
    return reader.read()


class _Reader:
    """Takes one text apart; every find is cut out, so that nothing is read twice."""

    def __init__(self, text: str, now: datetime, is_holiday: Callable[[date], bool]) -> None:
        self._text = text
        self._now = now
        self._today = now.date()
        self._is_holiday = is_holiday

    def read(self) -> Reading:
        """The whole reading."""
        asks_next = self._take(words()["next_opening"]) is not None
        days = [*self._dates(), *self._relative_days(), *self._weekdays(), *self._holidays()]
        periods = list(self._periods())
        at = self._time()
        named = [Named(first, last, at) for first, last in days or periods]
        if self._take(words()["now"]) is not None and not named and at is None:
            named = [Named(self._today, self._today, self._now.time().replace(second=0, microsecond=0))]
        if not named and at is not None:
            named = [Named(None, None, at)]
        return Reading(tuple(dict.fromkeys(named)), asks_next, self._text)

    def _take(self, pattern: re.Pattern[str]) -> re.Match[str] | None:
        found = pattern.search(self._text)
        if found is not None:
            self._text = f"{self._text[: found.start()]} {self._text[found.end() :]}"
        return found

    def _dates(self) -> Iterator[tuple[date, date]]:
        for pattern in (_DATE, _DAY_ONLY):
            while (found := self._take(pattern)) is not None:
                day = self._next_day(found.groupdict())
                if day is not None:
                    yield day, day

    def _next_day(self, found: dict[str, str | None]) -> date | None:
        day = int(found["day"] or 0)
        if found.get("year"):
            return _day(int(found["year"] or 0), int(found["month"] or 0), day)
        if found.get("month"):
            month = int(found["month"] or 0)
            # Eight years hold a 29 February, whatever the century.
            ahead = (_day(self._today.year + more, month, day) for more in range(9))
        else:
            skipped = 1 if found.get("same") == "来月" else 0
            months = (self._today.month - 1 + more for more in range(skipped, 14))
            ahead = (_day(self._today.year + month // 12, month % 12 + 1, day) for month in months)
        return next((one for one in ahead if one is not None and one >= self._today), None)

    def _relative_days(self) -> Iterator[tuple[date, date]]:
        for row in words()["days"]:
            if self._take(row["names"]) is not None:
                day = self._today + timedelta(days=row["ahead"])
                yield day, day

    def _weekdays(self) -> Iterator[tuple[date, date]]:
        while (found := self._take(_WEEKDAY)) is not None:
            if found["both"] or found["lone"]:
                saturday = self._next_weekday(_WEEKDAYS.index("土"))
                yield saturday, saturday + timedelta(days=1)
                continue
            number = _WEEKDAYS.index(found["name"])
            week = (found["week"] or "").removesuffix("の")
            monday = self._today - timedelta(days=self._today.weekday())
            if week in ("今週", "来週"):
                day = monday + timedelta(days=number + (7 if week == "来週" else 0))
            else:
                day = self._next_weekday(number)
            yield day, day

    def _next_weekday(self, number: int) -> date:
        return self._today + timedelta(days=(number - self._today.weekday()) % 7)

    def _holidays(self) -> Iterator[tuple[date, date]]:
        if self._take(_HOLIDAY) is not None:
            ahead = (self._today + timedelta(days=more) for more in range(366))
            day = next((one for one in ahead if self._is_holiday(one)), None)
            if day is not None:
                yield day, day

    def _periods(self) -> Iterator[tuple[date, date]]:
        for row in words()["periods"]:
            if self._take(row["names"]) is not None:
                yield self._next_period(row["from"], row["to"])

    def _next_period(self, first: str, last: str) -> tuple[date, date]:
        # One that has begun is still the next one.
        for year in (self._today.year - 1, self._today.year, self._today.year + 1):
            begins = date.fromisoformat(f"{year}-{first}")
            ends = date.fromisoformat(f"{year + (last < first)}-{last}")
            if ends >= self._today:
                return max(begins, self._today), ends
        raise AssertionError("a stretch of every year lies ahead of every day")

    def _time(self) -> time | None:
        found = self._take(_TIME)
        if found is None:
            return None
        hour, minute = int(found["hour"]), int(found["minute"] or found["clock"] or (30 if found["half"] else 0))
        is_afternoon = self._take(words()["afternoon"]) is not None
        is_morning = self._take(words()["morning"]) is not None
        is_bare_small = not is_morning and not found["clock"] and hour < _EARLIEST_BARE_HOUR
        if hour < _NOON and (is_afternoon or is_bare_small):
            hour += _NOON
        return time(hour % 24, minute)


@lru_cache(maxsize=1)
def words() -> dict[str, Any]:
    """The words file, its patterns compiled."""
    rows: dict[str, Any] = yaml.safe_load(_WORDS.read_text(encoding="utf-8"))
    for name in ("periods", "days"):
        rows[name] = [row | {"names": re.compile(row["names"])} for row in rows[name]]
    for name in ("now", "next_opening", "afternoon", "morning", "unmistakable", "not_about", "told", "filler"):
        rows[name] = re.compile(rows[name])
    rows["about"] = re.compile("|".join(rows["about"]))
    return rows


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _kanji(number: int) -> str:
    tens, ones = divmod(number, 10)
    return ("" if tens == 0 else "十" if tens == 1 else _KANJI_DIGITS[tens] + "十") + (
        _KANJI_DIGITS[ones] if ones else ""
    )


_KANJI_VALUES = {_kanji(number): str(number) for number in range(1, _LATEST_KANJI + 1)}
_KANJI_NUMBER = re.compile(
    f"(?:{'|'.join(sorted(_KANJI_VALUES, key=len, reverse=True))})(?=月(?!曜)|日(?!曜|祝)|時(?!間|点|的)|分)"
)
