"""`madoguchi ask`: one answer by the policy room alone, without a server."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from bot import settings
from bot.clock import system_clock
from bot.commands.quiet import logs_to_stderr
from bot.errors import BadInputError


def ask(
    question: Annotated[str, typer.Argument(metavar="質問", help="What a member would type.")],
    policy: Annotated[str | None, typer.Option(metavar="ID", help="controller or controller/policy.")] = None,
    corpus: Annotated[Path | None, typer.Option(metavar="DIR", help="Folder of the policies.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print message, context, trace and hits as JSON.")] = False,  # noqa: FBT002 - a command's flag
) -> None:
    """One answer by the policy alone, no server."""
    if not question.strip():
        raise BadInputError("the question is empty")
    logs_to_stderr()
    # The search loads numpy and FAISS, which the other commands need not wait for.
    from bot.policy.assistant import open_assistant  # noqa: PLC0415 - see above

    answer = open_assistant(settings.load(), policy, corpus=corpus).answer(question, None, system_clock())
    if not as_json:
        typer.echo(answer.message.text)
        return
    hits = [{"section": hit.passage.section, "score": hit.score, "parts": hit.parts} for hit in answer.hits]
    shown = {"message": answer.message.to_public(), "context": answer.context, "trace": answer.trace, "hits": hits}
    typer.echo(json.dumps(shown, ensure_ascii=False, indent=1))
