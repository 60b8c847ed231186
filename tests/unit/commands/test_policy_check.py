from __future__ import annotations

import re
import shutil
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from bot import settings
from bot.cli import run
from bot.commands import policy_check
from bot.policy.standard_questions import open_standard_questions
from tests.support.policy_versions import CHANGES, NEWER, RETENTION, card, gap, write_cards, write_gaps, write_newer
from tests.support.small_policy import ID, MARKDOWN, VERSION, write_small_policy

CORPUS = Path(__file__).parents[3] / "policy_corpus"
FIRST = "2026-11-23"


def madoguchi(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    monkeypatch.setattr(sys, "argv", ["madoguchi", *arguments])
    with pytest.raises(SystemExit) as ended:
        run()
    return int(ended.value.code or 0)


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    monkeypatch.setenv("MADOGUCHI_DATA_DIR", str(tmp_path / "var"))
    settings.load.cache_clear()
    yield
    settings.load.cache_clear()


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    shutil.copytree(CORPUS, tmp_path / "corpus")
    return tmp_path / "corpus"


def check(monkeypatch: pytest.MonkeyPatch, corpus: Path, *policy_id: str) -> int:
    return madoguchi(monkeypatch, "policy", "check", *policy_id, "--corpus", str(corpus), "--no-questions")


def test_the_corpus_is_valid(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    assert check(monkeypatch, CORPUS, "eparkrelax") == 0

    told = capsys.readouterr()
    first, cards = told.out.splitlines()
    assert first == (f"eparkrelax/privacy {FIRST}: OK, in force, 32 sections, 40 passages, 117 sentences, desk checked")
    assert re.fullmatch(r"  cards: \d+ approved, \d+ unapproved; gaps: \d+", cards)
    assert told.err == ""


def test_every_policy_is_checked_when_none_is_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], copied: Path
) -> None:
    write_small_policy(copied)

    assert check(monkeypatch, copied) == 0
    assert [line.split(":")[0] for line in capsys.readouterr().out.splitlines() if "OK" in line] == [
        f"eparkrelax/privacy {FIRST}",
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
    source = copied / "eparkrelax" / "privacy" / f"{FIRST}.txt"
    source.write_text(source.read_text(encoding="utf-8").replace("\u2fa7", "長"), encoding="utf-8")

    assert check(monkeypatch, copied) == 2
    assert f"{source}: sha256 is " in capsys.readouterr().err


def test_quotes_and_scopes_of_the_desk_are_checked(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], copied: Path
) -> None:
    desk = copied / "eparkrelax" / "privacy" / "desk.yml"
    text = desk.read_text(encoding="utf-8").replace("なお、法令により", "法律により").replace("2-1-健康情報", "2-9")
    looked_at = '{purposes: {by: 見本 花子, day: 2026-12-01, value: "2025-01-01"}}'
    text = text.replace("confirmed: {}", f"confirmed: {looked_at}")
    desk.write_text(text, encoding="utf-8")

    assert check(monkeypatch, copied) == 2
    place = f"eparkrelax/privacy {FIRST}: desk.yml"
    quote = "法律により開示等の申し出には応じられない場合があります。"
    assert capsys.readouterr().err.splitlines() == [
        f"{place}: quotes.refusal: the policy does not say 「{quote}」",
        f"{place}: scopes: 健康情報: the policy has no section 2-9",
        f"{place}: confirmed.purposes: this is version {FIRST}, 2025-01-01 was looked at",
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


def test_versions_say_whether_they_are_past_in_force_or_prepared(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    write_newer(tmp_path)
    states = {date(2025, 12, 1): ["in force", "prepared"], date(2026, 12, 1): ["past", "in force"]}

    for today, expected in states.items():
        monkeypatch.setattr(policy_check, "today", lambda today=today: today)
        assert check(monkeypatch, tmp_path, "sakura") == 0
        lines = [line for line in capsys.readouterr().out.splitlines() if "OK" in line]
        assert [line.split(", ")[1] for line in lines] == expected


def test_a_quote_that_the_version_in_force_does_not_say_is_a_fault(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    write_newer(tmp_path)
    write_cards(tmp_path, card("retention", RETENTION, approved=True), card("changes", CHANGES))
    write_gaps(tmp_path, gap("fee", RETENTION))
    monkeypatch.setattr(policy_check, "today", lambda: date(2026, 12, 1))

    assert check(monkeypatch, tmp_path, "sakura") == 2
    assert capsys.readouterr().err.splitlines() == [
        f"{ID} {NEWER}: answers.yml: retention: suspended, the policy does not say 「{RETENTION}」",
        f"{ID} {NEWER}: gaps.yml: fee: nearest: the policy does not say 「{RETENTION}」",
    ]


def test_a_prepared_version_only_announces_what_it_will_suspend(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    write_newer(tmp_path)
    write_cards(
        tmp_path,
        card("retention", RETENTION, approved=True),
        card("changes", CHANGES),
        card("next", "保存期間 受注から10年", version=NEWER),
    )
    monkeypatch.setattr(policy_check, "today", lambda: date(2025, 12, 1))

    assert check(monkeypatch, tmp_path, "sakura") == 0
    assert [line for line in capsys.readouterr().out.splitlines() if "OK" not in line] == [
        "  cards: 1 approved, 1 unapproved; gaps: 0",
        f"  next: waits for version {NEWER}",
        "  cards that this version will suspend: retention",
    ]


def test_a_question_that_two_entries_claim_and_a_desk_that_nobody_knows_are_faults(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    write_small_policy(tmp_path)
    write_cards(tmp_path, card("fee", RETENTION))
    write_gaps(tmp_path, gap("fee", desk="service"))

    assert check(monkeypatch, tmp_path, "sakura") == 2
    place = f"{ID} {VERSION}: gaps.yml: fee"
    assert capsys.readouterr().err.splitlines() == [
        *(f"{place}: questions: answers.yml: fee has 「feeの{n}」 too" for n in ("一つ目", "二つ目", "三つ目")),
        f"{place}: desk.yml names no desk 'service'",
    ]


def test_a_card_that_cannot_be_read_is_told(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    write_small_policy(tmp_path)
    write_cards(tmp_path, card("fee", RETENTION).replace("text:", "texts:"))

    assert check(monkeypatch, tmp_path, "sakura") == 2
    assert "answers.yml:1: fee: text: Field required" in capsys.readouterr().err


@pytest.mark.dear
def test_the_standard_questions_are_asked_of_policies_and_open_ones_are_no_fault(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    path = write_small_policy(tmp_path / "corpus")
    companion = tmp_path / "corpus" / "sakura" / "terms"
    shutil.copytree(path.parent, companion)
    head = path.read_text(encoding="utf-8").replace(f"policy: {ID}", "policy: sakura/terms\nrole: companion")
    (companion / path.name).write_text(head, encoding="utf-8")

    assert madoguchi(monkeypatch, "policy", "check", "--corpus", str(tmp_path / "corpus")) == 0
    lines = capsys.readouterr().out.splitlines()
    (told,) = (line for line in lines if "standard questions" in line)
    matters = [line for line in lines if re.match(r"    (answered|in part|open) ", line)]
    assert told.startswith(f"{ID} {VERSION}: {len(open_standard_questions())} standard questions: ")
    assert len(matters) == len(open_standard_questions())
    assert any("取扱いの委託（法27条5項1号） → 第2条" in line for line in matters)
    assert any(line.startswith("    open ") for line in matters)
