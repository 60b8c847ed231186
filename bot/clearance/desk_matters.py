"""What the owner fills into the desk file: matters of the law, desks, and what somebody must have looked at."""

from __future__ import annotations

from collections.abc import Iterator

from bot.clearance.items import Heading, Item
from bot.desk import FILE_NAME, Confirmation, Desk
from bot.settings import PREFIX, Settings

_HOW_TO_ASK = Heading("請求の方法（法37条）")
_PUBLISHED = Heading("本人の知り得る状態に置く事項（法32条）")
_DESKS = Heading("窓口")
_NOTICE = Heading("会話のはじめのお知らせ")
_KEEPING = Heading("保存期間")
_REGIME = Heading("お断りの根拠")


def desk_items(desk: Desk, settings: Settings, version: str) -> Iterator[Item]:
    """Everything that stands in the desk file, beside the settings and the version of the policy in force."""
    yield from _how_to_ask(desk)
    yield from _published(desk, version)
    yield from _desks(desk)
    yield from _notice(desk, settings)
    yield from _keeping(desk, settings)
    yield _confirmed(
        _REGIME,
        "regime",
        "お断りの根拠とする規範の確認",
        desk.confirmed.regime,
        settings.refusal_regime,
        "REFUSAL_REGIME",
    )


def _how_to_ask(desk: Desk) -> Iterator[Item]:
    # The four things that a company may lay down (個人情報保護法施行令 12条); the desk is the first.
    own = next((entry for entry in desk.desks if entry.email), None)
    yield _HOW_TO_ASK.item("desk", "請求の申出先", f"{FILE_NAME} の desks", is_so=own is not None)
    for field, title in (
        ("request_form", "請求の様式・方法"),
        ("identity_documents", "ご本人の確認の方法"),
        ("agent_documents", "代理人の確認の方法"),
        ("fee", "手数料（いただかない場合は、その旨）"),
    ):
        yield _filled(_HOW_TO_ASK, field, title, desk)


def _published(desk: Desk, version: str) -> Iterator[Item]:
    yield _PUBLISHED.item("controller", "事業者の名称", f"{FILE_NAME} の controller", is_so=True, found=desk.controller)
    for field, title in (
        ("address", "事業者の住所"),
        ("representative", "代表者の氏名"),
        ("complaints", "苦情の申出先"),
        ("accredited_body", "認定個人情報保護団体（対象でない場合は、その旨）"),
    ):
        yield _filled(_PUBLISHED, field, title, desk)
    yield _confirmed(_PUBLISHED, "purposes", "すべての利用目的が方針にあることの確認", desk.confirmed.purposes, version)


def _desks(desk: Desk) -> Iterator[Item]:
    pages = {"membership": ("membership_desk_url", desk.owner.membership_desk_url)}
    for entry in desk.desks:
        place, page = pages.get(entry.id, ("", ""))
        where = f"{FILE_NAME} の owner.{place}" if place else f"{FILE_NAME} の desks の {entry.id}"
        title = f"「{entry.about}」の窓口のアドレス"
        yield _DESKS.item(f"desk:{entry.id}", title, where, is_so=bool(entry.email or page.strip()))


def _notice(desk: Desk, settings: Settings) -> Iterator[Item]:
    yield _filled(_NOTICE, "chat_readers", "会話を読むことがある人", desk)
    yield _confirmed(
        _NOTICE,
        "notice",
        "お知らせの文（保存期間・読む人・消し方）の確認",
        desk.confirmed.notice,
        str(settings.retention_days),
    )


def _keeping(desk: Desk, settings: Settings) -> Iterator[Item]:
    days = str(settings.retention_days)
    yield _confirmed(
        _KEEPING, "retention", f"会話を{days}日間保存することの確認", desk.confirmed.retention, days, "RETENTION_DAYS"
    )
    yield _filled(_KEEPING, "retention", "請求の記録の保存期間", desk, key="request_retention")


def _filled(heading: Heading, field: str, title: str, desk: Desk, *, key: str = "") -> Item:
    text = str(getattr(desk.owner, field)).strip()
    return heading.item(key or field, title, f"{FILE_NAME} の owner.{field}", is_so=bool(text))


def _confirmed(
    heading: Heading, field: str, title: str, confirmation: Confirmation | None, value: str, setting: str = ""
) -> Item:
    found = f"未確認（いまは {value}）"
    if confirmation is not None:
        told = f"{confirmation.day:%Y-%m-%d}に{confirmation.by}さんが確認"
        found = told if confirmation.value == value else f"{told}したのは {confirmation.value}、いまは {value}"
    also = f"（値は {PREFIX}{setting}）" if setting else ""
    is_so = confirmation is not None and confirmation.value == value
    return heading.item(field, title, f"{FILE_NAME} の confirmed.{field}{also}", is_so=is_so, found=found)
