"""The two texts of a bad day, with what the product knows filled in: the report's items and the notice to the persons.

The report has the items of 施行規則8条1項 in their order, the notice those that 10条 names. What nobody can know from
the records stays an open bracket ［…］ for a person to fill in; nothing is made up, and nobody is named.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, datetime
from typing import Any

from bot.clock import in_tokyo
from bot.incidents.law import CONFIRM, Ground
from bot.incidents.models import Incident

_CONFIRM_TERMS = (
    f"{CONFIRM}期限は知った日を1日目として数え、休日による延長はしていません。報告先（個人情報保護委員会、または権限の委任を"
    "受けた省庁）と、委託元・委託先の関係を確かめてください。"
)
_CONFIRM_NOTICE = (
    f"{CONFIRM}通知の時期（事態の状況に応じて速やかに）・方法・範囲と、通知が困難なときの代わりの措置（法26条2項ただし書）を"
    "確かめてください。"
)
_SORTS = {"request": "請求", "draft": "申し出前の下書き", "talk": "会話", "member": "チャネルの利用者"}


def report_items(incident: Incident) -> str:
    """The draft of 速報 and 確報."""
    counts: dict[str, Any] = incident.counts
    lines = [
        "# 漏えい等報告の下書き",
        "",
        f"- 事態を知った日時: {_moment(incident.noticed_at)}",
        f"- 速報: おおむね3〜5日以内（{_day(incident.first_by)}まで）",
        f"- 確報: {_day(incident.final_by)}まで（{_term(incident)}）",
        f"- 報告対象の判断: {_judged(incident)}",
        "",
        _CONFIRM_TERMS,
        "",
        *_item("1. 概要", [_when(incident), "［発生日・発覚日・発覚の経緯・何が起きたか］"]),
        *_item("2. 個人データの項目", [*_data(counts), "［記録にない項目があれば追記］"]),
        *_item("3. 本人の数", _persons(counts)),
        *_item("4. 原因", ["［原因。発生した箇所と、委託先が関わるかどうか］"]),
        *_item("5. 二次被害又はそのおそれの有無とその内容", [*_guards(counts), "［有無とその内容］"]),
        *_item("6. 本人への対応の実施状況", ["［通知の方法と日、または通知しない理由と代わりの措置］"]),
        *_item("7. 公表の実施状況", ["［公表した日と方法、または公表しない理由］"]),
        *_item("8. 再発防止のための措置", ["［実施した措置と、今後実施する措置とその予定日］"]),
        *_item("9. その他参考となる事項", ["［あれば記入］"]),
    ]
    return "\n".join(lines).rstrip() + "\n"


def notice_to_persons(incident: Incident, *, controller: str, desk: str) -> str:
    """The draft of the notice: 概要, 項目, 原因, 二次被害, その他 (施行規則10条).

    Args:
        incident: what it tells of.
        controller: the company's legal name.
        desk: whom the person can ask, as the desk file says it.
    """
    lines = [
        "# 本人への通知の下書き",
        "",
        _CONFIRM_NOTICE,
        "",
        "［本人の氏名］様",
        "",
        f"{controller}です。",
        "お客さまの個人データの漏えい等が発生した、または発生したおそれがあることが分かりました。次のとおりお知らせします。",
        "",
        *_item("1. 概要", [_when(incident), "［何が起きたか］"]),
        *_item(
            "2. 個人データの項目",
            [*[f"- {name}" for name in incident.counts["data"]], "［この方に当てはまる項目だけを残す］"],
        ),
        *_item("3. 原因", ["［原因］"]),
        *_item("4. 二次被害又はそのおそれの有無とその内容", ["［有無とその内容］"]),
        *_item(
            "5. その他参考となる事項",
            ["［ご本人にしていただきたいこと］", f"お問い合わせ先: {desk or '［窓口の連絡先］'}"],
        ),
        "［お詫びの言葉］",
        "",
        controller,
    ]
    return "\n".join(lines).rstrip() + "\n"


def _item(title: str, lines: Iterable[str]) -> Iterator[str]:
    yield f"## {title}"
    yield from lines
    yield ""


def _when(incident: Incident) -> str:
    return (
        f"対象とした期間: {_moment(incident.since)} から {_moment(incident.before)} まで"
        f"（調べた条件: {'、'.join(_filters(incident.filters)) or '期間のすべて'}）"
    )


def _filters(filters: dict[str, list[str]]) -> Iterator[str]:
    if filters.get("actors"):
        yield f"職員{len(filters['actors'])}名が閲覧・書き出ししたもの"
    if filters.get("keys"):
        yield f"鍵 {'、'.join(filters['keys'])} で暗号化されたもの"
    if filters.get("channels"):
        yield f"チャネル {'、'.join(filters['channels'])} を通ったもの"


def _data(counts: dict[str, Any]) -> Iterator[str]:
    for name, count in counts["data"].items():
        yield f"- {name}: {count:,}件"
    if counts["exports"]:
        yield f"- 書き出された一覧: {counts['exports']:,}件［一覧に含まれていた項目］"


def _persons(counts: dict[str, Any]) -> Iterator[str]:
    yield f"多くて{counts['persons']:,}人（同じ方が別の宛先を使われた場合は、重ねて数えています）"
    yield f"内訳: {'、'.join(f'{_SORTS[sort]} {count:,}件' for sort, count in counts['sorts'].items()) or 'なし'}"
    yield "［確定した人数。すでに消去した記録と、書き出された一覧に含まれる方を確かめて加える］"


def _guards(counts: dict[str, Any]) -> Iterator[str]:
    yield f"- 平文で読まれた、または通ったもの: {counts['clear']:,}件"
    yield f"- 暗号化されているが、鍵も漏えいしたもの: {counts['key_leaked']:,}件"
    yield f"- 暗号化されており、鍵が漏えいしたという情報のないもの: {counts['sealed']:,}件"
    yield (
        f"{CONFIRM}AES-256-GCMで暗号化し、鍵はデータベースの外に置いています。「高度な暗号化」（施行規則7条1号）に当たるか、"
        "鍵が守られているかは、専門家と確かめてください。"
    )


def _judged(incident: Incident) -> str:
    if incident.grounds is None:
        return "まだ判断していません"
    rules = "、".join(Ground(ground).rule for ground in incident.grounds) or "報告対象に当たらない"
    return f"{rules}（判断した人: {incident.judged_by}）"


def _term(incident: Incident) -> str:
    return "60日以内" if Ground.UNLAWFUL in (incident.grounds or ()) else "30日以内"


def _moment(moment: datetime) -> str:
    local = in_tokyo(moment)
    return f"{local.year}年{local.month}月{local.day}日 {local:%H:%M}"


def _day(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"
