from __future__ import annotations

from pathlib import Path

import pytest

from bot.errors import BadInputError
from bot.launch import model

TRAINS = """while [ $# -gt 0 ]; do [ "$1" = --out ] && out="$2"; shift; done
echo "2026 INFO rasa.engine.training.hooks  - Starting to train component 'RulePolicy'."
echo trained > "$out/model.tar.gz"; echo run >> runs"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    for name in ("config.yml", "domain.yml", "data/nlu/greet.yml", "bot/components/a.py", "requirements/rasa.txt"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("content", encoding="utf-8")
    _rasa_does(tmp_path, TRAINS)
    return tmp_path


def _rasa_does(root: Path, script: str) -> None:
    program = root / model.RASA
    program.parent.mkdir(parents=True, exist_ok=True)
    program.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    program.chmod(0o755)


def _runs(root: Path) -> int:
    return len((root / "runs").read_text(encoding="utf-8").splitlines())


def test_trains_once_and_shows_progress(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert model.ensure_trained(project)
    assert not model.ensure_trained(project)
    assert _runs(project) == 1
    assert (project / model.CURRENT).read_text(encoding="utf-8") == "trained\n"
    assert "Starting to train component 'RulePolicy'" in capsys.readouterr().out


@pytest.mark.parametrize(
    "changed", ["config.yml", "domain.yml", "data/nlu/greet.yml", "data/rules/new.yml", "bot/components/a.py"]
)
def test_a_changed_input_trains_again(project: Path, changed: str) -> None:
    model.ensure_trained(project)
    before = (project / model.CURRENT).readlink()
    (project / changed).parent.mkdir(exist_ok=True)
    (project / changed).write_text("changed", encoding="utf-8")
    assert model.ensure_trained(project)
    assert (project / model.CURRENT).readlink() != before


def test_going_back_needs_no_training(project: Path) -> None:
    model.ensure_trained(project)
    first = (project / model.CURRENT).readlink()
    (project / "config.yml").write_text("other", encoding="utf-8")
    model.ensure_trained(project)
    (project / "config.yml").write_text("content", encoding="utf-8")
    assert not model.ensure_trained(project)
    assert (project / model.CURRENT).readlink() == first


def test_only_the_newest_models_stay(project: Path) -> None:
    for version in range(5):
        (project / "config.yml").write_text(str(version), encoding="utf-8")
        model.ensure_trained(project)
    assert len(list((project / model.MODELS).glob("madoguchi-*"))) == 3
    assert (project / model.CURRENT).exists()


@pytest.mark.parametrize("script", ["echo 'InvalidDomain: bad slot'; exit 1", "echo 'InvalidDomain: bad slot'"])
def test_a_failed_training_is_one_line_and_leaves_the_old_model(project: Path, script: str) -> None:
    model.ensure_trained(project)
    before = (project / model.CURRENT).readlink()
    (project / "domain.yml").write_text("broken", encoding="utf-8")
    _rasa_does(project, script)
    with pytest.raises(model.TrainingFailedError, match="InvalidDomain: bad slot"):
        model.ensure_trained(project)
    assert (project / model.CURRENT).readlink() == before
    assert sorted(path.name for path in (project / model.MODELS).iterdir()) == [
        "current.tar.gz",
        before.name,
        "training.log",
    ]


def test_missing_inputs_and_environments_are_named(project: Path) -> None:
    (project / model.RASA).unlink()
    with pytest.raises(BadInputError, match="Rasa environment is missing"):
        model.ensure_trained(project)
    (project / "domain.yml").unlink()
    with pytest.raises(BadInputError, match=r"domain\.yml is missing"):
        model.ensure_trained(project)


def test_the_command_exits_with_2(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(project)
    assert model.main() == 0
    (project / "domain.yml").unlink()
    assert model.main() == 2
    assert capsys.readouterr().err == "madoguchi: the model cannot be trained: domain.yml is missing\n"
