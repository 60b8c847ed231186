"""What the gateway itself says: the first message, honest errors, what was masked, what was deleted."""

from __future__ import annotations

from bot.channels.gateway import Gateway
from bot.message import Message, Part, computed, fixed

_HOW_TO_DELETE = {"web": "「会話を消す」を押すと、いつでも削除できます。"}
_DELETE_AT_DESK = "削除をご希望のときは、下の窓口へお知らせください。"


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
    return Message(kind="notice", parts=tuple(lines))


def apology(gateway: Gateway) -> Message:
    """The turn failed and is tried again; nothing is claimed about what Rasa did or did not do."""
    minutes = gateway.settings.retry_minutes
    parts = (
        fixed("申し訳ありません。ただいまお答えを用意できませんでした。"),
        fixed(f"いただいた内容は保存してあり、{minutes}分の間、自動で再度お答えを試みます。"),
        fixed("受付番号が表示されるまで、ご請求の受付は確認できていません。"),
        *_contacts(gateway, lead="お急ぎのときは、次の窓口へご連絡ください。"),
    )
    return Message(kind="error", parts=parts)


def giving_up(gateway: Gateway) -> Message:
    """The time for trying is over."""
    parts = (
        fixed("申し訳ありません。時間内にお答えできませんでした。お手数ですが、もう一度お送りください。"),
        fixed("受付番号が表示されていないご請求は、受付を確認できていません。"),
        *_contacts(gateway, lead="続けてお困りのときは、次の窓口へご連絡ください。"),
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


def deleted() -> Message:
    """The conversation is gone; what was filed is not."""
    parts = (
        fixed("この会話を削除しました。"),
        fixed("受付済みのご請求は削除されません。これまでどおり、窓口で対応します。"),
    )
    return Message(kind="notice", parts=parts)


def _contacts(gateway: Gateway, *, lead: str = "") -> list[Part]:
    if not gateway.contacts:
        return []
    return [fixed(lead)] * bool(lead) + [computed(contact) for contact in gateway.contacts]
