"""方針 through its pages: the real corpus, a second version beside it, and an import from file to structure."""

from __future__ import annotations

import asyncio
import html
import re
import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from bot.console.frame.background import Task
from bot.console.policies import import_pages
from bot.console.policies.staging import Staging
from bot.policy.releases import editing
from bot.policy.releases.snapshot import Files
from bot.staff.roles import Role
from bot.storage.engine import transaction
from tests.support.console import Desk, console_settings, running_console

_OF = "/policies/of/eparkrelax/privacy"
_TEXT = """個人情報保護方針
株式会社見本は、会員の個人情報を次のとおり取り扱います。
第1条（利用目的）
取得した個人情報は、予約の管理のために利用します。
第2条（第三者提供）
法令に基づく場合を除き、第三者に提供しません。
第4条（お問い合わせ窓口）
見本窓口 info@example.jp
"""


@pytest.fixture
async def desk(sqlite_template: Path, tmp_path: Path) -> AsyncIterator[Desk]:
    """A console whose corpus holds a later version beside the real one."""
    database = tmp_path / "console.db"
    shutil.copy(sqlite_template, database)
    corpus = tmp_path / "corpus"
    shutil.copytree("policy_corpus", corpus)
    folder = corpus / "eparkrelax" / "privacy"
    markdown = (folder / "2026-11-23.md").read_text("utf-8")
    (folder / "2999-01-01.txt").write_bytes((folder / "2026-11-23.txt").read_bytes())
    (folder / "2999-01-01.md").write_text(markdown.replace('version: "2026-11-23"', 'version: "2999-01-01"'), "utf-8")
    settings = console_settings(f"sqlite:///{database}", corpus_dir=corpus, data_dir=tmp_path / "var")
    async with running_console(settings) as running:
        yield running


async def test_the_shelf_tells_what_is_in_force_and_what_waits(desk: Desk) -> None:
    page = await (await desk.signed_in(Role.VIEWER)).get("/policies")
    assert "公開中" in page
    assert "公開待ち" in page
    assert "版を取り込む" not in page


async def test_a_version_is_shown_as_members_see_it(desk: Desk) -> None:
    staff = await desk.signed_in(Role.VIEWER)
    assert "５．開示等の手続き" in await staff.get(f"{_OF}/2026-11-23")
    await staff.get(f"{_OF}/1999-01-01", status=404)
    await staff.get("/policies/of/nobody/nothing/2026-11-23", status=404)


async def test_two_versions_of_the_same_words_differ_in_nothing(desk: Desk) -> None:
    page = await (await desk.signed_in(Role.VIEWER)).get(f"{_OF}/2026-11-23/to/2999-01-01")
    assert "変更 0" in page


async def test_work_that_goes_on_is_asked_after_and_its_fault_told(desk: Desk) -> None:
    staff = await desk.signed_in(Role.COUNSELLOR)
    subject = f"{desk.console.settings.corpus_dir} eparkrelax/privacy 2026-11-23"
    task = Task(f"survey {subject}", desk.clock(), done=3, total=40)
    desk.console.background._tasks[task.name] = task
    page = await staff.get(f"{_OF}/2026-11-23/gaps")
    assert "40 問のうち 3 問" in page
    assert 'hx-trigger="every 2s"' in page
    task.fault = "索引がありません"
    task.ended.set()
    assert "索引がありません" in await staff.get(f"{_OF}/2026-11-23/gaps")


async def test_a_file_is_imported_reviewed_and_corrected(desk: Desk) -> None:
    staff = await desk.signed_in(Role.OFFICER)
    wish = {"policy_id": "eparkrelax/privacy", "version": "2026-12-01", "text": _TEXT}
    where, _ = await staff.post("/policies/import", wish)
    page = await staff.get(where)
    assert "番号の続き方" in page
    assert "予約の管理のために利用します" in page
    markdown = _markdown_in(page)
    await staff.post(where, {"markdown": markdown, "begins": "2027-01-15"})
    assert "effective_date: 2027-01-15" in await staff.get(where)
    wrong = markdown.replace("予約の管理", "広告の配信")
    _, refused = await staff.post(where, {"markdown": wrong, "begins": ""}, status=400)
    assert "構成が本文と合いません" in refused
    assert "広告の配信" in refused
    assert "広告の配信" not in await staff.get(where)
    await staff.post(f"{where}/drop")
    await staff.get(where, status=400)


async def test_a_reviewed_import_waits_in_the_candidate_and_is_compared_there(desk: Desk) -> None:
    staff = await desk.signed_in(Role.OFFICER)
    wish = {"policy_id": "eparkrelax/privacy", "version": "2026-12-01", "text": _TEXT}
    where, _ = await staff.post("/policies/import", wish)
    compared, _ = await staff.post(f"{where}/adopt")
    assert compared == f"{_OF}/2026-11-23/to/2026-12-01?of=candidate"
    assert "公開候補の版です" in await staff.get(compared)
    assert "公開候補" in await staff.get("/policies")
    await staff.get(f"{_OF}/2026-12-01", status=404)
    await staff.get(where, status=400)


async def test_others_write_while_an_import_is_proven_servable(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    def proven(*given: Any) -> Files:  # noqa: ANN401 - as the original
        with transaction(desk.console.engine):
            return editing.checked(*given)

    monkeypatch.setattr(import_pages, "checked", proven)
    staff = await desk.signed_in(Role.OFFICER)
    wish = {"policy_id": "eparkrelax/privacy", "version": "2026-12-01", "text": _TEXT}
    where, _ = await staff.post("/policies/import", wish)
    adopted, _ = await staff.post(f"{where}/adopt")
    assert adopted.endswith("?of=candidate")


async def test_what_cannot_be_imported_is_told_and_leaves_nothing(desk: Desk) -> None:
    staff = await desk.signed_in(Role.ADMIN)
    for change in ({"text": ""}, {"policy_id": "../../etc"}, {"version": "昨日"}, {"version": "2026-11-23"}):
        wish = {"policy_id": "eparkrelax/privacy", "version": "2026-12-01", "text": _TEXT}
        await staff.post("/policies/import", wish | change, status=400)
    staged = await asyncio.to_thread(Staging(desk.console.settings.data_dir).all)
    assert staged == []


def _markdown_in(page: str) -> str:
    found = re.search(r'<textarea[^>]*name="markdown"[^>]*>(.*?)</textarea>', page, re.DOTALL)
    assert found
    return html.unescape(found.group(1))
