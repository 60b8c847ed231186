"""The console's menu, in the order of a working day."""

from __future__ import annotations

from dataclasses import dataclass

from bot.staff.roles import Right


@dataclass(frozen=True)
class Entry:
    """One screen in the menu; it is shown to whoever has its right."""

    title: str
    path: str
    right: Right


NAVIGATION = (
    Entry("今日", "/", Right.LOOK),
    Entry("請求", "/requests", Right.SEE_REQUESTS),
    Entry("お問い合わせ", "/inbox", Right.SEE_REQUESTS),
    Entry("カレンダー", "/calendar", Right.SEE_REQUESTS),
    Entry("会話", "/talks", Right.READ_TALKS),
    Entry("試す", "/try", Right.TRY),
    Entry("回帰テスト", "/tests", Right.LOOK),
    Entry("改善", "/improving", Right.LOOK),
    Entry("方針", "/policies", Right.LOOK),
    Entry("概況", "/overview", Right.LOOK),
    Entry("監査", "/audit", Right.READ_AUDIT),
    Entry("利用者", "/people", Right.MANAGE_PEOPLE),
    Entry("準備状況", "/launch", Right.READ_AUDIT),
)
