"""What a member should not have typed is nowhere afterwards: no table, no log, no counter, not in Rasa's tracker.

Also when Rasa or the actions stand still meanwhile. `make prove-canaries` has a hundred members at each door.
"""

from __future__ import annotations

import asyncio
import json
import os
import sqlite3
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from bot.settings import Settings
from bot.storage.encryption import Vault
from tests.support import canaries, chat
from tests.support.product import Product
from tests.support.three_doors import Door, House

pytestmark = [pytest.mark.stack, pytest.mark.timeout(1200), pytest.mark.asyncio(loop_scope="session")]

_SEALED = "sealed_"


@dataclass(frozen=True)
class Canary:
    """What one member types: what must not stay, and a word that must."""

    mail: str
    phone: str
    card: str
    my_number: str
    name: str
    stays: str

    def typed(self, channel: str) -> str:
        """The words as this channel delivers them; Slack wraps what it recognises."""
        mail, phone = self.mail, self.phone
        if channel == "slack":
            mail, phone = f"<mailto:{mail}|{mail}>", f"<tel:{phone.replace('-', '')}|{phone}>"
        who = f"{self.name}と申します。連絡先は{mail}と{phone}です。"
        numbers = f"カード番号は{self.card}、マイナンバーは{self.my_number}です。"
        return f"{who}{numbers}{self.stays}の件で、口座情報は何に使われますか"

    def secrets(self) -> list[str]:
        """Everything that must be nowhere, in the spellings in which it could have been kept."""
        of_the_mail = [self.mail, self.mail.partition("@")[0]]
        return [*of_the_mail, self.phone, self.phone.replace("-", ""), self.card, self.my_number, self.name]


def canary(name: str, stays: str) -> Canary:
    made = canaries.canary()
    return Canary(made.mail, made.phone, made.card, made.my_number, name, stays)


CANARIES = {
    "web": canary("桜庭梅之介", "つくしんぼ"),
    "line": canary("高梨雪之丞", "ふきのとう"),
    "slack": canary("三枝月太郎", "たらのめ"),
}
# Typed while the process named stands still; the answer is an apology, and the words wait.
WHILE_AWAY = {"rasa": canary("鵜飼星之助", "わらび"), "actions": canary("鴨志田波之介", "ぜんまい")}
MORE = [canary("桜庭梅之介", "つくしんぼ") for _ in range(int(os.environ.get("MADOGUCHI_PROOF_CANARIES", "0")) // 10)]


async def test_what_is_masked_is_nowhere(house: House) -> None:
    for door in await house.doors():
        await type_canary(door, CANARIES[door.channel])
    product = house.product
    for one in MORE:
        for door in await house.doors():
            await type_canary(door, one)
    for process, one in WHILE_AWAY.items():
        with standing_still(product, process):
            member = await asyncio.to_thread(chat.Member, product.url)
            await asyncio.to_thread(member.say, one.typed("web"))
    expect_nowhere(product, "while the write-ahead logs are full")
    expect_not_even_sealed(product)
    expect_what_may_stay_is_found(product)
    checkpoint(product)
    expect_nowhere(product, "after a checkpoint")
    for path in ("/metrics", "/readyz", "/healthz"):
        assert found_in(fetched(product.url + path)) == set(), path
    for sent in (*house.line.replies, *house.slack.posts):
        assert found_in(json.dumps(sent, ensure_ascii=False).encode()) == set()


@contextmanager
def standing_still(product: Product, name: str) -> Iterator[None]:
    """One of the processes does nothing while the block runs."""
    process = next(each for each in product.processes() if is_called(each.cmdline(), name))
    process.suspend()
    try:
        yield
    finally:
        process.resume()


def is_called(command: list[str], name: str) -> bool:
    return command[-1] == "actions" if name == "actions" else any(part.endswith("/rasa") for part in command)


async def type_canary(door: Door, one: Canary) -> None:
    read = await door.say(one.typed(door.channel))
    said = "".join(read.texts)
    assert "お名前" in said, (door.channel, said)
    assert "メールアドレス" in said, (door.channel, said)
    for secret in one.secrets():
        assert secret not in said


def fetched(url: str) -> bytes:
    with urllib.request.urlopen(url, timeout=60) as answer:
        return bytes(answer.read())


def found_in(content: bytes) -> set[str]:
    """Which secrets of whom are in these bytes, as they are or as JSON and URLs spell them."""
    return {
        f"{channel}: {secret}"
        for channel, one in (CANARIES | WHILE_AWAY | dict(enumerate(MORE))).items()
        for secret in one.secrets()
        for spelled in {secret, json.dumps(secret).strip('"'), urllib.parse.quote(secret)}
        if spelled.encode() in content
    }


def files(product: Product) -> Iterator[Path]:
    return (path for path in product.folder.rglob("*") if path.is_file())


def expect_nowhere(product: Product, when: str) -> None:
    """Raw bytes of every file: databases with their logs and what was deleted in them, and what processes wrote."""
    looked_at = {path.name: found_in(path.read_bytes()) for path in files(product)}
    assert {"madoguchi.db", "madoguchi.db-wal", "tracker.db", "web.log", "rasa.log", "launcher.log"} <= looked_at.keys()
    assert {name: found for name, found in looked_at.items() if found} == {}, when


def expect_not_even_sealed(product: Product) -> None:
    """Whoever has the keys finds nothing either: it was taken out, not only encrypted."""
    opened = list(opened_values(product))
    assert len(opened) > 3 * len(CANARIES)
    for place, value in opened:
        assert found_in(value) == set(), place


def opened_values(product: Product) -> Iterator[tuple[str, bytes]]:
    """Every value of every table, sealed ones opened."""
    keys = {name: product.environment[f"MADOGUCHI_{name.upper()}"] for name in ("encryption_key", "hash_key")}
    vault = Vault.from_settings(Settings(_env_file=None, **keys))  # type: ignore[arg-type]  # pydantic reads texts
    for database in ("madoguchi.db", "tracker.db"):
        with closing(sqlite3.connect(product.folder / database)) as connection:
            connection.row_factory = sqlite3.Row
            for (table,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall():
                for row in connection.execute(f"SELECT * FROM {table}"):  # noqa: S608 - a table of ours
                    for column, value in zip(row.keys(), row, strict=True):
                        if column.startswith(_SEALED) and value is not None:
                            yield (
                                f"{table}.{column}",
                                vault.open_bytes(value, table=table, row=row["id"], column=column),
                            )
                        else:
                            yield f"{table}.{column}", str(value).encode()


def expect_what_may_stay_is_found(product: Product) -> None:
    """The search can find: what the same messages may leave is where it belongs, and in nothing of ours in clear."""
    opened: dict[str, bytes] = {}
    for place, value in opened_values(product):
        opened[place] = opened.get(place, b"") + value
    tracker = b"".join(path.read_bytes() for path in files(product) if path.name.startswith("tracker.db"))
    ours = b"".join(path.read_bytes() for path in files(product) if not path.name.startswith("tracker.db"))
    for one in CANARIES.values():
        assert one.stays.encode() in opened["inbox.sealed_event"]
        assert one.stays.encode() in opened["transcript.sealed_message"]
        assert json.dumps(one.stays).strip('"').encode() in tracker or one.stays.encode() in tracker
        assert one.stays.encode() not in ours


def checkpoint(product: Product) -> None:
    """Empties the write-ahead logs into the databases."""
    for database in ("madoguchi.db", "tracker.db"):
        with closing(sqlite3.connect(product.folder / database, timeout=60)) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
