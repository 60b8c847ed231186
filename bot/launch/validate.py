"""Runs `rasa data validate` and reads what it prints: its exit status is 0 even when it has warned."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

from bot.errors import BadInputError
from bot.launch.model import RASA, rasa_environment

# Warnings that are not true of this project, each with the reason.
FALSE_WARNINGS = {
    r"The utterance 'utter_default' is not used in any story or rule": "Rasa's own fallback action says it",
    r"The intent '(choose|details_received|nlu_fallback)' is listed .*, but is not found in the NLU training data": (
        "it comes as a payload of the gateway, or from the fallback classifier, and never from examples"
    ),
}
_WARNING = re.compile(r"(?:\b(?:User|Future)Warning:| (?:WARNING|ERROR) )(?P<text>.*)")
# Libraries warn about themselves in the same stream; only these speak about our files.
_SPEAKERS = ("rasa/shared", "rasa/validator", "rasa.validator", "rasa.shared", "rasa/core", "rasa.core")


def true_warnings(output: str) -> list[str]:
    """The warnings and errors in the output of the validator that have to be mended."""
    lines = [line for line in output.splitlines() if any(speaker in line for speaker in _SPEAKERS)]
    found = [match["text"].strip() for line in lines if (match := _WARNING.search(line))]
    return [text for text in found if not any(re.search(pattern, text) for pattern in FALSE_WARNINGS)]


def validate(root: Path = Path()) -> list[str]:
    """What Rasa's validator finds wrong with domain, data and configuration.

    Raises:
        BadInputError: the Rasa environment is missing, or the validator itself did not come to an end.
    """
    if not (root / RASA).exists():
        raise BadInputError(f"the Rasa environment is missing: {root / RASA} (`make run` sets it up)")
    run = subprocess.run(
        [str(RASA), "data", "validate"], cwd=root, env=rasa_environment(), capture_output=True, text=True, check=False
    )
    output = run.stdout + run.stderr
    if "No story structure conflicts found" not in output:
        last = [line for line in output.splitlines() if line.strip()][-1:]
        raise BadInputError(f"rasa data validate stopped early: {' '.join(last)}")
    return true_warnings(output)


def main() -> int:
    """Prints what has to be mended; exit status 1 when there is something, 2 when it could not be found out."""
    try:
        found = validate()
    except BadInputError as error:
        sys.stderr.write(f"madoguchi: {error}\n")
        return 2
    sys.stdout.writelines(f"{warning}\n" for warning in found)
    return 1 if found else 0


if __name__ == "__main__":
    raise SystemExit(main())
