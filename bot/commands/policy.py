"""`madoguchi policy …`: the corpus on the command line."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from bot import settings
from bot.desk import FILE_NAME, load_desk
from bot.errors import BadInputError
from bot.policy.check import check_policy
from bot.policy.citations import find_range
from bot.policy.documents import full_id, list_policies, list_versions, load_policy, policy_folder
from bot.policy.faults import PolicyIsUnknownError, QuoteIsMissingError
from bot.policy.model import Policy

FINDINGS_STATUS = 2

app = typer.Typer(help="Policies of the corpus.", no_args_is_help=True)


@app.callback()
def group() -> None:
    """Keeps `policy` a group of commands however many there are."""


@app.command()
def check(
    policy_id: Annotated[
        str | None, typer.Argument(metavar="[ID]", help="controller or controller/policy; all when left out.")
    ] = None,
    corpus: Annotated[Path | None, typer.Option(help="Folder of the policies.")] = None,
) -> None:
    """Is the corpus valid? Every version is checked: hash, every text node, labels, passages, quotes of the desk."""
    folder = corpus or settings.load().corpus_dir
    findings = 0
    for chosen, version in _versions(folder, policy_id):
        lines = _findings(folder, chosen, version)
        findings += len(lines)
        for line in lines:
            typer.echo(line, err=True)
        if not lines:
            typer.echo(_summary(folder, load_policy(folder, chosen, version)))
    if findings:
        raise typer.Exit(FINDINGS_STATUS)


def _versions(corpus: Path, policy_id: str | None) -> Iterator[tuple[str, str]]:
    chosen = list_policies(corpus) if policy_id is None else [full_id(policy_id)]
    if not chosen:
        raise PolicyIsUnknownError(f"{corpus} holds no policy: there is no <controller>/<policy>/<version>.md in it")
    for each in chosen:
        versions = list_versions(corpus, each)
        if not versions:
            raise PolicyIsUnknownError(f"{policy_folder(corpus, each)} holds no version: there is no .md file")
        yield from ((each, version) for version in versions)


def _findings(corpus: Path, policy_id: str, version: str) -> list[str]:
    try:
        policy = load_policy(corpus, policy_id, version)
        lines = [*check_policy(policy), *_desk_findings(corpus, policy)]
    except BadInputError as error:
        return [str(error)]
    return [f"{policy_id} {version}: {line}" for line in lines]


def _desk_findings(corpus: Path, policy: Policy) -> Iterator[str]:
    """The desk speaks for the newest version: what it quotes and names must stand there."""
    folder = policy_folder(corpus, policy.id)
    if not (folder / FILE_NAME).is_file() or policy.version != list_versions(corpus, policy.id)[-1]:
        return
    desk = load_desk(folder)
    for place, quote in desk.quoted.items():
        try:
            find_range(policy, quote)
        except QuoteIsMissingError:
            yield f"{FILE_NAME}: {place}: the policy does not say 「{quote}」"
    for scope in desk.scopes:
        if policy.section(scope.section) is None:
            yield f"{FILE_NAME}: scopes: {scope.title}: the policy has no section {scope.section}"


def _summary(corpus: Path, policy: Policy) -> str:
    has_desk = (policy_folder(corpus, policy.id) / FILE_NAME).is_file()
    counts = f"{len(policy.sections)} sections, {len(policy.passages)} passages, {len(policy.sentences)} sentences"
    return f"{policy.id} {policy.version}: OK, {counts}, {'desk checked' if has_desk else f'no {FILE_NAME}'}"
