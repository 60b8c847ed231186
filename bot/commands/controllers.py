"""`madoguchi controllers …`: the files of further companies (docs/controllers.md)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated

import typer
from dotenv import dotenv_values

from bot import settings
from bot.controllers import ControllersAreWrongError, fields_of, files_of, read_controllers
from bot.errors import BadInputError
from bot.secret_split import OURS, SPLIT, held_by
from bot.settings import PREFIX

app = typer.Typer(help="The files of further companies that an installation serves.", no_args_is_help=True)


@app.callback()
def main() -> None:
    """Keeps `controllers` a group."""


@app.command()
def split(
    folder: Annotated[Path, typer.Argument(help="The folder of whole files, <controller>.env each.")],
    into: Annotated[Path, typer.Argument(help="The folder that gets a folder a process: actions, web, jobs, console.")],
) -> None:
    """Writes each process a folder of its own, in whose files no other process's secrets are.

    What is there already is replaced, and the files of companies that are gone go. Names are printed, never a value.
    """
    # A company that cannot be served is told of here, and not by a process that does not start.
    read_controllers(settings.load().model_copy(update={"controllers_dir": folder}))
    whole = {file: fields_of(file) for file in files_of(folder)}
    try:
        # As with deploy/new-secrets.sh: the folder is closed, and what lies in it can be read by a container's user.
        into.mkdir(mode=0o700, exist_ok=True)
        into.chmod(0o700)
        for process in sorted(OURS):
            for line in _hand(process, whole, into / process):
                typer.echo(line)
    except OSError as error:
        raise BadInputError(f"{error.filename}: {error.strerror or type(error).__name__}") from None


def of_process(process: str, fields: Mapping[str, str]) -> dict[str, str]:
    """What of a company's settings this process is handed: all but the secrets that `bot.secret_split` gives others."""
    return {name: value for name, value in fields.items() if name not in SPLIT or process in SPLIT[name]}


def _hand(process: str, whole: Mapping[Path, Mapping[str, str]], place: Path) -> Iterator[str]:
    place.mkdir(exist_ok=True)
    place.chmod(0o755)
    for gone in sorted({path.name for path in files_of(place)} - {file.name for file in whole}):
        (place / gone).unlink()
        yield f"{process}/{gone}: removed"
    for file, fields in whole.items():
        own = of_process(process, fields)
        _write(file, own, place / file.name)
        secrets = sorted(held_by(process) & own.keys())
        yield f"{process}/{file.name}: {' '.join(PREFIX + name.upper() for name in secrets) or 'no secret'}"


def _write(source: Path, fields: Mapping[str, str], place: Path) -> None:
    variables = {PREFIX + name.upper(): value for name, value in fields.items()}
    scratch = place.with_suffix(".new")
    scratch.unlink(missing_ok=True)
    scratch.touch(mode=0o600)
    scratch.write_text("".join(f"{name}={_quoted(value)}\n" for name, value in variables.items()), "utf-8")
    # Quoted, such a file has no way to write a carriage return; what is read has to be what was meant.
    if dotenv_values(scratch, interpolate=False, encoding="utf-8") != variables:
        scratch.unlink()
        raise ControllersAreWrongError(f"{source}: a value cannot be written anew (has it a carriage return?)")
    scratch.chmod(0o444)
    scratch.replace(place)


def _quoted(value: str) -> str:
    escaped = value.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"
