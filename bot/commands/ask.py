"""`madoguchi ask`: one answer by the policy room alone, without a server."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from bot.clock import system_clock
from bot.commands.chosen import chosen
from bot.commands.quiet import logs_to_stderr
from bot.desk import FILE_NAME, load_desk
from bot.desk_days import LABEL, computed_hours
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
    from bot.policy.releases.in_force import SHIPPED, InForce, look_once  # noqa: PLC0415 - as above

    now, loaded = system_clock(), chosen()
    found = InForce(SHIPPED, "", corpus) if corpus else look_once(loaded, policy)
    assistant = open_assistant(loaded, policy, corpus=found.corpus).released(found.number)
    answer = assistant.answer(question, None, now)
    hours = _hours(question, now, policy or loaded.default_policy, found.corpus)
    if not as_json:
        typer.echo("\n".join((*((LABEL, *hours) if hours else ()), answer.message.text)))
        return
    hits = [{"section": hit.passage.section, "score": hit.score, "parts": hit.parts} for hit in answer.hits]
    shown = {"message": answer.message.to_public(), "context": answer.context, "trace": answer.trace, "hits": hits}
    shown |= {"hours": list(hours)} if hours else {}
    typer.echo(json.dumps(shown, ensure_ascii=False, indent=1))


def _hours(question: str, now: datetime, policy: str, corpus: Path) -> tuple[str, ...]:
    """What the desk's calendar says to a question about its hours; a policy without a desk file has no desk to ask."""
    from bot.policy.documents import policy_folder  # noqa: PLC0415 - as above

    folder = policy_folder(corpus, policy)
    return computed_hours(question, now, load_desk(folder)) if (folder / FILE_NAME).is_file() else ()
