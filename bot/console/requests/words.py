"""What staff read of a request: states, steps, sorts of proof, outcomes and the events of its trail, in Japanese."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.register.alerts.models import AlertSort
from bot.register.audit import MEMBER, SYSTEM, Action
from bot.register.decisions.models import Delivery, LinkSort, Outcome
from bot.register.identity.models import ProofSort
from bot.register.kinds import Kind
from bot.register.life import TO_THE_DESK
from bot.register.models import ReplyBy, Role, State
from bot.register.queue import Group, Identity
from bot.register.thread.models import Direction, FilePurpose

STATES = {
    State.RECEIVED: "受付（連絡先待ち）",
    State.IDENTITY_PENDING: "本人確認待ち",
    State.IDENTITY_EXPIRED: "本人確認の保留",
    State.VERIFIED: "本人確認済み",
    State.SCOPE_PENDING: "会員の返事待ち",
    State.IN_REVIEW: "調査中",
    State.DECIDED: "決定済み・通知前",
    State.NOTIFIED: "通知済み",
    State.CLOSED: "完了",
    State.WITHDRAWN: "取下げ",
}

GROUPS = {
    Group.OPEN: "対応中",
    Group.IDENTITY: "受付・本人確認",
    Group.REVIEW: "調査",
    Group.ASKED: "返事待ち",
    Group.DECIDED: "通知前",
    Group.NOTIFIED: "通知済み",
    Group.UNFINISHED: "未完了",
    Group.OVER: "完了・取下げ",
    Group.ALL: "すべて",
}

IDENTITIES = {
    Identity.NOT_NEEDED: "不要",
    Identity.VERIFIED: "確認済み",
    Identity.EXPIRED: "保留",
    Identity.OPEN: "未確認",
}

ROLES = {
    Role.SELF: "本人",
    Role.LEGAL_REPRESENTATIVE: "法定代理人",
    Role.APPOINTED_AGENT: "任意代理人",
    Role.BEREAVED: "ご遺族など",
}

REPLIES = {ReplyBy.EMAIL: "メール", ReplyBy.POST: "郵送", ReplyBy.PHONE: "電話"}

CHANNELS = {
    "web": "ウェブ",
    "line": "LINE",
    "slack": "Slack",
    "email": "メール",
    "phone": "電話",
    "letter": "郵便",
    "counter": "窓口",
    "console": "テスト",
}

PROOFS = {
    ProofSort.MAILBOX_CODE: "メールの確認コード",
    ProofSort.COLLATION: "照合",
    ProofSort.DOCUMENT: "書類",
    ProofSort.MEMBER_TOKEN: "会員ログイン",
}

OUTCOMES = {
    Outcome.GRANTED: "請求のとおりにする",
    Outcome.PARTIAL: "一部だけ応じる",
    Outcome.DENIED: "応じない",
    Outcome.NO_DATA: "対象のデータがない",
    Outcome.NOT_HELD_BY_US: "当社の保有個人データではない",
    Outcome.ALREADY_PUBLISHED: "利用目的は公表済み",
    Outcome.ALTERNATIVE_MEASURE: "代わりの措置をとる",
    Outcome.ROUTED: "別の窓口へ案内する",
    Outcome.UNIDENTIFIED: "本人と確認できない",
    Outcome.ANSWERED: "回答する",
}

DELIVERIES = {Delivery.PAGE: "専用ページでダウンロード", Delivery.POST: "郵送"}

LINKS = {
    LinkSort.DUPLICATE: "重複",
    LinkSort.FOLLOWS: "続き",
    LinkSort.COMPLAINT_ABOUT: "苦情の対象",
}

DIRECTIONS = {Direction.FROM_MEMBER: "会員", Direction.TO_MEMBER: "窓口から", Direction.NOTE: "内部メモ"}

PURPOSES = {
    FilePurpose.IDENTITY: "本人確認の書類",
    FilePurpose.EVIDENCE: "資料",
    FilePurpose.ANSWER: "回答",
    FilePurpose.ORIGINAL: "受付の原本",
}

PARTICULARS = {
    "item": "どの項目か",
    "is_now": "いまの内容",
    "should_be": "正しい内容",
    "period": "時期やサービス",
    "reason": "理由",
}

ALERTS = {
    AlertSort.ARRIVAL: "新しい受付",
    AlertSort.DUE_SOON: "期限が近い",
    AlertSort.OVERDUE: "期限を過ぎた",
    AlertSort.REPLY: "会員からの連絡",
    AlertSort.BOUNCE: "メールが届かなかった",
    AlertSort.CLOSURE: "休業中に期限が来る",
    AlertSort.NO_CONTACT: "連絡先がない",
    AlertSort.SECOND_PERSON: "二人目待ち",
}

ACTIONS = {
    Action.REQUEST_FILED: "受け付けました",
    Action.REQUEST_ENTERED: "受け付けたものを入力しました",
    Action.REQUEST_CARRIED: "新しい会話に引き継ぎました",
    Action.REQUEST_WITHDRAWN: "取り下げました",
    Action.PAGE_ISSUED: "入力ページを案内しました",
    Action.PAGE_VISITED: "専用ページを開きました",
    Action.DETAILS_SUBMITTED: "連絡先を入力しました",
    Action.DETAILS_REVEALED: "内容・連絡先を閲覧しました",
    Action.PROOF_TRIED: "本人確認の結果を記録しました",
    Action.CODE_SENT: "確認コードを送りました",
    Action.IDENTITY_VERIFIED: "本人確認が済みました",
    Action.IDENTITY_EXPIRED: "本人確認ができないまま保留にしました",
    Action.IDENTITY_RESUMED: "本人確認を再開しました",
    Action.ARRIVAL_CORRECTED: "受付日時を直しました",
    Action.ARRIVAL_CHECKED: "受付日時を二人目が確認しました",
    Action.REQUEST_ASSIGNED: "担当を決めました",
    Action.REQUEST_PRIORITISED: "急ぎの印を変えました",
    Action.REQUEST_LINKED: "ほかの請求と関連づけました",
    Action.REVIEW_BEGUN: "調査を始めました",
    Action.MEMBER_ASKED: "会員に質問しました",
    Action.MEMBER_REPLIED: "会員の返事を受け取りました",
    Action.MESSAGE_WRITTEN: "書き込みました",
    Action.MESSAGES_READ: "やりとりを閲覧しました",
    Action.FILE_STORED: "ファイルを保管しました",
    Action.FILE_READ: "ファイルを閲覧しました",
    Action.FILE_REMOVED: "ファイルを消去しました",
    Action.DECISION_PROPOSED: "決定を提案しました",
    Action.DECISION_REJECTED: "提案を差し戻しました",
    Action.REQUEST_DECIDED: "決定しました",
    Action.DECISION_EXECUTED: "データへの対応を記録しました",
    Action.ANSWER_PREPARED: "回答を用意しました",
    Action.ANSWER_RELEASED: "回答の送付を承認しました",
    Action.ANSWER_POSTED: "回答を郵送しました",
    Action.ANSWER_DOWNLOADED: "回答をダウンロードしました",
    Action.INTERIM_SENT: "中間のお知らせを送りました",
    Action.MEMBER_NOTIFIED: "決定を通知しました",
    Action.NOTICE_BOUNCED: "通知メールが届きませんでした",
    Action.ALERT_ACKNOWLEDGED: "知らせを確認しました",
    Action.REQUEST_CLOSED: "完了しました",
    Action.REQUEST_HELD: "保全しました（消去を止めました）",
    Action.HOLD_LIFTED: "保全を解除しました",
    Action.REQUEST_FORGOTTEN: "保存期間が過ぎたため、内容を削除しました",
}

_SORTS: tuple[Mapping[Any, str], ...] = (PROOFS, DIRECTIONS, PURPOSES, DELIVERIES, LINKS, ALERTS, REPLIES)

FIELDS: dict[str, str] = {
    **{str(each): title for sorts in _SORTS for each, title in sorts.items()},
    "state": "状態",
    "scope": "対象",
    "words": "請求の内容",
    "particulars": "請求の細目",
    "role": "請求者の区分",
    "reply_by": "回答の方法",
    "name": "氏名",
    "subject": "本人の氏名",
    "phone": "電話番号",
    "address": "住所",
    "remarks": "補足",
    "consent_version": "同意の文",
    "channel": "受付の経路",
    "original": "原本",
    "received_at": "受付日時",
    "arrival_checked_by": "受付日時の確認者",
    "verified_at": "本人確認の日時",
    "assignee": "担当",
    "is_urgent": "急ぎ",
    "conversation_id": "会話",
    "text": "本文",
    "outcome": "結果",
    "ground": "根拠",
    "explanation": "説明",
    "detail": "内容",
    "effective_at": "決定の日時",
    "rejected_at": "差戻しの日時",
    "executed_at": "対応の日時",
    "released_at": "承認の日時",
    "posted_at": "郵送の日時",
    "held_at": "保全",
    "purged_at": "内容の削除",
    "tracking": "お問い合わせ番号",
}
"""Names of what was written or shown, as the trail keeps them; a fact that was compared is Japanese already."""

KINDS = {kind: kind.title for kind in Kind if kind.is_filed}


_WITHOUT_MEANING = frozenset({State.RECEIVED, State.IDENTITY_PENDING, State.IDENTITY_EXPIRED, State.VERIFIED})


def state_of(kind: Kind, state: State) -> str:
    """Where a request stands; nobody is identified for an inquiry or a complaint, whatever the register notes."""
    return "受付" if kind in TO_THE_DESK and state in _WITHOUT_MEANING else STATES[state]


def person(actor: str | None, names: dict[str, str]) -> str:
    """Who an actor of the trail is, by the names of the accounts; nobody is a dash."""
    if not actor:
        return "―"
    known = {MEMBER: "会員", SYSTEM: "自動"} | names
    return known.get(actor, actor.removeprefix("staff:"))


def fields_told(fields: list[str]) -> str:
    """What an event wrote or showed, in words; nothing when there is nothing beside the state."""
    return "、".join(FIELDS.get(name, name) for name in fields if name != "state")
