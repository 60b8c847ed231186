from __future__ import annotations

from pathlib import Path

import pytest

from bot.errors import BadInputError
from bot.launch import validate
from bot.launch.model import RASA

ROOT = Path(__file__).parents[3]
SPOKEN = "\x1b[93m/site-packages/rasa/shared/utils/io.py:100: UserWarning: {}"


def test_a_warning_about_our_files_is_read() -> None:
    output = SPOKEN.format("The action 'action_lost' is used in the stories, but is not a valid utterance action.")
    assert validate.true_warnings(output) == [
        "The action 'action_lost' is used in the stories, but is not a valid utterance action."
    ]


def test_an_error_in_the_log_is_read() -> None:
    output = "2026-11-23 10:00:00 ERROR    rasa.validator  - Duplicate intent\n2026 INFO rasa.validator - fine"
    assert validate.true_warnings(output) == ["rasa.validator  - Duplicate intent"]


def test_libraries_that_warn_about_themselves_are_not_ours() -> None:
    output = (
        "/site-packages/keras/utils.py:1: DeprecationWarning: x\n"
        "/site-packages/rasa/core/tracker_store.py:1: MovedIn20Warning: set SQLALCHEMY_SILENCE_UBER_WARNING=1"
    )
    assert validate.true_warnings(output) == []


@pytest.mark.parametrize(
    "known",
    [
        "The utterance 'utter_default' is not used in any story or rule.",
        "The intent 'choose' is listed in the domain file, but is not found in the NLU training data.",
    ],
)
def test_known_false_warnings_are_left_out(known: str) -> None:
    assert validate.true_warnings(SPOKEN.format(known)) == []


def test_a_missing_environment_is_one_clear_line(tmp_path: Path) -> None:
    with pytest.raises(BadInputError, match="Rasa environment is missing"):
        validate.validate(tmp_path)


def _with_rasa(root: Path, script: str) -> Path:
    program = root / RASA
    program.parent.mkdir(parents=True)
    program.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    program.chmod(0o755)
    return root


def test_a_validator_that_breaks_off_has_not_validated(tmp_path: Path) -> None:
    root = _with_rasa(tmp_path, "echo 'YamlException: line 3'; exit 0")
    with pytest.raises(BadInputError, match="stopped early: YamlException: line 3"):
        validate.validate(root)


@pytest.mark.stack
@pytest.mark.skipif(not (ROOT / RASA).exists(), reason="the Rasa environment is missing; `make test` sets it up")
def test_domain_rules_and_examples_fit_together() -> None:
    assert validate.validate(ROOT) == []
