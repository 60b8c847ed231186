"""What 個人情報保護法 26条 and its rules (施行規則 7, 8, 10条) ask when data leaked: grounds, and two clocks.

Which ground holds is a judgement that a person makes; here stands only what the product itself can see of it. What a
qualified person has to confirm is marked by `CONFIRM`.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from bot.clock import in_tokyo
from bot.incidents.affected import Affected
from bot.incidents.gathering import Guard

CONFIRM = "【要確認】"
"""Marks what a person who knows the law has to look at before it is used."""

MANY = 1000

_FIRST_FROM, _FIRST_BY = 3, 5
_FINAL, _FINAL_UNLAWFUL = 30, 60


class Ground(StrEnum):
    """The cases of 施行規則7条, each of which obliges to report (法26条1項) and to tell the persons (2項)."""

    SENSITIVE = "sensitive"
    PROPERTY = "property"
    UNLAWFUL = "unlawful"
    MANY = "many"

    @property
    def rule(self) -> str:
        """As the rule says it."""
        return _RULES[self]


_RULES = {
    Ground.SENSITIVE: "要配慮個人情報が含まれる（施行規則7条1号）",
    Ground.PROPERTY: "不正に利用されると財産的被害が生じるおそれがある（7条2号）",
    Ground.UNLAWFUL: "不正の目的をもって行われたおそれがある行為による（7条3号）",
    Ground.MANY: "本人の数が1,000人を超える（7条4号）",
}


@dataclass(frozen=True)
class Hint:
    """What the product can see about a ground; whether it holds a person decides."""

    ground: Ground
    says: str


def hints(found: Affected) -> list[Hint]:
    """One line for each ground, in the order of the rule."""
    counts = found.counts()
    return [
        Hint(
            Ground.SENSITIVE,
            f"健康情報を対象とする請求 {counts['health']}件。自由に書かれた文章を含むもの {counts['free_text']}件は、"
            "人が読んで確かめます。",
        ),
        Hint(Ground.PROPERTY, f"口座情報を対象とする請求 {counts['accounts']}件。ほかは人が確かめます。"),
        Hint(Ground.UNLAWFUL, "行為の目的は記録からは分かりません。人が判断します。"),
        Hint(Ground.MANY, _many(found)),
    ]


def _many(found: Affected) -> str:
    lists = "書き出された一覧の人数は含みません。" if found.exports else ""
    over = "1,000人を超えています。" if found.persons > MANY else "1,000人を超えていません。"
    return f"多くて{found.persons:,}人。{over}{lists}"


def all_are_sealed(found: Affected) -> bool:
    """Whether all that was found is encrypted with keys that nothing says leaked.

    高度な暗号化 takes data out of the duty (施行規則7条1号, in brackets); whether ours counts as that, and whether the
    keys are safe indeed, a qualified person has to say.
    """
    return not found.exports and all(item.guard is Guard.SEALED for item in found.items)


@dataclass(frozen=True)
class Clocks:
    """The last days of both reports.

    Attributes:
        first_from: from here on 速報 is due (おおむね3日).
        first_by: by then it has to be there (おおむね5日).
        final_by: the last day of 確報.
    """

    first_from: date
    first_by: date
    final_by: date


def clocks(noticed_at: datetime, grounds: Collection[str] = ()) -> Clocks:
    """The days by which a leak that was noticed then has to be reported.

    The day of noticing counts as the first, weekends and holidays count, and no day is moved to a later one: the
    guideline (通則編 3-5-3-4) is understood to move the last day of 確報 off a day on which the commission is closed,
    but what is earlier is never late. The 60 days hold only once somebody has judged that 7条3号 is the case.
    """
    day = in_tokyo(noticed_at).date()
    final = _FINAL_UNLAWFUL if Ground.UNLAWFUL in grounds else _FINAL
    return Clocks(*(day + timedelta(days=nth - 1) for nth in (_FIRST_FROM, _FIRST_BY, final)))
