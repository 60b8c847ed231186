"""Keeps Rasa's model current: trains it when what it is made from has changed, and only then.

The name of a model file holds the digest of its inputs, and the file appears by a rename: the model of the present
inputs exists exactly if its file does, and there is no second record that could disagree with it.
`models/current.tar.gz` is a link to it.
"""

from __future__ import annotations

import hashlib
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path

from bot.errors import BadInputError, MadoguchiError

MODELS = Path("models")
RASA = Path(".venv-rasa/bin/rasa")
CURRENT = MODELS / "current.tar.gz"
_PREFIX = "madoguchi-"
_INPUTS = ("config.yml", "domain.yml", "data/**/*", "bot/components/*.py", "requirements/rasa.txt")
_KEPT = 3
# The lines of Rasa's own log that tell a waiting person how far it is.
_PROGRESS = re.compile(r"(Starting to train|Finished training) component '\w+'")


class TrainingFailedError(MadoguchiError):
    """Rasa could not train a model; the message names the log and its likely cause."""


def inputs_digest(root: Path) -> str:
    """SHA-256 over the names and contents of everything a model is made from."""
    digest = hashlib.sha256()
    for path in _inputs(root):
        digest.update(path.relative_to(root).as_posix().encode() + b"\0")
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def model_path(root: Path) -> Path:
    """Where the model of the present inputs lies, or will lie."""
    return root / MODELS / f"{_PREFIX}{inputs_digest(root)[:16]}.tar.gz"


def ensure_trained(root: Path = Path()) -> bool:
    """Makes `models/current.tar.gz` the model of the present inputs.

    Returns:
        Whether a model had to be trained.

    Raises:
        BadInputError: the Rasa environment or an input file is missing.
        TrainingFailedError: Rasa could not train.
    """
    wanted = model_path(root)
    is_missing = not wanted.exists()
    if is_missing:
        _train(root, wanted)
    _point_to(root / CURRENT, wanted)
    _drop_old(wanted.parent)
    return is_missing


def rasa_environment() -> dict[str, str]:
    """The environment Rasa, and whatever else embeds, starts with: no telemetry, one thread for each, few heaps."""
    # The embedding engine shares its thread pool with scikit-learn; on a busy machine more threads are 70 times slower,
    # and a setting made inside the process comes too late.
    # Every thread would get a heap of its own, and what one turn needs for a moment would stay in each of them.
    return os.environ | {"RASA_TELEMETRY_ENABLED": "false", "OMP_NUM_THREADS": "1", "MALLOC_ARENA_MAX": "2"}


def _inputs(root: Path) -> Iterator[Path]:
    for pattern in _INPUTS:
        found = sorted(path for path in root.glob(pattern) if path.is_file())
        if not found:
            raise BadInputError(f"the model cannot be trained: {root / pattern} is missing")
        yield from found


def _train(root: Path, wanted: Path) -> None:
    if not (root / RASA).exists():
        raise BadInputError(f"the Rasa environment is missing: {root / RASA} (`make run` sets it up)")
    wanted.parent.mkdir(exist_ok=True)
    _say("training, about half a minute")
    with tempfile.TemporaryDirectory(prefix=".training-", dir=wanted.parent) as workshop:
        _run_training(root, Path(workshop))
        (Path(workshop) / "model.tar.gz").replace(wanted)


def _point_to(link: Path, wanted: Path) -> None:
    if link.is_symlink() and link.readlink().name == wanted.name:
        return
    fresh = link.with_name(f".{link.name}.{os.getpid()}")
    fresh.symlink_to(wanted.name)
    fresh.replace(link)


def _drop_old(folder: Path) -> None:
    # The newest few stay, because a process that was told to start with one of them may not have read it yet.
    newest_first = sorted(folder.glob(f"{_PREFIX}*.tar.gz"), key=lambda path: path.stat().st_mtime, reverse=True)
    for old in newest_first[_KEPT:]:
        old.unlink(missing_ok=True)


def _run_training(root: Path, workshop: Path) -> None:
    # --force: Rasa's cache knows the source of a component's class only, not of the modules behind it.
    command = [str(RASA), "train", "--force", "--fixed-model-name", "model", "--out", str(workshop.resolve())]
    with subprocess.Popen(
        command, cwd=root, env=rasa_environment(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as training:
        lines = list(_shown(training.stdout or ()))
    if training.returncode != 0 or not (workshop / "model.tar.gz").exists():
        log = root / MODELS / "training.log"
        log.write_text("".join(lines), encoding="utf-8")
        raise TrainingFailedError(f"training Rasa's model failed: {_cause(lines)} (whole output: {log})")


def _shown(output: Iterable[str]) -> Iterator[str]:
    for line in output:
        progress = _PROGRESS.search(line)
        if progress:
            _say(progress.group())
        yield line


def _cause(lines: list[str]) -> str:
    spoken = [line.strip() for line in lines if line.strip()]
    return spoken[-1] if spoken else "Rasa said nothing"


def _say(line: str) -> None:
    sys.stdout.write(f"model: {line}\n")
    sys.stdout.flush()


def main() -> int:
    """Trains the model if it is not current; exit status 2 and one line when that fails."""
    try:
        _say(f"{CURRENT} " + ("is trained" if ensure_trained() else "is current"))
    except MadoguchiError as error:
        sys.stderr.write(f"madoguchi: {error}\n")
        return 2
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
