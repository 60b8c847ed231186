"""`madoguchi policy diff`: what changed between two versions, and what that does to cards, gaps, desk and answers."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from bot.clock import system_clock
from bot.commands.chosen import chosen
from bot.commands.desk_findings import desk_findings
from bot.commands.diff_report import DiffReport, as_json, as_text
from bot.commands.quiet import logs_to_stderr
from bot.errors import BadInputError
from bot.message import Message
from bot.policy.answer_changes import AnswerChange, Ask, Context, changed_answers
from bot.policy.consequences import consequences
from bot.policy.diff import PolicyDiff, compare
from bot.policy.documents import load_policy, policy_folder
from bot.settings import Settings

_VERSIONS = 2


def diff(
    names: Annotated[
        list[str],
        typer.Argument(metavar="[ID] A B", help="controller or controller/policy (else the default); two versions."),
    ],
    corpus: Annotated[Path | None, typer.Option(metavar="DIR", help="Folder of the policies.")] = None,
    questions: Annotated[
        Path | None, typer.Option(metavar="FILE.tsv", help="Also ask both versions this question set.")
    ] = None,
    to_json: Annotated[bool, typer.Option("--json", help="Print everything as JSON.")] = False,  # noqa: FBT002 - a command's flag
) -> None:
    """What changed between two versions of a policy: its text, section by section, and what hangs on it."""
    logs_to_stderr()
    loaded = chosen()
    policy_id, old, new = _names(names, loaded.default_policy)
    folder = corpus or loaded.corpus_dir
    compared = compare(load_policy(folder, policy_id, old), load_policy(folder, policy_id, new))
    place = policy_folder(folder, policy_id)
    known = set(desk_findings(place, compared.old))
    report = DiffReport(
        diff=compared,
        consequences=consequences(place, compared.old, compared.new),
        desk=tuple(line for line in desk_findings(place, compared.new) if line not in known),
        answers=tuple(_answers(loaded, folder, compared, questions)) if questions else None,
    )
    typer.echo(as_json(report) if to_json else as_text(report))


def _names(names: list[str], default: str) -> tuple[str, str, str]:
    if len(names) not in (_VERSIONS, _VERSIONS + 1):
        raise BadInputError(
            f"policy diff takes two versions, and before them the id of a policy; got {' '.join(names)}"
        )
    old, new = names[-2:]
    return names[0] if len(names) > _VERSIONS else default, old, new


def _answers(loaded: Settings, corpus: Path, compared: PolicyDiff, questions: Path) -> Iterator[AnswerChange]:
    # Reading a question set loads the evaluation, which a plain diff need not wait for.
    from bot.evaluation.question_sets import read_question_set  # noqa: PLC0415 - see above

    conversations: list[list[str]] = []
    for row in read_question_set(questions):
        if row.policy_file:
            raise BadInputError(f"{questions}:{row.line}: the row is about another policy, {row.policy_file}")
        if row.kind == "followup" and conversations:
            conversations[-1].append(row.utterance)
        else:
            conversations.append([row.utterance])
    old, new = (_asks(loaded, corpus, policy.id, policy.version) for policy in (compared.old, compared.new))
    return changed_answers(conversations, old, new)


def _asks(loaded: Settings, corpus: Path, policy_id: str, version: str) -> Ask:
    # The search loads numpy and FAISS, which a plain diff need not wait for.
    from bot.policy.assistant import open_assistant  # noqa: PLC0415 - see above

    assistant = open_assistant(loaded, policy_id, corpus=corpus, version=version)
    now = system_clock()

    def ask(question: str, context: Context | None) -> tuple[Message, Context]:
        answer = assistant.answer(question, context, now)
        return answer.message, answer.context

    return ask
