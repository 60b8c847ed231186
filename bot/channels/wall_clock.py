"""Moments as papers and mails write them."""

from __future__ import annotations

from datetime import date, datetime

from bot.clock import in_tokyo

_WEEKDAYS = "月火水木金土日"


def moment(at: datetime) -> str:
    """A moment on a Japanese wall clock, with the day of the week: 2026年11月24日（火）12時00分."""
    local = in_tokyo(at)
    return f"{day(local.date())}{local:%H時%M分}"


def day(on: date) -> str:
    """A day with its day of the week: 2026年11月24日（火）."""
    return f"{on.year}年{on.month}月{on.day}日（{_WEEKDAYS[on.weekday()]}）"
