"""What the secure page says: headings, choices, names of fields, a sentence for every fault and every ending."""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum
from http import HTTPStatus

from bot.channels.request_page.uploads import MOST_FILES
from bot.register.details import LONGEST_ADDRESS, LONGEST_NAME, LONGEST_REMARKS
from bot.register.kinds import Kind
from bot.register.models import ReplyBy, Role
from bot.register.particulars import Field
from bot.register.thread.models import LARGEST_FILE
from bot.register.typed_lines import LONGEST_EMAIL

HEADING = "ご請求に必要なことの入力"
MAIL_STOP_HEADING = "配信停止の手続き"
CODE_HEADING = "確認コードの入力"

ROLES = (
    (Role.SELF, "本人"),
    (Role.LEGAL_REPRESENTATIVE, "法定代理人（親権者、成年後見人など）"),
    (Role.APPOINTED_AGENT, "任意代理人（本人から委任を受けた方）"),
    (Role.BEREAVED, "ご遺族など"),
)

REPLIES = ((ReplyBy.EMAIL, "メール"), (ReplyBy.POST, "郵送"), (ReplyBy.PHONE, "電話"))

_TITLES = {
    "item": "どの項目か",
    "is_now": "いまの内容",
    "should_be": "正しい内容",
    "period": "知りたい時期やサービス",
    "reason": "理由",
}
_TITLES_OF_KIND = {
    (Kind.CORRECTION, "reason"): "理由や、根拠になるもの",
    (Kind.ADDITION, "item"): "どの項目に足すか",
    (Kind.ADDITION, "should_be"): "足す内容",
    (Kind.ADDITION, "reason"): "理由や、根拠になるもの",
    (Kind.DELETION, "item"): "どの項目を削るか",
    (Kind.DELETION, "reason"): "理由や、根拠になるもの",
}
_HINTS = {"item": "例：電話番号、予約の日付", "period": "例：2025年春ごろの予約。わかる範囲でかまいません。"}

_MEGABYTES = LARGEST_FILE // (1024 * 1024)
FILES_HINT = f"PDF・JPEG・PNG・HEIC、1つ{_MEGABYTES}MBまで、合わせて{MOST_FILES}つまで。"

FAULTS = {
    ("role", "missing"): "どなたからのご請求かを選んでください。",
    ("role", "malformed"): "どなたからのご請求かを選んでください。",
    ("name", "missing"): "お名前を入力してください。",
    ("name", "too_long"): f"お名前は{LONGEST_NAME}文字以内で入力してください。",
    ("subject", "missing"): "ご本人の氏名を入力してください。",
    ("subject", "too_long"): f"ご本人の氏名は{LONGEST_NAME}文字以内で入力してください。",
    ("reply_by", "malformed"): "ご回答の方法を選んでください。",
    ("email", "missing"): "メールアドレスを入力してください。",
    ("email", "too_long"): f"メールアドレスは{LONGEST_EMAIL}文字以内で入力してください。",
    ("email", "malformed"): "メールアドレスの形を確かめてください（例：hanako@example.jp）。",
    ("email_again", "different"): "上のメールアドレスと違います。",
    ("postal_code", "missing"): "郵便番号を入力してください。",
    ("postal_code", "malformed"): "郵便番号は7桁の数字で入力してください（例：100-0001）。",
    ("address", "missing"): "ご住所を入力してください。",
    ("address", "too_long"): f"ご住所は{LONGEST_ADDRESS}文字以内で入力してください。",
    ("phone", "missing"): "電話番号を入力してください。",
    ("phone", "malformed"): "電話番号を市外局番から入力してください（例：03-1234-5678）。",
    ("remarks", "too_long"): f"補足は{LONGEST_REMARKS:,}文字以内で入力してください。",
    ("consent", "changed"): "「個人情報の取り扱い」の文が新しくなりました。お読みのうえ、もう一度送信してください。",
}
_FILE_FAULTS = {
    "too_large": f"{_MEGABYTES}MBより大きいファイルがありました。小さくして、選び直してください。",
    "wrong_type": "PDF・JPEG・PNG・HEICではないファイルがありました。選び直してください。",
    "too_many": f"ファイルは合わせて{MOST_FILES}つまでです。選び直してください。",
}
CODE_FAULT = "このコードでは確認できませんでした。いちばん新しいメールのコードかどうか、お確かめください。"


def field_title(field: Field) -> str:
    """The name of a field of one kind, as members read it."""
    return _TITLES_OF_KIND.get((field.kind, field.name), _TITLES[field.name])


def field_hint(field: Field) -> str:
    """An example for a field of one kind; empty where the title says enough."""
    return _HINTS.get(field.name, "")


def field_fault(field: Field, fault: str) -> str:
    """The sentence beside a field of one kind that cannot be used."""
    title = field_title(field)
    if fault == "missing":
        return f"{field.kind.title}の「{title}」を入力してください。"
    return f"{field.kind.title}の「{title}」は{field.longest:,}文字以内で入力してください。"


def file_fault(fault: str) -> str:
    """The sentence beside a field of files that cannot be taken."""
    return _FILE_FAULTS[fault]


class Ending(Enum):
    """How the page can end without a form: heading and HTTP status."""

    SUBMITTED = ("入力を受け取りました", HTTPStatus.OK)
    PROVED = ("メールアドレスを確認しました", HTTPStatus.OK)
    SUBMITTED_BEFORE = ("入力は済んでいます", HTTPStatus.OK)
    EXPIRED = ("入力できる期間が過ぎました", HTTPStatus.GONE)
    UNKNOWN = ("この入力ページはありません", HTTPStatus.NOT_FOUND)
    TOO_LARGE = ("ファイルが大きすぎました", HTTPStatus.REQUEST_ENTITY_TOO_LARGE)

    def __init__(self, heading: str, status: HTTPStatus) -> None:
        self.heading = heading
        self.status = int(status)


def ending_lines(ending: Ending, *, hours: int, contacts: Sequence[str]) -> list[str]:
    """The paragraphs under the heading; `contacts` are the desk's addresses, if the policy prints any."""
    desk = f"窓口（{'、'.join(contacts)}）" if contacts else "方針にある窓口"
    return {
        Ending.SUBMITTED: ["ありがとうございます。受付番号は控えておいてください。"],
        Ending.PROVED: ["ありがとうございます。受付番号は控えておいてください。"],
        Ending.SUBMITTED_BEFORE: [
            "このご請求に必要なことは、すでに受け取っています。",
            f"直したいところがある場合は、受付番号を添えて{desk}へご連絡ください。",
        ],
        Ending.EXPIRED: [
            f"このページは、ご案内から{hours}時間で閉じます。ご請求は受け付けたままで、なくなっていません。",
            f"お返事をお届けするために、受付番号を添えて{desk}へご連絡ください。",
        ],
        Ending.UNKNOWN: [
            "アドレスが途中で切れていないか、お確かめください。",
            f"お困りのときは、{desk}へご連絡ください。",
        ],
        Ending.TOO_LARGE: [
            "入力されたことは、まだ送信されていません。",
            f"前のページに戻り、{FILES_HINT.removesuffix('。')}にして、もう一度お試しください。",
        ],
    }[ending]
