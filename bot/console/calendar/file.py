"""The calendar as a file for calendar programs (RFC 5545): on each day how many are due, and nothing of any of them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta

from icalendar import Calendar, Event

from bot.register.due_days import DueCount


def calendar_file(due: Mapping[date, DueCount], *, controller: str, made_at: datetime) -> bytes:
    """One whole-day event for each day on which something is due.

    A program that reads a later file puts it in the place of the earlier one's, since a day keeps its UID.
    """
    calendar = Calendar()
    calendar.add("prodid", "-//Madoguchi//due days//JA")
    calendar.add("version", "2.0")
    for day, count in due.items():
        calendar.add_component(_event(day, count, controller, made_at))
    return bytes(calendar.to_ical())


def _event(day: date, count: DueCount, controller: str, made_at: datetime) -> Event:
    event = Event()
    event.add("uid", f"due-{day.isoformat()}@{controller}.madoguchi")
    event.add("dtstamp", made_at)
    event.add("dtstart", day)
    event.add("dtend", day + timedelta(days=1))
    event.add("summary", f"請求の期限：{told(count)}")
    event.add("transp", "TRANSPARENT")
    return event


def told(count: DueCount) -> str:
    """The numbers of a day in words, of the clocks on which something is due."""
    clocks = (("到着から", count.from_arrival), ("本人確認から", count.from_verification))
    return "・".join(f"{clock}{number:,}件" for clock, number in clocks if number)
