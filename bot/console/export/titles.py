"""The columns of the file for spreadsheets, in the words that the console's screens use."""

from __future__ import annotations

from collections.abc import Callable

from bot.console.requests import words
from bot.register.kinds import Kind
from bot.register.models import State

TITLES = {
    "number": "受付番号",
    "kind": "種類",
    "scope": "対象",
    "state": "状態",
    "channel": "経路",
    "received_at": "受付日時",
    "verified_at": "本人確認の日時",
    "due_from_arrival": "期限（受付から）",
    "due_from_verification": "期限（本人確認から）",
    "suit_possible_from": "訴えを起こせる日（39条）",
    "working_days_left": "残り営業日",
    "is_overdue": "期限超過",
    "assignee": "担当",
    "has_contact": "連絡先",
    "is_urgent": "急ぎ",
    "without_delay": "遅滞なく回答",
    "is_test": "テスト",
}
"""Every column of the ledger, in its order."""

MARKS = {
    "urgent": "急ぎ",
    "replied": "返信あり",
    "second_person": "二人目待ち",
    "without_contact": "連絡先なし",
    "with_tests": "テストも",
}
"""The boxes of the queue's filter."""

_MINUTES = 16


def in_words(name: str, value: object, names: dict[str, str]) -> object:
    """A value of the ledger as people read it; `names` are those of the accounts."""
    if value is None or value is False:
        return ""
    if value is True:
        return "○"
    return _SPOKEN[name](str(value), names) if name in _SPOKEN else value


_SPOKEN: dict[str, Callable[[str, dict[str, str]], str]] = {
    "kind": lambda value, _: Kind(value).title,
    "state": lambda value, _: words.STATES[State(value)],
    "channel": lambda value, _: words.CHANNELS.get(value, value),
    "assignee": words.person,
    # 2026-11-26 11:00 on Japanese clocks, which a spreadsheet takes for a moment.
    "received_at": lambda value, _: value[:_MINUTES].replace("T", " "),
    "verified_at": lambda value, _: value[:_MINUTES].replace("T", " "),
}
