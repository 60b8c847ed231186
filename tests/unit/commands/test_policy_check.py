from __future__ import annotations

import shutil
import sys
from pathlib import Path

import pytest

from bot.cli import run
from tests.support.small_policy import MARKDOWN, write_small_policy

CORPUS = Path(__file__).parents[3] / "policy_corpus"
VERSION = "2026-11-23"


def madoguchi(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    monkeypatch.setattr(sys, "argv", ["madoguchi", *arguments])
    with pytest.raises(SystemExit) as ended:
        run()
    return int(ended.value.code or 0)


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    shutil.copytree(CORPUS, tmp_path / "corpus")
    return tmp_path / "corpus"


def check(monkeypatch: pytest.MonkeyPatch, corpus: Path, *policy_id: str) -> int:
    return madoguchi(monkeypatch, "policy", "check", *policy_id, "--corpus", str(corpus))


def test_the_corpus_is_valid(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    assert check(monkeypatch, CORPUS, "eparkrelax") == 0

    told = capsys.readouterr()
    assert told.out == (f"eparkrelax/privacy {VERSION}: OK, 32 sections, 40 passages, 117 sentences, desk checked\n")
    assert told.err == ""


def test_every_policy_is_checked_when_none_is_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], copied: Path
) -> None:
    write_small_policy(copied)

    assert check(monkeypatch, copied) == 0
    assert [line.split(":")[0] for line in capsys.readouterr().out.splitlines()] == [
        f"eparkrelax/privacy {VERSION}",
        "sakura/privacy 2025-04-01",
    ]


def test_a_policy_with_a_fault_does_not_hide_the_others(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], copied: Path
) -> None:
    write_small_policy(copied, markdown=MARKDOWN.replace("商品の発送", "商品の配送"))

    assert check(monkeypatch, copied) == 2
    told = capsys.readouterr()
    assert "2025-04-01.md:22: the Markdown says 「配送」 where the source says 「発送 1. お問い合わせ" in told.err
    assert told.err.count("\n") == 1
    assert "eparkrelax" in told.out


def test_a_changed_source_is_told(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], copied: Path
) -> None:
    source = copied / "eparkrelax" / "privacy" / f"{VERSION}.txt"
    source.write_text(source.read_text(encoding="utf-8").replace("\u2fa7", "長"), encoding="utf-8")

    assert check(monkeypatch, copied) == 2
    assert f"{source}: sha256 is " in capsys.readouterr().err


def test_quotes_and_scopes_of_the_desk_are_checked(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], copied: Path
) -> None:
    desk = copied / "eparkrelax" / "privacy" / "desk.yml"
    text = desk.read_text(encoding="utf-8").replace("なお、法令により", "法律により").replace("2-1-健康情報", "2-9")
    desk.write_text(text, encoding="utf-8")

    assert check(monkeypatch, copied) == 2
    place = f"eparkrelax/privacy {VERSION}: desk.yml"
    quote = "法律により開示等の申し出には応じられない場合があります。"
    assert capsys.readouterr().err.splitlines() == [
        f"{place}: quotes.refusal: the policy does not say 「{quote}」",
        f"{place}: scopes: 健康情報: the policy has no section 2-9",
    ]


def test_a_desk_file_that_cannot_be_read_is_told(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], copied: Path
) -> None:
    (copied / "eparkrelax" / "privacy" / "desk.yml").write_text("desks: 1\n", encoding="utf-8")

    assert check(monkeypatch, copied) == 2
    assert "desk.yml: controller: Field required" in capsys.readouterr().err


@pytest.mark.parametrize("policy_id", ["ume", "Ume", "a/b/c"])
def test_an_id_that_is_not_there_is_one_line_and_status_2(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], policy_id: str
) -> None:
    assert check(monkeypatch, CORPUS, policy_id) == 2

    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.startswith("madoguchi: ")
    assert told.err.count("\n") == 1


@pytest.mark.parametrize("policy_id", [(), ("sakura",)])
def test_an_empty_corpus_is_told(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path, policy_id: tuple[str, ...]
) -> None:
    (tmp_path / "sakura" / "privacy").mkdir(parents=True)

    assert check(monkeypatch, tmp_path, *policy_id) == 2
    assert "there is no" in capsys.readouterr().err
