"""What staff read of the trails: actions, sorts of things and faults, in Japanese."""

from __future__ import annotations

from datetime import datetime

from bot.clock import in_tokyo
from bot.console.requests import words as of_requests
from bot.register.trail.checking import CONSOLE, DIGEST, BrokenPlace
from bot.register.trail.joined import TrailRow
from bot.staff.roles import Right
from bot.staff.trail import StaffAction
from bot.storage.hash_chain import Fault

STAFF_ACTIONS = {
    StaffAction.SESSION_OPENED: "ログインしました",
    StaffAction.SESSION_CLOSED: "ログアウトしました",
    StaffAction.SESSION_REVOKED: "ログインを取り消しました",
    StaffAction.LOGIN_FAILED: "ログインに失敗しました",
    StaffAction.PAGE_REFUSED: "権限のない操作を断りました",
    StaffAction.TALK_READ: "会話を閲覧しました",
    StaffAction.TALK_REVEALED: "会話の伏せた部分を閲覧しました",
    StaffAction.TALK_MARKED: "会話に印を付けました",
    StaffAction.REQUEST_READ: "請求を閲覧しました",
    StaffAction.REQUEST_PRINTED: "請求を印刷用に出力しました",
    StaffAction.LIST_EXPORTED: "一覧を書き出しました",
    StaffAction.ACCOUNT_INVITED: "利用者を招待しました",
    StaffAction.ACCOUNT_CHANGED: "利用者の設定を変えました",
    StaffAction.ACCOUNT_DISABLED: "利用者を停止しました",
    StaffAction.ACCOUNT_ENABLED: "利用者の停止を解きました",
    StaffAction.FACTOR_RESET: "二段階認証を取り消しました",
    StaffAction.FACTOR_SET: "パスワード・二段階認証を設定しました",
    StaffAction.CANDIDATE_CHANGED: "公開候補を変えました",
    StaffAction.CANDIDATE_DISCARDED: "公開候補を破棄しました",
    StaffAction.RELEASE_PUBLISHED: "回答を公開しました",
    StaffAction.RELEASE_RESTORED: "前の公開に戻しました",
    StaffAction.POLICY_IMPORTED: "方針を取り込みました",
    StaffAction.TESTS_RUN: "回帰テストを実行しました",
    StaffAction.CASE_ADDED: "回帰テストの事例を加えました",
    StaffAction.AUDIT_READ: "監査の記録を閲覧しました",
    StaffAction.AUDIT_VERIFIED: "記録のつながりを確かめました",
    StaffAction.AUDIT_FILES_MADE: "審査用ファイルを作りました",
    StaffAction.DATA_PURGED: "期限の過ぎたデータを消去しました",
    StaffAction.INCIDENT_LISTED: "漏えいのおそれのあるものを調べました",
    StaffAction.INCIDENT_OPENED: "漏えい等の事案を登録しました",
    StaffAction.INCIDENT_JUDGED: "漏えい等の報告の要否を判断しました",
    StaffAction.INCIDENT_REPORTED: "漏えい等の報告を記録しました",
}

ACTIONS: dict[str, str] = {str(key): title for key, title in (*of_requests.ACTIONS.items(), *STAFF_ACTIONS.items())}
"""Every action of both trails."""

SORTS = {
    "request": "請求",
    "talk": "会話",
    "account": "利用者",
    "session": "ログイン",
    "page": "画面",
    "list": "一覧",
    "candidate": "公開候補",
    "release": "公開",
    "policy": "方針",
    "tests": "回帰テスト",
    "case": "事例",
    "audit": "監査",
    "purge": "消去",
    "incident": "漏えい等の事案",
}

_RIGHTS = {
    Right.LOOK: "数字や方針を見る",
    Right.TRY: "試す",
    Right.RUN_TESTS: "回帰テストを実行する",
    Right.READ_TALKS: "会話を読む",
    Right.MARK_TALKS: "会話に印を付ける",
    Right.REVEAL_TALKS: "会話の伏せた部分を見る",
    Right.EDIT_ANSWERS: "公開候補を変える",
    Right.PUBLISH: "公開する",
    Right.EDIT_POLICIES: "方針を扱う",
    Right.SEE_REQUESTS: "請求を見る",
    Right.WORK_REQUESTS: "請求に対応する",
    Right.REVEAL_CONTACT: "連絡先を見る",
    Right.APPROVE: "二人目として承認する",
    Right.HOLD: "請求を保全する",
    Right.EXPORT: "一覧を書き出す",
    Right.READ_AUDIT: "監査を見る",
    Right.AUDIT_FILES: "審査用ファイルを作る",
    Right.MANAGE_PEOPLE: "利用者を管理する",
}

FIELDS: dict[str, str] = {
    **{str(right): f"権限「{title}」" for right, title in _RIGHTS.items()},
    "link": "リンク",
    "resume_code": "再開コード",
    "password": "パスワード",
    "totp": "二段階認証",
    "oidc": "シングルサインオン",
    "unknown": "登録のない人",
    "file": "ファイル",
    "GET": "画面の表示",
    "POST": "操作",
    "actor": "操作した人で絞り込み",
    "action": "操作で絞り込み",
    "sort": "対象で絞り込み",
    "request": "請求で絞り込み",
    "since": "期間の始まり",
    "until": "期間の終わり",
    "csv": "CSV",
    "jsonl": "JSON Lines",
    "tests": "テストの請求",
    "drafts": "下書きの文面",
    "draft": "下書き",
    "decision": "決定の説明",
    "contact": "連絡先",
    "thread_message": "やりとり",
    "stored_file": "保管したファイル",
    "answer_release": "回答の送付の記録",
    "proof": "本人確認の記録",
    "alert": "知らせ",
    "request_link": "関連づけ",
    "request_page": "入力ページ",
    "visit": "専用ページの訪問",
    "code": "確認コード",
    "conversation": "会話の記録",
    "member": "会話の相手の記録",
    "inbox": "受信の記録",
    "outbox": "送信の記録",
    "staff_session": "ログインの記録",
    "trial_verdict": "試した回答への評価",
    "names": "氏名と連絡先",
    "first": "速報",
    "final": "確報",
    "sensitive": "要配慮個人情報",
    "property": "財産的被害のおそれ",
    "unlawful": "不正の目的のおそれ",
    "many": "本人1,000人超",
}
"""Names of what was written or shown in the console, beside those of requests (`bot.console.requests.words`)."""

FAULTS = {
    Fault.CHANGED: "書き換えられています",
    Fault.UNLINKED: "前の記録とつながっていません",
    Fault.MISSING: "記録がなくなっています",
    Fault.FOREIGN: "どこにも属さない記録があります",
    Fault.CUT: "ここから後の記録がなくなっています",
    Fault.BEYOND: "終わりより後に記録が加えられています",
    Fault.HEADLESS: "最後の記録が、控えておいた終わりと違います",
    Fault.REPLACED: "外に保管した控えと違う記録に置き換えられています",
}


_FAULTS_OF_DIGESTS = {
    Fault.CHANGED: "書き換えられています",
    Fault.UNLINKED: "前の控えがなくなっています",
    Fault.MISSING: "作られていません",
}


def place_told(place: BrokenPlace) -> str:
    """Where a trail, or a digest kept elsewhere, is broken, and how."""
    if place.trail == DIGEST:
        hour = in_tokyo(datetime.strptime(f"{place.position}+0000", "%Y%m%d%H%z"))
        return f"外に保管した控え（{hour:%Y年%m月%d日%H時}）：{_FAULTS_OF_DIGESTS[place.fault]}"
    whose = "コンソールの記録" if place.trail == CONSOLE else f"請求 {place.trail}"
    return f"{whose}の{place.position}番目：{FAULTS[place.fault]}"


def action_title(action: str) -> str:
    """What was done; an action of a later version by its own name."""
    return ACTIONS.get(action, action)


def sort_title(sort: str) -> str:
    """What sort of thing it was done to."""
    return SORTS.get(sort, sort)


def shown_fields(row: TrailRow) -> str:
    """What was written or shown, in words where there are any."""
    return of_requests.fields_told([_field(name) for name in row.fields])


def _field(name: str) -> str:
    # What was purged stands with its number: `tests:3`.
    word, colon, count = name.partition(":")
    return f"{FIELDS[word]}{count and f' {count}件'}" if word in FIELDS and (not colon or count.isdigit()) else name


def object_title(row: TrailRow) -> str:
    """What it was done to, as people know it: a request's number, an account, a page; nothing for opaque ids."""
    if row.number is not None:
        return row.number
    return row.object_id or "" if row.sort in ("account", "page") else ""
