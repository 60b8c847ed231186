"""The same ten turns at the website, on LINE and on Slack: the same rows in the register, and the same words."""

from __future__ import annotations

import re
import sqlite3
import urllib.parse
import urllib.request
from collections.abc import Iterable, Iterator
from contextlib import closing
from typing import Any

import pytest

from tests.support.three_doors import Door, House, Read

pytestmark = [pytest.mark.stack, pytest.mark.timeout(1200), pytest.mark.asyncio(loop_scope="session")]

QUESTIONS_AND_REQUEST = (
    ("say", "口座情報は何に使われますか"),
    ("say", "どのくらいの期間保管されますか"),
    ("say", "健康情報は他社に渡りますか"),
    ("say", "開示請求の手数料は"),
    ("say", "自分の個人情報を開示してください"),
    ("press", "会員情報"),
    ("press", "この内容で受け付ける"),
)
AFTER_THE_PAGE = (("say", "先ほどの請求はどうなっていますか"), ("say", "ありがとうございます"))
PERSON = {
    "role": "self",
    "name": "見本 花子",
    "reply_by": "email",
    "email": "hanako@example.com",
    "email_again": "hanako@example.com",
    "remarks": "",
}

# What differs although nothing else does: moments, receipt numbers, the tokens of pages, the ids of rows.
_OWN = (
    (re.compile(r"K\d{6}-[0-9A-Z]{4}-[0-9A-Z]{5}"), "K-"),
    (re.compile(r"\d{4}年\d{1,2}月\d{1,2}日(（.）)?( ?\d{1,2}時\d{1,2}分)?"), "日時"),
    (re.compile(r"/request/[\w-]+"), "/request/-"),
    (re.compile(r"\b[0-9a-f]{32}\b"), "id"),
    (re.compile(r"\d{4}-\d{2}-\d{2}[ T][\d:.]+(\+[\d:]+|Z)?"), "moment"),
)
# The tables that hold what is asked of the desk, and by which column a row of them belongs to a draft or a request.
_TABLES = {
    "draft": "id",
    "request": "draft_id",
    "contact": "draft_id",
    "audit": "request_id",
    "thread_message": "request_id",
}


async def test_ten_turns_are_the_same_through_every_door(house: House) -> None:
    doors = await house.doors()
    talks = {door.channel: await talk(door) for door in doors}
    for channel in ("line", "slack"):
        for number, (web, other) in enumerate(zip(talks["web"], talks[channel], strict=True), start=1):
            expect_same_words(web, other, f"turn {number} on {channel}")

    with closing(sqlite3.connect(house.product.folder / "madoguchi.db")) as database:
        kept = {channel: sorted(register_rows(database, channel)) for channel in talks}
    assert len(kept["web"]) >= len(_TABLES) - 1
    assert kept["line"] == kept["slack"] == kept["web"]


async def talk(door: Door) -> list[Read]:
    """The ten turns; the page is one of them."""
    # On a chat platform the first message comes with the first answer, and has buttons of its own.
    await door.say("こんにちは")
    read = []
    for act, words in QUESTIONS_AND_REQUEST:
        read.append(await getattr(door, act)(words))
    page = fill_in(next(link for link in read[-1].links if "/request/" in link))
    assert re.search(_OWN[0][0], page)
    for act, words in AFTER_THE_PAGE:
        read.append(await getattr(door, act)(words))
    return read


def fill_in(link: str) -> str:
    """Opens the secure page, submits the form and gives the last page."""

    def post(values: dict[str, str]) -> str:
        request = urllib.request.Request(link, data=urllib.parse.urlencode(values).encode())
        with urllib.request.urlopen(request, timeout=60) as answer:
            return str(answer.read().decode())

    hidden = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', post({})))
    return post(hidden | PERSON)


def expect_same_words(web: Read, other: Read, where: str) -> None:
    """Every part of the web's messages stands in the other's, in order, and every button."""
    whole, at = same("".join(other.texts)), 0
    for text in web.texts:
        at = whole.find(same(text), at)
        assert at >= 0, f"{where}: {text!r} is not, or not there, in {other.texts}"
        at += len(same(text))
    assert [same(title) for title in web.titles] == [same(title) for title in other.titles], where


def same(text: str) -> str:
    """The text without what each conversation has of its own, and without the line breaks of one channel."""
    for pattern, name in _OWN:
        text = pattern.sub(name, text)
    return re.sub(r"\s+", "", text)


def register_rows(database: sqlite3.Connection, channel: str) -> Iterator[tuple[str, ...]]:
    """What the register holds of this channel, each row as its table's name and its comparable values."""
    drafts = ids(database, "SELECT id FROM draft WHERE channel = ?", [channel])
    requests = ids(database, f"SELECT id FROM request WHERE draft_id IN ({marks(drafts)})", drafts)  # noqa: S608
    for table, column in _TABLES.items():
        owners = requests if column == "request_id" else drafts
        found = database.execute(f"SELECT * FROM {table} WHERE {column} IN ({marks(owners)})", owners)  # noqa: S608
        for row in found:
            yield (table, *(comparable(value, channel) for value in row))


def ids(database: sqlite3.Connection, query: str, values: Iterable[str]) -> list[str]:
    return [str(row[0]) for row in database.execute(query, list(values))]


def marks(values: list[str]) -> str:
    return ", ".join("?" * len(values))


def comparable(value: Any, channel: str) -> str:  # noqa: ANN401 - any column
    if isinstance(value, bytes):
        return "sealed"
    text = str(value).replace(f'"{channel}"', '"channel"')
    return "channel" if text == channel else same(re.sub(r"\b[0-9a-f]{64}\b", "hash", text))
