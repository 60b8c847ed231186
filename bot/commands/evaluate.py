"""`madoguchi eval`: measures question sets, with or without a server."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.clock import system_clock
from bot.commands.chosen import chosen
from bot.commands.evaluate_sets import SUFFIX, Wanted, run_sets
from bot.commands.quiet import logs_to_stderr
from bot.errors import BadInputError

if TYPE_CHECKING:
    from bot.evaluation.question_sets import Row


def evaluate(  # noqa: PLR0913, PLR0917 - typer takes one parameter an option
    files: Annotated[
        list[Path],
        typer.Argument(metavar="FILE …", help="Question sets (.tsv); several are pooled. Or regression sets (.yml)."),
    ],
    policy: Annotated[str | None, typer.Option(metavar="ID", help="controller or controller/policy.")] = None,
    corpus: Annotated[Path | None, typer.Option(metavar="DIR", help="Folder of the policies.")] = None,
    server: Annotated[str | None, typer.Option(metavar="URL", help="Ask this server's chat API instead.")] = None,
    html: Annotated[Path | None, typer.Option(metavar="FILE", help="Write a page with every row, to be read.")] = None,
    junit: Annotated[Path | None, typer.Option(metavar="FILE", help="Of regression sets: write JUnit XML.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print summary and every row as JSON.")] = False,  # noqa: FBT002 - a command's flag
) -> None:
    """Runs question sets and prints their measures; regression sets (.yml) must be green, else the status is 1."""
    logs_to_stderr()
    if any(file.suffix == SUFFIX for file in files):
        _check_apart(files, html)
        run_sets(chosen(), files, Wanted(policy, corpus, server, junit, as_json))
        return
    # The search loads numpy and FAISS, which the other commands need not wait for.
    from bot.evaluation import report  # noqa: PLC0415 - see above
    from bot.evaluation.html_report import html_report  # noqa: PLC0415 - see above
    from bot.evaluation.offline import OfflineRunner  # noqa: PLC0415 - see above
    from bot.evaluation.policies import Policies  # noqa: PLC0415 - see above
    from bot.evaluation.question_sets import read_question_set  # noqa: PLC0415 - see above
    from bot.evaluation.server import run_against  # noqa: PLC0415 - see above

    sets = [(file, read_question_set(file)) for file in files]
    _check(sets, server, html)
    loaded = chosen()
    if server:
        runs = [report.Run(file, run_against(server, rows)) for file, rows in sets]
    else:
        runner = OfflineRunner(Policies(loaded, policy_id=policy, corpus=corpus), system_clock)
        runs = [report.Run(file, runner.run(rows)) for file, rows in sets]
    if html is not None:
        own = all(row.policy_file for _, rows in sets for row in rows)
        source = server or ("各行の方針ファイル" if own else policy or loaded.default_policy)
        html.write_text(html_report(runs, source=source, now=system_clock()), encoding="utf-8")
    typer.echo(report.as_json(runs) if as_json else report.report(runs))


def _check_apart(files: Sequence[Path], html: Path | None) -> None:
    """Sets of the two sorts say different things, and are not pooled."""
    other = next((file for file in files if file.suffix != SUFFIX), None)
    if other is not None:
        raise BadInputError(f"{other}: question sets and regression sets are run apart")
    if html is not None:
        raise BadInputError("--html is for question sets")


def _check(sets: Sequence[tuple[Path, Sequence[Row]]], server: str | None, html: Path | None) -> None:
    """What would fail after minutes of work fails at once."""
    if html is not None and (html.is_dir() or not html.parent.is_dir()):
        raise BadInputError(f"{html}: a page cannot be written there")
    for file, rows in sets:
        if server and any(row.policy_file for row in rows):
            raise BadInputError(f"{file}: rows with policy_file cannot be asked of a server, which has its own")
