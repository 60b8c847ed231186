"""Who a policy belongs to and since when it holds, as far as its text says so in a usual way."""

from __future__ import annotations

import re
import unicodedata
from datetime import date

UNKNOWN_CONTROLLER = "不明"
_FORMS = (
    "株式会社|有限会社|合同会社|合資会社|合名会社|医療法人|社会福祉法人|学校法人|"
    "一般社団法人|一般財団法人|NPO法人|生活協同組合"
)
_NAME = r"[^\s、。,「」『』（）()：:|｜]"
_CONTROLLERS = (
    # 「株式会社さくら（以下「当社」といいます）」
    re.compile(rf"({_NAME}*(?:{_FORMS}){_NAME}*)\s*[（(]\s*以下[^「『）)]*[「『]"),
    re.compile(rf"({_NAME}{{2,30}}?)\s*[（(]\s*以下[、,\s]*[「『][^」』]*(?:当|弊|本会|私ども|運営)"),
    re.compile(rf"(?:運営者|運営会社|事業者の?(?:名称|氏名)?|会社名|商号|名称)\s*[:：]?\s+?({_NAME}{{2,30}})"),
    re.compile(
        rf"((?:{_FORMS}){_NAME}{{1,20}}?|{_NAME}{{1,20}}?(?:{_FORMS}))(?=$|[\s、。はがのをに（(])", re.MULTILINE
    ),
)
_DATE = re.compile(
    r"(?:(\d{4})年|(令和|平成)(\d{1,2}|元)年)\s*(\d{1,2})月\s*(\d{1,2})日|(\d{4})[./-](\d{1,2})[./-](\d{1,2})"
)
_IN_FORCE = re.compile(r"改\s*[定訂正]|施行|制定|発効|更新")
_NEAR = 16
_FIRST_YEARS = {"令和": 2018, "平成": 1988}


def guess_controller(text: str) -> str:
    """The company that speaks in the policy, or 不明."""
    for pattern in _CONTROLLERS:
        found = pattern.search(text)
        if found is not None:
            return found[1]
    return UNKNOWN_CONTROLLER


def effective_date_in(text: str) -> date | None:
    """The latest date that stands beside 制定, 改定, 施行 or the like; None when there is none."""
    folded = unicodedata.normalize("NFKC", text)
    dates = [
        found
        for match in _DATE.finditer(folded)
        if _IN_FORCE.search(folded[max(0, match.start() - _NEAR) : match.end() + _NEAR])
        and (found := _date_of(match)) is not None
    ]
    return max(dates, default=None)


def _date_of(match: re.Match[str]) -> date | None:
    if match[2]:
        year = _FIRST_YEARS[match[2]] + (1 if match[3] == "元" else int(match[3]))
    else:
        year = int(match[1] or match[6])
    try:
        return date(year, int(match[4] or match[7]), int(match[5] or match[8]))
    except ValueError:
        return None
