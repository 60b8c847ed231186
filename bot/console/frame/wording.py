"""How templates write moments, days and numbers."""

from __future__ import annotations

from datetime import date, datetime

from bot.clock import in_tokyo
from bot.staff.roles import Role

ROLE_TITLES = {Role.VIEWER: "閲覧", Role.COUNSELLOR: "相談員", Role.OFFICER: "個人情報担当", Role.ADMIN: "管理者"}

_WEEKDAYS = "月火水木金土日"


def moment(value: datetime | None) -> str:
    """2026年11月26日（木）21:05, in Japan; a dash when there is none."""
    if value is None:
        return "―"
    local = in_tokyo(value)
    return f"{day(local.date())}{local:%H:%M}"


def short_moment(value: datetime | None) -> str:
    """11/26 21:05, in Japan."""
    return "―" if value is None else f"{in_tokyo(value):%m/%d %H:%M}"


def day(value: date | None) -> str:
    """2026年11月26日（木）."""
    return "―" if value is None else f"{value.year}年{value.month}月{value.day}日（{_WEEKDAYS[value.weekday()]}）"


def short_day(value: date | None) -> str:
    """11/26（木）."""
    return "―" if value is None else f"{value:%m/%d}（{_WEEKDAYS[value.weekday()]}）"


def role_title(role: Role) -> str:
    """相談員."""
    return ROLE_TITLES[role]


FILTERS = {"moment": moment, "short_moment": short_moment, "day": day, "short_day": short_day, "role_title": role_title}
