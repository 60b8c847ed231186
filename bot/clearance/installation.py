"""What the settings of an installation must hold: keys, digests of the trails, addresses, mail."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

from sqlalchemy import make_url

from bot.clearance.items import Heading, Item
from bot.errors import BadInputError
from bot.register.digests.folder import open_folder
from bot.settings import LOCAL_ENV, PREFIX, Settings
from bot.storage.encryption import Vault

_KEYS = Heading("鍵")
_DIGESTS = Heading("記録の控え")
_ADDRESSES = Heading("公開アドレス")
_MAIL = Heading("メール")
_SECRETS = {
    "encryption_key": "暗号化の鍵",
    "hash_key": "照合用の鍵",
    "internal_token": "内部の合言葉",
}


def installation_items(settings: Settings, local_env: Path = LOCAL_ENV) -> Iterator[Item]:
    """Everything that the settings tell by themselves.

    Args:
        settings: of this installation.
        local_env: the file that a first start on a developer's machine fills with generated secrets; what stands
            there is kept beside the data it protects, and whoever copies the folder has both.
    """
    yield from _keys(settings, _generated(local_env))
    yield _digests(settings)
    yield from _addresses(settings)
    yield from _mail(settings)


def _keys(settings: Settings, generated: frozenset[str]) -> Iterator[Item]:
    try:
        Vault.from_settings(settings)
        is_usable = True
    except BadInputError:
        is_usable = False
    for field, title in _SECRETS.items():
        value = getattr(settings, field).get_secret_value()
        found = "設定済み"
        if not value:
            found = "未設定"
        elif value in generated:
            found = f"{LOCAL_ENV} に自動で作られたもの"
        elif field != "internal_token" and not is_usable:
            found = "使えない値"
        yield _KEYS.item(field, title, f"{PREFIX}{field.upper()}", is_so=found == "設定済み", found=found)
    if make_url(settings.database_url).get_backend_name() == "postgresql":
        yield _period_keys(settings)


def _period_keys(settings: Settings) -> Item:
    # SQLite overwrites what is deleted; PostgreSQL keeps it, so that there only a key that goes makes it unreadable.
    folder = settings.period_keys_dir
    found = "未設定" if folder is None else "設定済み" if folder.is_dir() else "フォルダーがありません"
    where = f"{PREFIX}PERIOD_KEYS_DIR"
    return _KEYS.item("period_keys_dir", "日ごとの鍵のフォルダー", where, is_so=found == "設定済み", found=found)


def _digests(settings: Settings) -> Item:
    # Whoever can write the database can cut the end off a trail; only what is kept elsewhere tells of it.
    try:
        folder = open_folder(settings)
        found = "未設定" if folder is None else "設定済み" if folder.place.is_dir() else "フォルダーがありません"
    except BadInputError:
        found = "署名の鍵が未設定か、使えない値"
    where = f"{PREFIX}DIGESTS_DIR、{PREFIX}DIGEST_KEY"
    return _DIGESTS.item("digests_dir", "毎時の控えのフォルダーと鍵", where, is_so=found == "設定済み", found=found)


def _generated(local_env: Path) -> frozenset[str]:
    try:
        lines = local_env.read_text(encoding="utf-8").splitlines()
    except OSError:
        return frozenset()
    return frozenset(line.partition("=")[2].strip() for line in lines if "=" in line)


def _addresses(settings: Settings) -> Iterator[Item]:
    for field, title in (("public_url", "会員のかたが開くアドレス"), ("console_url", "この画面のアドレス")):
        url = str(getattr(settings, field))
        is_so = urlsplit(url).scheme == "https"
        found = url if is_so else f"{url}（https ではありません）"
        yield _ADDRESSES.item(field, f"{title}が https", f"{PREFIX}{field.upper()}", is_so=is_so, found=found)


def _mail(settings: Settings) -> Iterator[Item]:
    for field, title, is_set in (
        ("smtp_url", "メールを送るサーバー", bool(settings.smtp_url.get_secret_value())),
        ("mail_from", "メールの差出人", bool(settings.mail_from)),
    ):
        found = "設定済み" if is_set else "未設定"
        yield _MAIL.item(field, title, f"{PREFIX}{field.upper()}", is_so=is_set, found=found)
