from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest
from junitparser import JUnitXml

from bot.cli import run
from bot.evaluation.outcomes import Outcome
from bot.evaluation.question_sets import Row
from tests.support.outcomes import outcome
from tests.support.regression import SET, clerk, written_set

PRESSING = SET.replace("- say: 本当に？", "- press: first").replace("short: true", "way: talk")
HEAD = "utterance\tkind\tsection\tanswerable\tkey_facts\n"


@pytest.fixture(autouse=True)
def answers(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every row gets the answer 「甲」 at once; nothing is searched."""

    def answer(_runner: object, rows: Sequence[Row]) -> list[Outcome]:
        return [outcome(row, "answer", "甲", golds=[True]) for row in rows]

    monkeypatch.setattr("bot.evaluation.offline.OfflineRunner.run", answer)


def _eval(monkeypatch: pytest.MonkeyPatch, *arguments: object) -> int:
    monkeypatch.setattr(sys, "argv", ["madoguchi", "eval", *map(str, arguments)])
    with pytest.raises(SystemExit) as ended:
        run()
    return int(ended.value.code or 0)


def _set(folder: Path, name: str, *lines: str) -> Path:
    file = folder / name
    file.write_text(HEAD + "".join(f"{line}\n" for line in lines), encoding="utf-8")
    return file


def test_one_set_prints_its_table(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert _eval(monkeypatch, _set(tmp_path, "a.tsv", "甲は\tqa\t1\tyes\t甲", "乙は\tqa\t1\tno\t")) == 0
    told = capsys.readouterr().out
    assert "answers with every key fact      1.000        1/1" in told
    assert "not in policy recall             0.000        0/1" in told


def test_several_sets_are_pooled_with_a_line_each(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    files = [_set(tmp_path, "a.tsv", "甲は\tqa\t1\tyes\t甲"), _set(tmp_path, "b.tsv", "乙は\tqa\t1\tyes\t乙")]
    assert _eval(monkeypatch, *files) == 0
    told = capsys.readouterr().out
    assert "answers with every key fact      0.500        1/2" in told
    assert [line.split()[0] for line in told.splitlines()[-2:]] == [str(file) for file in files]


def test_json_and_page_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    page = tmp_path / "page.html"
    assert _eval(monkeypatch, _set(tmp_path, "a.tsv", "<b>は\tqa\t1\tyes\t甲"), "--json", "--html", page) == 0
    assert json.loads(capsys.readouterr().out)["rows"][0]["utterance"] == "<b>は"
    assert "<h2>&lt;b&gt;は</h2>" in page.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "line", ["甲は\tnews\t1\tyes\t", "甲は\tqa\t1\tmaybe\t", "\tqa\t1\tyes\t", "甲は\tqa\t1\tyes\t甲\t乙"]
)
def test_a_bad_line_in_any_set_is_named_and_nothing_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], line: str
) -> None:
    good, bad = _set(tmp_path, "good.tsv", "甲は\tqa\t1\tyes\t"), _set(tmp_path, "bad.tsv", "甲は\tqa\t1\tyes\t", line)
    page = tmp_path / "page.html"
    assert _eval(monkeypatch, good, bad, "--html", page) == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.startswith(f"madoguchi: {bad}:3: ")
    assert told.err.count("\n") == 1
    assert not page.exists()


@pytest.mark.parametrize("place", ["no/such/page.html", "folder"])
def test_a_page_that_cannot_be_written_is_named_before_anything_is_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], place: str
) -> None:
    (tmp_path / "folder").mkdir()
    assert _eval(monkeypatch, _set(tmp_path, "a.tsv", "甲は\tqa\t1\tyes\t"), "--html", tmp_path / place) == 2
    assert str(tmp_path / place) in capsys.readouterr().err


def test_a_server_is_not_asked_about_policies_of_its_own_choice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "a.tsv"
    file.write_text("policy_file\tquestion\np.txt\t甲は\n", encoding="utf-8")
    assert _eval(monkeypatch, file, "--server", "http://127.0.0.1:9") == 2
    assert f"{file}: rows with policy_file" in capsys.readouterr().err


class TestRegressionSets:
    @pytest.fixture(autouse=True)
    def assistant(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """A clerk answers."""
        monkeypatch.setattr("bot.policy.assistant.open_assistant", lambda *_, **__: clerk())

    def test_a_green_set_ends_well(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert _eval(monkeypatch, written_set(tmp_path).path) == 0
        assert capsys.readouterr().out.split() == ["periods", "green", "2/2"]

    def test_a_red_one_names_its_cases_and_ends_with_status_1(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        path = written_set(tmp_path, SET.replace("2-5", "2-6")).path
        junit = tmp_path / "junit.xml"
        assert _eval(monkeypatch, path, "--junit", junit) == 1
        assert "period: 開示の期間は: 正解の箇所を引用していない" in capsys.readouterr().out
        suite = next(iter(JUnitXml.fromfile(str(junit))))
        assert (suite.name, suite.tests, suite.failures) == ("periods", 2, 1)

    def test_as_json_every_step_is_told(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert _eval(monkeypatch, written_set(tmp_path).path, "--json") == 0
        (told,) = json.loads(capsys.readouterr().out)["sets"]
        assert (told["green"], [len(case["steps"]) for case in told["cases"]]) == (True, [1, 2])

    @pytest.mark.parametrize(
        ("text", "more", "told"),
        [
            (SET, ["--html", "x.html"], "--html is for question sets"),
            (SET, ["x.tsv"], "run apart"),
            (PRESSING, ["--server", "http://127.0.0.1:9"], "presses file requests"),
            (SET, ["--junit", "/nowhere/x.xml"], "/nowhere/x.xml"),
            ("title: [", [], "periods.yml:"),
        ],
    )
    def test_what_cannot_be_run_is_told(
        self,
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
        capsys: pytest.CaptureFixture[str],
        text: str,
        more: list[str],
        told: str,
    ) -> None:
        path = tmp_path / "periods.yml"
        path.write_text(text, encoding="utf-8")
        assert _eval(monkeypatch, path, *more) == 2
        assert told in capsys.readouterr().err
