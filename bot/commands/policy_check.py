"""`madoguchi policy check`: is the corpus valid, do cards and gaps still stand, which standard questions stay open?"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Annotated, Literal

import typer

from bot import settings
from bot.clock import in_tokyo, system_clock
from bot.commands.desk_findings import desk_findings, has_desk, unknown_desks
from bot.commands.quiet import logs_to_stderr
from bot.commands.standing_table import standing_table
from bot.desk import FILE_NAME as DESK_FILE
from bot.errors import BadInputError
from bot.message import Message
from bot.policy.cards import load_cards
from bot.policy.check import check_cards, check_policy, waits
from bot.policy.companions import is_companion
from bot.policy.documents import full_id, list_policies, list_versions, load_policy, policy_folder
from bot.policy.faults import PolicyIsUnknownError
from bot.policy.gaps import load_gaps
from bot.policy.model import Policy
from bot.policy.standard_questions import open_standard_questions, survey
from bot.policy.versions import standings, version_in_force
from bot.settings import Settings

FINDINGS_STATUS = 2


Lines = list[str]
State = Literal["in force", "prepared", "past", "unknown"]


def check(
    policy_id: Annotated[
        str | None, typer.Argument(metavar="[ID]", help="controller or controller/policy; all when left out.")
    ] = None,
    corpus: Annotated[Path | None, typer.Option(help="Folder of the policies.")] = None,
    questions: Annotated[  # noqa: FBT002 - on the command line it is a flag with a name
        bool, typer.Option(help="Ask the standard questions, which takes the search; leave out for a quick check.")
    ] = True,
) -> None:
    """Is the corpus valid? Every version: hash, text nodes, labels, passages; the one in force: desk, cards, gaps.

    Then the standard questions: which the policy answers and where, and which stay open. Open ones are no fault.
    """
    logs_to_stderr()
    loaded = settings.load()
    folder = corpus or loaded.corpus_dir
    sound = {chosen: _check_document(folder, chosen) for chosen in _chosen(folder, policy_id)}
    for chosen, is_sound in sound.items():
        if questions and is_sound and not is_companion(folder, chosen):
            typer.echo(_standing(loaded, folder, chosen))
    if not all(sound.values()):
        raise typer.Exit(FINDINGS_STATUS)


def today() -> date:
    """The present day in Japan."""
    return in_tokyo(system_clock()).date()


def _chosen(corpus: Path, policy_id: str | None) -> list[str]:
    chosen = list_policies(corpus) if policy_id is None else [full_id(policy_id)]
    if not chosen:
        raise PolicyIsUnknownError(f"{corpus} holds no policy: there is no <controller>/<policy>/<version>.md in it")
    return chosen


def _check_document(corpus: Path, policy_id: str) -> bool:
    """Prints what every version comes to; whether all of them are sound."""
    states = _states(corpus, policy_id, today())
    is_sound = True
    for version in list_versions(corpus, policy_id):
        faults, summary = _check_version(corpus, policy_id, version, states.get(version, "unknown"))
        is_sound = is_sound and not faults
        for line in faults:
            typer.echo(line, err=True)
        for line in summary:
            typer.echo(line)
    return is_sound


def _states(corpus: Path, policy_id: str, day: date) -> dict[str, State]:
    """What each version is today; nothing when a head cannot be read, which the check of that version tells."""
    try:
        return dict(standings(corpus, policy_id, day))
    except BadInputError:
        return {}


def _check_version(corpus: Path, policy_id: str, version: str, state: State) -> tuple[Lines, Lines]:
    """The faults of a version, or what can be said of a sound one. Desk, cards and gaps speak for the one in force."""
    folder = policy_folder(corpus, policy_id)
    try:
        policy = load_policy(corpus, policy_id, version)
        faults = [finding.line for finding in check_policy(policy)]
        if state == "in force":
            cards, gaps = load_cards(folder, policy), load_gaps(folder, policy)
            of_cards = [finding.line for finding in check_cards(cards, gaps, policy)]
            faults += [*desk_findings(folder, policy), *of_cards, *unknown_desks(folder, gaps)]
        if faults:
            return [f"{policy_id} {version}: {line}" for line in faults], []
        return [], [*_summary(folder, policy, state)]
    except BadInputError as error:
        return [str(error)], []


def _summary(folder: Path, policy: Policy, state: State) -> Iterator[str]:
    counts = f"{len(policy.sections)} sections, {len(policy.passages)} passages, {len(policy.sentences)} sentences"
    desk = ", desk checked" if has_desk(folder) else f", no {DESK_FILE}"
    yield f"{policy.id} {policy.version}: OK, {state}, {counts}{desk if state == 'in force' else ''}"
    cards, gaps = load_cards(folder, policy), load_gaps(folder, policy)
    if state == "in force" and (cards.all or gaps.all):
        approved, unapproved = (len(cards.of_status(status)) for status in ("approved", "unapproved"))
        yield f"  cards: {approved} approved, {unapproved} unapproved; gaps: {len(gaps.all)}"
        waiting = [card for card in cards.all if waits(card, policy)]
        yield from (f"  {card.id}: waits for version {card.entry.policy_version}" for card in waiting)
    if state == "prepared":
        silent = [card.id for card in cards.of_status("suspended")]
        yield f"  cards that this version will suspend: {', '.join(silent) or 'none'}"


def _standing(loaded: Settings, corpus: Path, policy_id: str) -> str:
    """Asks the standard questions of the version in force."""
    # The search loads numpy and FAISS, which a quick check need not wait for.
    from bot.policy.assistant import open_assistant  # noqa: PLC0415 - see above

    version = version_in_force(corpus, policy_id, today())
    assistant = open_assistant(loaded, policy_id, corpus=corpus, version=version)
    now = system_clock()

    def ask(question: str) -> Message:
        return assistant.answer(question, None, now).message

    return standing_table(assistant.policy, survey(open_standard_questions(), ask))
