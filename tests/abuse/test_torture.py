"""Japanese as it comes out of old systems, phones and ill will: the same meaning and record on every way in."""

from __future__ import annotations

import itertools
import json
import shutil
import unicodedata
import uuid
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from aiohttp.test_utils import TestClient, TestServer

from bot.app import build_app
from bot.channels.intake import LONGEST_TEXT, clean
from bot.register import kinds
from bot.register.kinds import Kind
from tests.support.channel_gateway import ScriptedRasa, channel_settings, scripted_gateway
from tests.support.fake_line import FakeLine, signed, text_event, webhook
from tests.support.fake_slack import FakeSlack, direct_message, event_callback
from tests.support.fake_slack import signed as signed_by_slack
from tests.support.waiting import until
from tests.support.web_member import Client

_ASKED = "個人データの開示請求をしたいです"

# What is sent, and what is kept of it: the words as they were typed, without what nobody types.
TORTURE: dict[str, tuple[str, str]] = {
    "NFD": (unicodedata.normalize("NFD", "データの開示ガギグ"), unicodedata.normalize("NFD", "データの開示ガギグ")),
    "half-width kana": ("ﾃﾞｰﾀの開示請求をしたいです", "ﾃﾞｰﾀの開示請求をしたいです"),
    "full-width letters": ("ＤＡＴＡの開示請求", "ＤＡＴＡの開示請求"),
    "half a character": ("開示\ud83dをしたい", "開示\ufffdをしたい"),
    "the other half": ("\udc68開示", "\ufffd開示"),
    "bidi controls": ("開示\u202eしたい\u2066です\u2069", "開示したいです"),
    "a family in one character": ("👨‍👩‍👧‍👦の開示", "👨‍👩‍👧‍👦の開示"),
    "a flag": ("🏴\U000e0067\U000e0062\U000e007fの開示", "🏴の開示"),
    "NUL": ("開\0示を\0したい", "開示をしたい"),
    "escapes": ("\x1b[31m開示\x07したい\x7f", "[31m開示したい"),
    "C1 controls": ("開示\x85\x9bしたい", "開示したい"),
    "a byte order mark": ("\ufeff開示したい", "開示したい"),
    "tags": ("開示\U000e0041\U000e0042したい", "開示したい"),
    "soft hyphens and empty spaces": ("開\u00ad示\u200bし\u2060たい", "開示したい"),
    "variation selectors": ("葛\U000e0100城の開示", "葛\U000e0100城の開示"),
    "marks upon marks": ("開\u0301\u0302\u0303\u0304\u3099\u309a示", "開\u0301\u0302\u0303\u0304\u3099\u309a示"),
    "line ends": ("開示\r\nしたい\u2028です", "開示\nしたい\u2028です"),
    "no characters": ("開示\uffff\ufdd0したい", "開示\uffff\ufdd0したい"),
    "private use": ("外字\ue000の開示", "外字\ue000の開示"),
    "a command": ("\u3000/restart", "／restart"),
}
# A message of Slack's is known by its moment: two of one moment would be one message.
_MOMENTS = itertools.count()
_EACH = pytest.mark.parametrize(("sent", "kept"), TORTURE.values(), ids=TORTURE.keys())


class Doors:
    """One gateway with three ways in."""

    def __init__(self, client: Client, rasa: ScriptedRasa) -> None:
        self.client = client
        self.rasa = rasa

    async def heard(self) -> str:
        """What reached Rasa last."""
        await until(lambda: bool(self.rasa.heard))
        return self.rasa.heard.pop()[1]


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def doors(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Doors]:
    database = tmp_path_factory.mktemp("torture") / "web.db"
    shutil.copy(sqlite_template, database)
    line, slack = TestServer(FakeLine(quota=None).app()), TestServer(FakeSlack().app())
    async with line, slack:
        urls = {"line_api_url": str(line.make_url("")).rstrip("/"), "slack_api_url": str(slack.make_url("/api/"))}
        gateway, rasa = scripted_gateway(channel_settings(database, **urls))
        async with TestClient(TestServer(build_app(gateway))) as client:
            yield Doors(client, rasa)


@_EACH
@pytest.mark.asyncio(loop_scope="module")
async def test_the_chat_api_keeps_what_was_typed(doors: Doors, sent: str, kept: str) -> None:
    await doors.client.post("/api/conversations", json={})
    body = json.dumps({"id": str(uuid.uuid4()), "text": sent})
    response = await doors.client.post("/api/messages", data=body, headers={"Content-Type": "application/json"})
    assert response.status == 200
    assert await doors.heard() == kept
    history = (await (await doors.client.get("/api/messages")).json())["messages"]
    assert [one["text"].strip() for one in history if one["kind"] == "member"] == [kept.replace("／", "/")]


@_EACH
@pytest.mark.asyncio(loop_scope="module")
async def test_line_keeps_what_was_typed(doors: Doors, sent: str, kept: str) -> None:
    body = json.dumps({"destination": "U0", "events": [text_event(sent, event_id=uuid.uuid4().hex)]}).encode()
    response = await doors.client.post("/line/webhook", data=body, headers=signed(body))
    assert response.status == 200
    assert await doors.heard() == kept


@_EACH
@pytest.mark.asyncio(loop_scope="module")
async def test_slack_keeps_what_was_typed(doors: Doors, sent: str, kept: str) -> None:
    ts = f"{1_795_426_200 + next(_MOMENTS)}.000000"
    event = direct_message(sent, ts=ts, event_ts=ts)
    body = json.dumps(json.loads(event_callback(direct_message(""), event_id=uuid.uuid4().hex)) | {"event": event})
    response = await doors.client.post("/slack/events", data=body, headers=signed_by_slack(body))
    assert response.status == 200
    assert await doors.heard() == kept


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("count", [LONGEST_TEXT + 1, 20_000])
async def test_too_long_a_text_is_told_so_on_every_way_in(doors: Doors, count: int) -> None:
    await doors.client.post("/api/conversations", json={})
    response = await doors.client.post("/api/messages", json={"id": str(uuid.uuid4()), "text": "開" * count})
    assert response.status in {413, 422}
    told = (await response.json())["detail"]
    assert told in {"メッセージが長すぎます。1000文字以内でお送りください。", "送られた内容が大きすぎます。"}
    body = webhook(text_event("開" * count, event_id=uuid.uuid4().hex))
    assert (await doors.client.post("/line/webhook", data=body, headers=signed(body))).status == 200
    slack = event_callback(direct_message("開" * count, ts=f"1795426300.{count:06}"), event_id=uuid.uuid4().hex)
    assert (await doors.client.post("/slack/events", data=slack.encode(), headers=signed_by_slack(slack))).status == 200
    assert doors.rasa.heard == []


@pytest.mark.parametrize(
    "spelled",
    [
        _ASKED,
        unicodedata.normalize("NFD", _ASKED),
        unicodedata.normalize("NFKC", _ASKED).replace("データ", "ﾃﾞｰﾀ"),
        "個人ﾃﾞｰﾀの開\u200b示請求をしたいです",
        "個人データの開\u2066示\u2069請求をしたいです",
        "\ufeff個人データの開示請求をしたいです",
        "個人データの開\u00ad示請求をしたいです",
        "個人データの開\U000e0041示請求をしたいです",
    ],
    ids=ascii,
)
def test_however_it_is_spelled_it_means_the_same(spelled: str) -> None:
    assert kinds.detect(clean(spelled)) == [Kind.DISCLOSURE]
