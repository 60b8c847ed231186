"""Imports under review: what is tried and fails leaves nothing behind."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.console.frame.forms import Upload
from bot.console.policies import staging
from bot.console.policies.staging import Staging, Wish
from bot.policy.model import Policy


def test_an_import_stays_as_it_was_when_trying_a_correction_crashes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def crash(_policy: Policy) -> list[str]:
        raise MemoryError

    imports = Staging(tmp_path)
    text = "プライバシーポリシー\n\n1. 利用目的\n\n予約の管理のために利用します。\n"
    wish = Wish("sakura/privacy", "株式会社さくら", "2027-01-01")
    staged_id = imports.add(Upload("policy.txt", "text/plain", text.encode()), wish, by="staff:sato")
    before = imports.find(staged_id)
    monkeypatch.setattr(staging, "check_policy", crash)

    with pytest.raises(MemoryError):
        imports.rewrite(staged_id, before.markdown.replace("# 1", "## 1"), None)

    assert imports.all() == [before]
    assert [path.name for path in (tmp_path / "staged").iterdir()] == [staged_id]
