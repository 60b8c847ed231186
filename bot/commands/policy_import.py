"""`madoguchi policy import`: a file becomes a version in the corpus, which a person then reviews."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from bot import settings
from bot.clock import in_tokyo, system_clock
from bot.policy.importing import Imported, import_policy


def import_file(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Plain text, HTML, Markdown or PDF.")],
    policy_id: Annotated[str, typer.Option("--id", metavar="ID", help="controller or controller/policy.")],
    controller: Annotated[str, typer.Option(metavar="NAME", help="Legal name of the company.")],
    version: Annotated[str | None, typer.Option(metavar="DATE", help="YYYY-MM-DD; today when left out.")] = None,
    corpus: Annotated[Path | None, typer.Option(metavar="DIR", help="Folder of the policies.")] = None,
) -> None:
    """Puts any Japanese policy into the corpus and says what a person should look at."""
    imported = import_policy(
        file,
        policy_id=policy_id,
        controller=controller,
        version=version or in_tokyo(system_clock()).date().isoformat(),
        corpus=corpus or settings.load().corpus_dir,
    )
    for line in _report(imported):
        typer.echo(line)


def _report(imported: Imported) -> list[str]:
    policy = imported.policy
    counts = f"{len(policy.sections)} sections, {len(policy.passages)} passages, {len(policy.sentences)} sentences"
    doubts = [f"  {doubt.line_in(policy.text)}" for doubt in imported.doubts]
    return [
        f"{policy.id} {policy.version}: imported 「{policy.title}」, {counts}",
        *(f"  wrote {path}" for path in imported.files),
        *(["Please look at:", *doubts] if doubts else []),
        "A person reviews the .md before it answers anyone.",
    ]
