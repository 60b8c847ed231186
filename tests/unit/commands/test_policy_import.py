from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot import settings
from bot.cli import run
from bot.policy.check import check_policy
from bot.policy.documents import list_versions, load_policy

PAGE = """\
<html><body><nav>ホーム</nav><main><h1>プライバシーポリシー</h1>
<h2>1. 利用目的</h2><p>商品の発送のために利用します。</p>
<h2>3. 窓口</h2><p>電話で承ります。</p></main></body></html>
"""


def madoguchi(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    monkeypatch.setattr(sys, "argv", ["madoguchi", *arguments])
    with pytest.raises(SystemExit) as ended:
        run()
    return int(ended.value.code or 0)


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    monkeypatch.setenv("MADOGUCHI_DATA_DIR", str(tmp_path / "var"))
    monkeypatch.setenv("MADOGUCHI_CORPUS_DIR", str(tmp_path / "corpus"))
    settings.load.cache_clear()
    yield
    settings.load.cache_clear()


@pytest.fixture
def page(tmp_path: Path) -> Path:
    path = tmp_path / "page.html"
    path.write_text(PAGE, encoding="utf-8")
    return path


NAMED = ("--id", "sakura", "--controller", "株式会社さくら")


def test_it_says_what_was_made_and_what_to_look_at(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], page: Path
) -> None:
    assert madoguchi(monkeypatch, "policy", "import", str(page), *NAMED, "--version", "2025-04-01") == 0

    said = capsys.readouterr().out
    assert "sakura/privacy 2025-04-01: imported 「プライバシーポリシー」, 2 sections" in said
    assert said.count("  wrote ") == 3
    assert "numbering: the numbering jumps from 1 to 3: 3. 窓口" in said
    assert "navigation: dropped as navigation (3 characters): ホーム" in said


def test_what_was_imported_loads(monkeypatch: pytest.MonkeyPatch, page: Path, tmp_path: Path) -> None:
    assert madoguchi(monkeypatch, "policy", "import", str(page), *NAMED, "--corpus", str(tmp_path / "other")) == 0

    assert check_policy(load_policy(tmp_path / "other", "sakura")) == []


def test_the_version_is_today_when_none_is_given(monkeypatch: pytest.MonkeyPatch, page: Path, tmp_path: Path) -> None:
    assert madoguchi(monkeypatch, "policy", "import", str(page), *NAMED) == 0

    (version,) = list_versions(tmp_path / "corpus", "sakura")
    assert len(version) == len("2025-04-01")


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("nothing.txt", *NAMED), "nothing.txt: there is no such file"),
        (("PAGE", *NAMED, "--version", "tomorrow"), "'tomorrow' is no version"),
        (("PAGE", "--id", "さくら", "--controller", "x"), "is no policy id"),
    ],
)
def test_bad_input_is_one_line_and_status_2(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    page: Path,
    tmp_path: Path,
    arguments: tuple[str, ...],
    says: str,
) -> None:
    given = [str(page) if argument == "PAGE" else argument for argument in arguments]

    assert madoguchi(monkeypatch, "policy", "import", *given) == 2

    (line,) = capsys.readouterr().err.splitlines()
    assert says in line
    assert not (tmp_path / "corpus").exists()
