"""Whether the desk answers at the times a question names: worked out from the calendar of its desk file.

Pure: a question, a moment and a desk in; values out. The policy's own sentence on hours stands beside them in the
message, which is up to the caller.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from bot.clock import TOKYO, in_tokyo
from bot.desk import Desk, is_holiday, is_open, is_working_day
from bot.desk_times import Named, Reading, fold, read_times, words

LABEL = "窓口の受付"
"""The fixed text that leads to what is computed here."""

_WEEKDAYS = "月火水木金土日"
_NOON = 12
# More than these at once is a list, not an answer on a phone.
_MOST = 3
# A desk that opens on no day of a whole year has no next opening.
_HORIZON = 366


@dataclass(frozen=True)
class Opening:
    """What one named time gets.

    Attributes:
        first: the first day it is about.
        last: the last one; the same, unless a stretch of days was named.
        at: the time of day, if one was named.
        is_open: whether the desk answers then: at the time, or at all on some of the days.
        reopens: when it opens next; given when it does not answer then, or when that is what was asked.
    """

    first: date
    last: date
    at: time | None
    is_open: bool
    reopens: datetime | None


def openings(question: str, now: datetime, desk: Desk, *, follows: bool = False) -> tuple[Opening, ...]:
    """What can be worked out for a question about the desk's hours; nothing for any other question.

    Args:
        question: what a member typed.
        now: this moment.
        desk: the desk file; without a quote on hours nothing is said, since there would be nothing to say it from.
        follows: whether the policy's sentence on hours was shown just before, so that 「土曜は？」 means the desk.

    Raises:
        ValueError: the moment carries no time zone.
    """
    if not desk.quotes.get("hours"):
        return ()
    reading = read_times(question, now, is_holiday=lambda day: is_holiday(desk, day))
    if not reading.names_any or not _is_about_hours(fold(question), reading, follows=follows):
        return ()
    if reading.asks_next:
        opens = next_opening(desk, now)
        return (Opening(opens.date(), opens.date(), opens.time(), is_open=True, reopens=opens),) if opens else ()
    return tuple(_opening(named, now, desk) for named in reading.named[:_MOST])


def computed_hours(question: str, now: datetime, desk: Desk, *, follows: bool = False) -> tuple[str, ...]:
    """`openings` as a member reads them after `LABEL`."""
    this_year = in_tokyo(now).year
    return tuple(_told(opening, desk, this_year) for opening in openings(question, now, desk, follows=follows))


def next_opening(desk: Desk, after: datetime) -> datetime | None:
    """When the desk next begins to answer, later than this moment; None when no day of the next year is one."""
    local = in_tokyo(after)
    days = (local.date() + timedelta(days=ahead) for ahead in range(_HORIZON))
    opens = (datetime.combine(day, desk.hours.opens, TOKYO) for day in days if is_working_day(desk, day))
    return next((moment for moment in opens if moment > local), None)


def _is_about_hours(text: str, reading: Reading, *, follows: bool) -> bool:
    if follows and not words()["filler"].sub("", reading.rest):
        return True
    if words()["told"].search(text) or not words()["about"].search(text):
        # 「次はいつ？」 says by itself that something opens; it has to be the desk.
        return reading.asks_next and follows
    return words()["unmistakable"].search(text) is not None or words()["not_about"].search(text) is None


def _opening(named: Named, now: datetime, desk: Desk) -> Opening:
    first, last = named.first, named.last
    if first is None or last is None:
        first = last = _day_of_time(named.at or time(), now, desk)
    if named.at is not None and first == last:
        moment = datetime.combine(first, named.at, TOKYO)
        answers = is_open(desk, moment)
    else:
        moment = datetime.combine(last, time.max, TOKYO)
        answers = any(is_working_day(desk, day) for day in _days(first, last))
    reopens = None if answers else next_opening(desk, max(moment, in_tokyo(now)))
    return Opening(first, last, named.at if first == last else None, is_open=answers, reopens=reopens)


def _day_of_time(at: time, now: datetime, desk: Desk) -> date:
    """A time without a day is meant in general: on the next working day on which it still lies ahead."""
    local = in_tokyo(now)
    days = [local.date() + timedelta(days=ahead) for ahead in range(_HORIZON)]
    ahead = (day for day in days if is_working_day(desk, day) and datetime.combine(day, at, TOKYO) >= local)
    return next(ahead, days[0])


def _days(first: date, last: date) -> list[date]:
    return [first + timedelta(days=ahead) for ahead in range((last - first).days + 1)]


def _told(opening: Opening, desk: Desk, this_year: int) -> str:
    if opening.is_open and opening.reopens is not None:
        return _next(opening.reopens, this_year)
    when = _day(opening.first, this_year)
    if opening.last != opening.first:
        when = f"{when}～{_day(opening.last, opening.first.year)}"
    if opening.at is not None:
        when += _time(opening.at)
    return f"{when}：{_verdict(opening, desk)}"


def _verdict(opening: Opening, desk: Desk) -> str:
    if not opening.is_open:
        return "受付時間外です。" + (_next(opening.reopens, opening.last.year) if opening.reopens else "")
    if opening.at is not None:
        return f"受付時間内です。この日は{_time(desk.hours.closes)}までです。"
    hours = f"{_time(desk.hours.opens)}から{_time(desk.hours.closes)}まで受け付けています。"
    if opening.last == opening.first:
        return hours
    days = [day for day in _days(opening.first, opening.last) if is_working_day(desk, day)]
    return f"{'、'.join(_day(day, opening.first.year) for day in days)}は、{hours}"


def _next(opens: datetime, known_year: int) -> str:
    return f"次の受付は{_day(opens.date(), known_year)}{_time(opens.time())}からです。"


def _day(day: date, known_year: int) -> str:
    # The year is said where it differs from the one a reader has in mind.
    year = "" if day.year == known_year else f"{day.year}年"
    return f"{year}{day.month}月{day.day}日（{_WEEKDAYS[day.weekday()]}）"


def _time(at: time) -> str:
    half, hour = ("午前", at.hour) if at.hour < _NOON else ("午後", at.hour - _NOON)
    return f"{half}{hour}時" + (f"{at.minute}分" if at.minute else "")
