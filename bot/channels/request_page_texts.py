"""What the secure page says: headings, the roles to choose from, a sentence for every fault and every ending."""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum
from http import HTTPStatus

from bot.register.details import LONGEST_EMAIL, LONGEST_NAME, LONGEST_REMARKS
from bot.register.models import Role

HEADING = "ご連絡先の入力"

ROLES = (
    (Role.SELF, "本人"),
    (Role.LEGAL_REPRESENTATIVE, "法定代理人（親権者、成年後見人など）"),
    (Role.APPOINTED_AGENT, "任意代理人（本人から委任を受けた方）"),
)

FAULTS = {
    ("role", "missing"): "どなたからのご請求かを選んでください。",
    ("role", "malformed"): "どなたからのご請求かを選んでください。",
    ("name", "missing"): "お名前を入力してください。",
    ("name", "too_long"): f"お名前は{LONGEST_NAME}文字以内で入力してください。",
    ("email", "missing"): "メールアドレスを入力してください。",
    ("email", "too_long"): f"メールアドレスは{LONGEST_EMAIL}文字以内で入力してください。",
    ("email", "malformed"): "メールアドレスの形を確かめてください（例：hanako@example.jp）。",
    ("email_again", "different"): "上のメールアドレスと違います。",
    ("remarks", "too_long"): f"補足は{LONGEST_REMARKS:,}文字以内で入力してください。",
}


class Ending(Enum):
    """How the page can end without a form: heading and HTTP status."""

    SUBMITTED = ("入力を受け取りました", HTTPStatus.OK)
    SUBMITTED_BEFORE = ("入力は済んでいます", HTTPStatus.OK)
    EXPIRED = ("入力できる期間が過ぎました", HTTPStatus.GONE)
    UNKNOWN = ("この入力ページはありません", HTTPStatus.NOT_FOUND)

    def __init__(self, heading: str, status: HTTPStatus) -> None:
        self.heading = heading
        self.status = int(status)


def ending_lines(ending: Ending, *, hours: int, contacts: Sequence[str]) -> list[str]:
    """The paragraphs under the heading; `contacts` are the desk's addresses, if the policy prints any."""
    desk = f"窓口（{'、'.join(contacts)}）" if contacts else "方針にある窓口"
    return {
        Ending.SUBMITTED: [
            "ありがとうございます。このページは閉じてかまいません。",
            "この後、ご本人の確認のためにご連絡することがあります。受付番号は控えておいてください。",
        ],
        Ending.SUBMITTED_BEFORE: [
            "このご請求のご連絡先は、すでに受け取っています。",
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
    }[ending]
