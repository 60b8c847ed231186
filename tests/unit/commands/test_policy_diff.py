from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot import settings
from bot.cli import run
from tests.support.policy_versions import CHANGES, NEWER, RETENTION, card, gap, write_cards, write_gaps, write_newer
from tests.support.small_policy import ID, VERSION

DESK = f"""\
controller: さくら商店
service: さくら商店
desks:
  - {{id: service, about: 注文, quote: "{RETENTION}"}}
hours: {{weekdays: [mon], opens: "10:00", closes: "19:00"}}
"""


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    monkeypatch.setenv("MADOGUCHI_DATA_DIR", str(tmp_path / "var"))
    monkeypatch.setenv("MADOGUCHI_DEFAULT_POLICY", ID)
    settings.load.cache_clear()
    yield
    settings.load.cache_clear()


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    folder = tmp_path / "corpus"
    write_newer(folder)
    return folder


def diff(monkeypatch: pytest.MonkeyPatch, corpus: Path, *arguments: str) -> int:
    monkeypatch.setattr(sys, "argv", ["madoguchi", "policy", "diff", *arguments, "--corpus", str(corpus)])
    with pytest.raises(SystemExit) as ended:
        run()
    return int(ended.value.code or 0)


def test_what_changed_and_what_hangs_on_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], corpus: Path
) -> None:
    write_cards(corpus, card("retention", RETENTION), card("years", RETENTION), card("changes", CHANGES, approved=True))
    write_gaps(corpus, gap("fee", RETENTION))
    (corpus / ID / "desk.yml").write_text(DESK, encoding="utf-8")

    assert diff(monkeypatch, corpus, "sakura", VERSION, NEWER) == 0
    assert capsys.readouterr().out.splitlines() == [
        f"{ID} {VERSION} → {NEWER}: 0 added, 0 removed, 1 changed, 0 moved, 6 unchanged",
        "",
        "changed  第2条~2  第２条（委託）",
        "  - 受注から7年",
        "  + 受注から10年",
        "",
        "cards: 2 suspended, 1 to be approved again",
        f"  retention, years: the policy does not say 「{RETENTION}」",
        f"  changes: approved for {VERSION} only",
        "gaps: 1 without their nearest words",
        f"  fee: the policy does not say 「{RETENTION}」",
        f"desk.yml: desks.service.quote: the policy does not say 「{RETENTION}」",
    ]


def test_the_same_for_programs_and_the_default_policy_when_none_is_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], corpus: Path
) -> None:
    write_cards(corpus, card("retention", RETENTION))

    assert diff(monkeypatch, corpus, VERSION, NEWER, "--json") == 0
    told = json.loads(capsys.readouterr().out)
    name = {"label": "第2条~2", "heading": "第２条（委託）"}
    change = {"old": ["受注から7年"], "new": ["受注から10年"]}
    assert told == {
        "policy": ID,
        "old": VERSION,
        "new": NEWER,
        "unchanged": 6,
        "sections": [{"kind": "changed", "old": name, "new": name, "changes": [change]}],
        "cards": {"suspended": [{"id": "retention", "lost": [RETENTION]}], "unapproved": []},
        "gaps": {"lost": []},
        "desk": [],
    }


def test_a_version_against_itself(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], corpus: Path
) -> None:
    assert diff(monkeypatch, corpus, NEWER, NEWER) == 0
    assert "0 changed, 0 moved, 7 unchanged" in capsys.readouterr().out


def test_answers_that_change_are_told(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], corpus: Path
) -> None:
    questions = corpus / "questions.tsv"
    questions.write_text("question\n受注の保存期間\n業務の委託先\n", encoding="utf-8")

    assert diff(monkeypatch, corpus, VERSION, NEWER, "--questions", str(questions), "--json") == 0
    (change,) = json.loads(capsys.readouterr().out)["answers"]
    assert change["question"] == "受注の保存期間"
    assert "7年" in "".join(change["old"]["quotes"])
    assert "10年" in "".join(change["new"]["quotes"])


def test_answers_are_printed_old_and_new(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], corpus: Path
) -> None:
    questions = corpus / "questions.tsv"
    questions.write_text("question\n受注の保存期間\n", encoding="utf-8")

    assert diff(monkeypatch, corpus, VERSION, NEWER, "--questions", str(questions)) == 0
    *_, told, asked, old, new = capsys.readouterr().out.splitlines()
    assert (told, asked) == ("answers: 1 change", "  受注の保存期間")
    assert old.startswith("    - answer 「")
    assert new.startswith("    + answer 「")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((VERSION,), "policy diff takes two versions"),
        (("a", "b", "c", "d"), "policy diff takes two versions"),
        ((VERSION, "1999-01-01"), "has no version '1999-01-01'"),
        (("ume", VERSION, NEWER), "holds no policy ume/privacy"),
        ((VERSION, NEWER, "--questions", "none.tsv"), "none.tsv"),
    ],
)
def test_bad_input_is_one_line_and_status_2(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    corpus: Path,
    arguments: tuple[str, ...],
    message: str,
) -> None:
    assert diff(monkeypatch, corpus, *arguments) == 2
    told = capsys.readouterr()
    assert (told.out, told.err.count("\n")) == ("", 1)
    assert message in told.err


def test_a_question_set_about_another_policy_is_refused(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], corpus: Path
) -> None:
    questions = corpus / "questions.tsv"
    questions.write_text("question\tpolicy_file\n保存期間\tother.txt\n", encoding="utf-8")

    assert diff(monkeypatch, corpus, VERSION, NEWER, "--questions", str(questions)) == 2
    assert "questions.tsv:2: the row is about another policy" in capsys.readouterr().err
