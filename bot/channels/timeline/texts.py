"""What the request's page says: stations, what is waited for and from whom, outcomes, a sentence for every fault."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from bot.channels.wall_clock import day
from bot.register.deadlines import ToldDue
from bot.register.decisions.models import Outcome
from bot.register.groups import Standing
from bot.register.kinds import Kind
from bot.register.life import TO_THE_DESK
from bot.register.models import State
from bot.register.thread.files import MOST_FILES
from bot.register.thread.messages import LONGEST_MESSAGE
from bot.register.thread.models import LARGEST_FILE, FilePurpose
from bot.register.timeline import Case, Place, Stage

MEMBER = "お客様"
DESK = "窓口"
NOBODY = ""


@dataclass(frozen=True)
class Waiting:
    """Who has to do something now, and what, in a sentence; nobody when the request is over."""

    on: str
    sentence: str


WAITING = {
    State.RECEIVED: Waiting(MEMBER, "お返事をお届けするための、ご連絡先の入力をお待ちしています。"),
    State.IDENTITY_PENDING: Waiting(
        DESK, "ご本人からのご請求であることを確認しています。お願いすることがあるときは、このページでお知らせします。"
    ),
    State.IDENTITY_EXPIRED: Waiting(
        MEMBER,
        "ご本人の確認ができないまま日がたったため、手続きを止めています。受付はなくなっていません。"
        "続けるときは、下のメッセージでお知らせください。",
    ),
    State.VERIFIED: Waiting(DESK, "ご本人の確認が済みました。これから調査を始めます。"),
    State.SCOPE_PENDING: Waiting(
        MEMBER, "窓口から、おたずねしたいことがあります。下のメッセージを読んで、お返事をお書きください。"
    ),
    State.IN_REVIEW: Waiting(DESK, "担当者が調べています。"),
    State.DECIDED: Waiting(DESK, "結果が決まりました。下の「回答」をご覧ください。"),
    State.NOTIFIED: Waiting(DESK, "結果をお知らせしました。下の「回答」をご覧ください。"),
    State.CLOSED: Waiting(NOBODY, "この手続きは終わりました。"),
    State.WITHDRAWN: Waiting(NOBODY, "このお申し出は取り下げられました。もう一度お申し出いただくこともできます。"),
}

# Of a request to another company its page says more; here it is how far it has come.
SIBLING_STATES = {
    State.RECEIVED: "受付済み",
    State.IDENTITY_PENDING: "本人確認中",
    State.IDENTITY_EXPIRED: "本人確認待ち",
    State.VERIFIED: "調査の前",
    State.SCOPE_PENDING: "おたずね中",
    State.IN_REVIEW: "調査中",
    State.DECIDED: "結果が決まりました",
    State.NOTIFIED: "お知らせ済み",
    State.CLOSED: "終了",
    State.WITHDRAWN: "取下げ",
}

# Nobody has to be identified for a question, whatever the register notes about who asks.
_WITHOUT_MEANING = frozenset({State.IDENTITY_PENDING, State.IDENTITY_EXPIRED, State.VERIFIED})
_AT_THE_DESK = Waiting(DESK, "担当者が内容を確認しています。")
_ANSWER_WAITS = Waiting(MEMBER, "回答のファイルをお受け取りください。")
_DOCUMENT_WANTED = Waiting(MEMBER, "ご本人であることを確認できる書類をお待ちしています。")

STAGES = {Stage.RECEIPT: "受付", Stage.IDENTITY: "本人確認", Stage.REVIEW: "調査", Stage.ANSWER: "回答"}
PLACES = {Place.PAST: "済み", Place.CURRENT: "いまここ", Place.AHEAD: "これから"}

OUTCOMES = {
    Outcome.GRANTED: "ご請求のとおりにします。",
    Outcome.PARTIAL: "ご請求の一部について、ご希望のとおりにします。",
    Outcome.DENIED: "ご請求には応じられません。",
    Outcome.NO_DATA: "ご請求の対象となる情報はありませんでした。",
    Outcome.NOT_HELD_BY_US: "ご請求の情報は、当社が開示や訂正などをできるものではありませんでした。",
    Outcome.ALREADY_PUBLISHED: "利用目的は、すでに公表しているとおりです。",
    Outcome.ALTERNATIVE_MEASURE: "ご請求に代わる方法で対応します。",
    Outcome.ROUTED: "別の窓口が対応します。",
    Outcome.UNIDENTIFIED: "ご本人からのご請求であることを確認できませんでした。",
    Outcome.ANSWERED: "お返事します。",
}

FILE_PURPOSES = {FilePurpose.IDENTITY: "ご本人を確認できる書類", FilePurpose.EVIDENCE: "ご請求に関する資料"}

_MEDIA = {
    "application/pdf": "PDF",
    "image/jpeg": "JPEG画像",
    "image/png": "PNG画像",
    "image/heic": "HEIC画像",
    "application/zip": "ZIP",
    "text/csv": "CSV",
    "text/plain": "テキスト",
    "message/rfc822": "メール",
}

_MEGABYTE = 1024 * 1024
_LARGEST = f"{LARGEST_FILE // _MEGABYTE}MB"

FAULTS = {
    ("number", "missing"): "受付番号を入力してください。",
    ("resume", "wrong"): "受付番号とコードの組み合わせを確かめられませんでした。控えをもう一度ご覧ください。",
    ("code", "wrong"): "確認コードが違うか、期限や回数を過ぎています。新しいコードもお送りできます。",
    ("text", "missing"): "メッセージを入力してください。",
    ("text", "too_long"): f"メッセージは{LONGEST_MESSAGE:,}文字以内で入力してください。",
    ("text", "too_many"): "このページから送れるメッセージの数を超えました。窓口へ直接ご連絡ください。",
    ("file", "empty"): "ファイルを選んでください。",
    ("file", "too_large"): f"ファイルは1つ{_LARGEST}までです。",
    ("file", "wrong_type"): "PDF、JPEG、PNG、HEICのファイルを選んでください。",
    ("file", "too_many"): f"ファイルは{MOST_FILES}個までです。窓口へ直接ご連絡ください。",
}

DONE = {
    "written": "メッセージを窓口へ届けました。",
    "handed_in": "ファイルを窓口へ届けました。",
    "withdrawn": "取り下げました。",
}

STATE_FORBIDS = "手続きが先に進んだため、その操作はできませんでした。いまの状況は次のとおりです。"


def waiting(case: Case) -> Waiting:
    """Who has to do what for this request now."""
    if case.kind in TO_THE_DESK and case.state in _WITHOUT_MEANING:
        return _AT_THE_DESK
    if case.state is State.IDENTITY_PENDING and FilePurpose.IDENTITY in case.takes:
        return _DOCUMENT_WANTED
    if case.awaits_download:
        return _ANSWER_WAITS
    return WAITING[case.state]


def sibling_words(sibling: Standing) -> str:
    """What another company was asked, and how far that has come there."""
    at_the_desk = sibling.kind in TO_THE_DESK and sibling.state in _WITHOUT_MEANING
    return f"{sibling.kind.title}（{'確認中' if at_the_desk else SIBLING_STATES[sibling.state]}）"


def stage_title(stage: Stage, kind: Kind) -> str:
    """The name of a station; nothing is investigated for a question."""
    return "確認" if stage is Stage.REVIEW and kind in TO_THE_DESK else STAGES[stage]


def due_words(case: Case, *, told_due: ToldDue, quote: str) -> str:
    """When the answer comes, by the owner's choice: a date, or the policy's own words; nothing once it is there."""
    if case.kind in TO_THE_DESK or case.decision is not None or case.ended_at is not None:
        return ""
    told: date | None = case.due.told(told_due)
    if told is not None:
        return f"{day(told)}までに回答します。"
    return f"回答の時期について、プライバシーポリシーには次のように書かれています。「{quote}」" if quote else ""


def file_words(media_type: str, size: int) -> str:
    """A file's sort and size."""
    amount = f"{size / _MEGABYTE:.1f}MB" if size >= _MEGABYTE else f"{max(1, round(size / 1024))}KB"
    return f"{_MEDIA[media_type]}、{amount}"
