"""What the gateway itself says: the first message, honest errors, what was masked, what was deleted."""

from __future__ import annotations

from bot.channels import taps
from bot.channels.gateway import Gateway
from bot.channels.taps import Tap
from bot.message import Choice, Link, Message, Part, computed, fixed
from bot.references import of_turn
from bot.register.notices import MemberNotice

_BY_BUTTON = "「会話を消す」を押すと、いつでも削除できます。"
_HOW_TO_DELETE = {"web": _BY_BUTTON, "line": _BY_BUTTON, "slack": _BY_BUTTON}
_DELETE_AT_DESK = "削除をご希望のときは、下の窓口へお知らせください。"

# LINE's User Data Policy counts the internal id and the messages as a user's data, and wants consent.
_CONSENT = {
    "line": "保存するのは、LINEのユーザーIDと、お送りいただいた内容です。メッセージをお送りいただくと、"
    "これに同意いただいたものとします。",
    # Slack lets owners of a workspace export messages, direct ones too on some plans.
    "slack": "Slackのワークスペースの管理者は、ここでのやり取りを書き出せる場合があります。",
}
_CHOICES: dict[str, tuple[Choice, ...]] = {"line": taps.offer(Tap.ERASE), "slack": taps.offer(Tap.ERASE)}

_NEWS = {
    MemberNotice.QUESTION: "担当者から確認したいことがあります。",
    MemberNotice.MESSAGE: "担当者からの連絡があります。",
    MemberNotice.INTERIM: "途中経過のお知らせがあります。",
    MemberNotice.DECISION: "決定または回答のお知らせがあります。",
    MemberNotice.ANSWER_READY: "回答をお受け取りいただけます。",
    MemberNotice.IDENTITY_EXPIRED: "ご本人の確認がまだのため、手続きを止めています。",
}


def first_message(gateway: Gateway, channel: str) -> Message:
    """What is kept, how long, who reads it, how to delete it, and that no person writes here."""
    days = gateway.settings.retention_days
    lines = [
        fixed(f"自動応答の窓口です。担当者がここに書き込むことはありません。会話は{days}日間保存します。"),
        fixed(f"会話を読むことがあるのは、{gateway.readers}です。{_HOW_TO_DELETE.get(channel, _DELETE_AT_DESK)}"),
        fixed("お名前や連絡先などの個人情報は、ここには書かないでください。"),
    ]
    if channel not in _HOW_TO_DELETE:
        lines += _contacts(gateway)
    if channel in _CONSENT:
        lines.insert(1, fixed(_CONSENT[channel]))
    if gateway.settings.caution:
        lines.insert(0, fixed(gateway.settings.caution))
    return Message(kind="notice", parts=tuple(lines), choices=_CHOICES.get(channel, ()))


def welcome(gateway: Gateway, channel: str) -> Message:
    """The first message to who has not written yet, with a button to consent where consent is wanted."""
    first = first_message(gateway, channel)
    if channel not in _CONSENT:
        return first
    return first.model_copy(update={"choices": (*first.choices, *taps.offer(Tap.AGREE))})


def not_ready() -> Message:
    """The answer is not there yet; the button brings it when it is."""
    parts = (
        fixed("お答えを準備しています。いただいた内容は保存してあります。"),
        fixed("しばらくしてから「続きを見る」を押すと、用意できたお答えをお届けします。"),
        fixed("受付番号が表示されるまで、ご請求の受付は確認できていません。"),
    )
    return Message(kind="notice", parts=parts, choices=taps.offer(Tap.MORE))


def there_is_more() -> Message:
    """Not all that is ready fitted into one reply."""
    return Message(kind="notice", parts=(fixed("お答えには続きがあります。"),), choices=taps.offer(Tap.MORE))


def news(gateway: Gateway, notice: MemberNotice, number: str) -> Message:
    """Something waits on the page of a request; what it is, the page says to who can open it."""
    parts = (
        fixed(_NEWS[notice]),
        computed(f"受付番号：{number}"),
        fixed("次のページに受付番号を入力してご覧ください。"),
    )
    url = f"{gateway.settings.public_url.rstrip('/')}/request"
    return Message(kind="notice", parts=parts, link=Link(url=url, title="ご請求のページを開く"))


def apology(gateway: Gateway, turn_id: str) -> Message:
    """The turn failed and is tried again; nothing is claimed about what Rasa did or did not do."""
    minutes = gateway.settings.retry_minutes
    parts = (
        fixed("申し訳ありません。ただいまお答えを用意できませんでした。"),
        fixed(f"いただいた内容は保存してあり、{minutes}分の間、自動で再度お答えを試みます。"),
        fixed("受付番号が表示されるまで、ご請求の受付は確認できていません。"),
        *_contacts(gateway, lead="お急ぎのときは、次の窓口へご連絡ください。"),
        _to_be_quoted(turn_id),
    )
    return Message(kind="error", parts=parts)


def giving_up(gateway: Gateway, turn_id: str) -> Message:
    """The time for trying is over."""
    parts = (
        fixed("申し訳ありません。時間内にお答えできませんでした。お手数ですが、もう一度お送りください。"),
        fixed("受付番号が表示されていないご請求は、受付を確認できていません。"),
        *_contacts(gateway, lead="続けてお困りのときは、次の窓口へご連絡ください。"),
        _to_be_quoted(turn_id),
    )
    return Message(kind="error", parts=parts)


def masked(sorts: tuple[str, ...]) -> Message:
    """What was taken out of the member's words, and where such data is entered."""
    parts = (
        fixed("個人情報を守るため、次の内容は保存せずに伏せました。"),
        computed("、".join(sorts)),
        fixed("ご連絡先は、ご請求の受付後にご案内する専用のページで入力してください。"),
    )
    return Message(kind="notice", parts=parts)


def deleted(*, is_held: bool = False) -> Message:
    """The conversation is gone; what was filed is not, nor is what is held (`bot.channels.deletion`)."""
    gone = "この会話を削除しました。"
    if is_held:
        gone = "会話を消しました。法令や紛争への対応のために保全が必要な分は、保全が終わり次第、削除します。"
    parts = (
        fixed(gone),
        fixed("受付済みのご請求は削除されません。これまでどおり、窓口で対応します。"),
    )
    return Message(kind="notice", parts=parts)


def _contacts(gateway: Gateway, *, lead: str = "") -> list[Part]:
    if not gateway.contacts:
        return []
    return [fixed(lead)] * bool(lead) + [computed(contact) for contact in gateway.contacts]


def _to_be_quoted(turn_id: str) -> Part:
    return computed(f"照会番号：{of_turn(turn_id)}（お問い合わせの際にお知らせください）")
