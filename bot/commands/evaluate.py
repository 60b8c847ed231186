"""`madoguchi eval`: measures a question set, with or without a server."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from bot import settings
from bot.clock import system_clock
from bot.commands.quiet import logs_to_stderr
from bot.errors import BadInputError


def evaluate(
    file: Annotated[Path, typer.Argument(metavar="FILE.tsv", help="The question set.")],
    policy: Annotated[str | None, typer.Option(metavar="ID", help="controller or controller/policy.")] = None,
    corpus: Annotated[Path | None, typer.Option(metavar="DIR", help="Folder of the policies.")] = None,
    server: Annotated[str | None, typer.Option(metavar="URL", help="Ask this server's chat API instead.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print summary and every row as JSON.")] = False,  # noqa: FBT002 - a command's flag
) -> None:
    """Runs a question set and prints its measures."""
    logs_to_stderr()
    # The search loads numpy and FAISS, which the other commands need not wait for.
    from bot.evaluation.measures import summarise  # noqa: PLC0415 - see above
    from bot.evaluation.offline import OfflineRunner  # noqa: PLC0415 - see above
    from bot.evaluation.question_sets import read_question_set  # noqa: PLC0415 - see above
    from bot.evaluation.report import as_json as to_json  # noqa: PLC0415 - see above
    from bot.evaluation.report import table  # noqa: PLC0415 - see above
    from bot.evaluation.server import run_against  # noqa: PLC0415 - see above

    rows = read_question_set(file)
    if server and any(row.policy_file for row in rows):
        raise BadInputError(f"{file}: rows with policy_file cannot be asked of a server, which answers from its own")
    if server:
        outcomes = run_against(server, rows)
    else:
        outcomes = OfflineRunner(settings.load(), system_clock, policy_id=policy, corpus=corpus).run(rows)
    summary = summarise(outcomes)
    typer.echo(to_json(summary, outcomes) if as_json else table(summary))
