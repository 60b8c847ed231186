"""docs/controllers.md, command for command on a copy of the tree; then two companies in one set of real processes."""

from __future__ import annotations

import json
import os
import re
import shutil
import sqlite3
import subprocess
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from bot.settings import PREFIX
from tests.support.chat import Json, Member
from tests.support.product import ROOT, Product
from tests.support.turns import one_at_a_time
from tests.support.two_controllers import FIRST, SECOND, SECOND_DESK, SECOND_HOST, SECOND_NAME

pytestmark = [pytest.mark.stack, pytest.mark.timeout(1200)]

PAGE = Path("docs/controllers.md").read_text("utf-8")
BLOCKS = re.findall(r"^```sh\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
START = "make run\n"
OWN = ("policy_corpus", "var", ".git")
"""What the copy has of its own; all else is a link to the tree."""

QUESTION = "個人情報の利用目的は何ですか"
FIRST_DESK = "support@mitsuraku.jp"


@dataclass
class Walk:
    """The page as it was followed: the running product, and what each block printed."""

    product: Product
    printed: dict[str, str] = field(default_factory=dict)

    def run(self, block: str) -> str:
        """Types a block; the ports of the page are those of this product."""
        for port, url in (("8080", self.product.url), ("8081", self.product.console_url)):
            block = block.replace(f":{port}", ":" + url.rpartition(":")[2])
        ran = subprocess.run(
            ["bash", "-eu", "-c", block],
            cwd=self.product.root,
            env=self.product.environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert ran.returncode in self._expected(block), (block, ran.stdout, ran.stderr)
        return ran.stdout

    def _expected(self, block: str) -> tuple[int, ...]:
        # What is missing before real requests is told by its status, too.
        return (1,) if "launch check" in block else (0,)

    def said(self, of: str) -> str:
        """What the block printed in which these words stand."""
        return next(said for block, said in self.printed.items() if of in block)


@pytest.fixture(scope="module")
def walk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Walk]:
    folder = tmp_path_factory.mktemp("second")
    walk = Walk(Product(folder, INDEX_DIR=str(_index(folder))))
    walk.product.root = _copy_of_tree(folder / "tree")
    walk.product.environment["PYTHONPATH"] = str(walk.product.root)
    with one_at_a_time("index"):
        before = BLOCKS[: BLOCKS.index(START)]
        walk.printed.update((block, walk.run(block)) for block in before)
    walk.product.start()
    try:
        walk.printed.update((block, walk.run(block)) for block in BLOCKS[len(before) + 1 :])
        yield walk
    finally:
        walk.product.stop()


def _copy_of_tree(place: Path) -> Path:
    place.mkdir()
    for each in ROOT.iterdir():
        if each.name not in OWN:
            (place / each.name).symlink_to(each)
    shutil.copytree(ROOT / "policy_corpus", place / "policy_corpus")
    (place / "var").mkdir()
    return place


def _index(folder: Path) -> Path:
    shared, own = Path(os.environ[f"{PREFIX}INDEX_DIR"]), folder / "index"
    with one_at_a_time("index"):
        if shared.is_dir():
            shutil.copytree(shared, own)
    return own


@pytest.fixture
def members(walk: Walk) -> tuple[Member, Member]:
    """One at each company."""
    return Member(walk.product.url), Member(walk.product.url, host=SECOND_HOST)


def status_of(url: str, host: str) -> int:
    try:
        with urllib.request.urlopen(urllib.request.Request(url, headers={"Host": host}), timeout=30) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code


def cited(messages: list[Json]) -> tuple[set[str], str]:
    """Whose policy was quoted, and its words."""
    citations = [citation for message in messages for citation in message.get("citations", ())]
    return {citation["policy"] for citation in citations}, "\n".join(citation["quote"] for citation in citations)


def test_the_page_tells_what_its_commands_print(walk: Walk) -> None:
    assert "imported 「個人情報の取扱いについて」" in walk.said("policy import")
    assert "こがね運輸株式会社" in walk.said("policy check")
    assert f"http://{SECOND_HOST}:" in walk.said("console create-admin")
    assert "/embed-" in walk.said("console create-admin")
    assert SECOND_NAME in walk.said("curl")
    assert '"kogane"' in walk.said("curl")
    assert "会員のかたが開くアドレスが https" in walk.said("launch check")
    assert f"{SECOND}: http://{SECOND_HOST}:" in walk.product.log()


def test_both_are_asked_the_same_and_give_their_own_words_and_desk(members: tuple[Member, Member]) -> None:
    first, second = members
    policies, words = cited(first.say(QUESTION))
    assert policies == {f"{FIRST}/privacy"}
    assert "こがね" not in words
    policies, words = cited(second.say(QUESTION))
    assert policies == {f"{SECOND}/privacy"}
    assert "商品のお届けと代金のご請求" in words

    for member, own, other in ((first, FIRST_DESK, SECOND_DESK), (second, SECOND_DESK, FIRST_DESK)):
        told = json.dumps(member.say("問い合わせ窓口はどこですか"), ensure_ascii=False)
        assert own in told
        assert other not in told


def test_a_request_at_the_second_is_there_alone(walk: Walk, members: tuple[Member, Member]) -> None:
    first, second = members
    receipt = _filed(second)
    number = receipt["receipt"]["number"]
    asked = second.say("自分の個人情報を開示してください")
    assert "10日以内に書面でお答えします" in json.dumps(asked, ensure_ascii=False)

    assert number in walk.run(".venv/bin/madoguchi --for kogane register list")
    assert number not in walk.run(".venv/bin/madoguchi register list")
    with sqlite3.connect(walk.product.folder / "madoguchi.db") as database:
        found = database.execute("SELECT controller FROM request WHERE number = ?", (number,)).fetchall()
        trail = database.execute("SELECT DISTINCT controller FROM audit").fetchall()
    database.close()
    assert found == trail == [(SECOND,)]

    # The first one's members learn nothing by the number, and its host does not open the second one's page.
    assert "開示" not in json.dumps(first.say(f"受付番号{number}の状況を教えてください"), ensure_ascii=False)
    link = receipt["link"]["url"]
    assert link.startswith(f"http://{SECOND_HOST}:")
    path = re.sub(r"^http://[^/]+", "", link)
    form = walk.product.url + path
    assert (status_of(form, SECOND_HOST), status_of(form, "nobody.localhost")) == (200, 421)


def test_each_console_is_at_its_own_host(walk: Walk) -> None:
    login = f"{walk.product.console_url}/login"
    assert [status_of(login, host) for host in ("127.0.0.1", SECOND_HOST, "nobody.localhost")] == [200, 200, 421]
    setup = walk.said("console create-admin").splitlines()[0]
    path = re.sub(r"^http://[^/]+", "", setup)
    assert status_of(walk.product.console_url + path, SECOND_HOST) == 200


def _filed(member: Member) -> Json:
    member.say("自分の個人情報を開示してください")
    for _ in range(5):
        message = member.last[-1]
        if message["kind"] == "receipt":
            return message
        member.press_first()
    raise AssertionError(member.last)
