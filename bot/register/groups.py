"""One request to several companies: a parent, and one ordinary request for each of them.

A member of a group of companies files once. Each company then has requests of its own, with numbers, clocks, staff,
trails and an end of their own; what they have in common is one row, which says their numbers and whose they are and
nothing else. Every company that was asked reads that row, and none reads more of the others.

All of it is one transaction. It writes as one company after the other (`bot.storage.walls.speaking_for`), never as all
of them: what it reads of another company are the numbers it has just given, and later where they stand. What a member
does once for all of them, as showing whose mailbox it is, is done again for each in its own company.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.crash_points import CrashPoint, crash_point
from bot.register.drafts import locked_draft, open_draft
from bot.register.errors import CompanyIsNoSisterError, NothingWasFiledError
from bot.register.filing import Filed, file_draft, receipts
from bot.register.kinds import Kind
from bot.register.models import Draft, Request, RequestGroup, State
from bot.storage.encryption import Vault
from bot.storage.walls import speaking_for


@dataclass(frozen=True)
class Sibling:
    """A request of a group, as everybody sees it who has part in it: its number, and the company's name."""

    controller: str
    company: str
    number: str


@dataclass(frozen=True)
class Standing:
    """Where a request of a group stands, for the member whose requests they are."""

    sibling: Sibling
    kind: Kind
    state: State
    received_at: datetime


@dataclass(frozen=True)
class Child:
    """What one company was filed: the draft that details belong to, and the receipts."""

    controller: str
    company: str
    draft_id: str
    receipts: tuple[Filed, ...]


def file_group(  # noqa: PLR0913 - what is filed, with whom, by which means, and what belongs to it
    session: Session,
    draft_id: str,
    companies: Mapping[str, str],
    *,
    name: str,
    now: datetime,
    vault: Vault,
    then: Callable[[Child], object] = lambda _child: None,
) -> list[Child]:
    """Files what a draft asks for with further companies too; all of it, or none when the transaction fails.

    Again, for the same draft, it gives what was filed then, whatever is asked for now: one draft is one group.

    Args:
        session: the open transaction of the company whose draft it is; the draft's lock makes two calls wait.
        draft_id: what was filed with the first company.
        companies: the further ones, by id, and what they are called.
        name: what the first one is called.
        now: the moment of arrival with the further companies.
        vault: seals the member's words for each of them.
        then: called for each further company, as that company, once its requests are there: what is written in it,
            details and files, is its own.

    Returns:
        The further companies' requests.

    Raises:
        DraftIsUnknownError: no draft has this id.
        NothingWasFiledError: the first company has nothing of it yet.
        CompanyIsNoSisterError: a company is named that cannot be asked, or that asks itself.
    """
    draft = locked_draft(session, draft_id)
    if draft.filed_at is None:
        raise NothingWasFiledError(f"draft {draft_id} is not filed")
    if draft.group_id is not None:
        return _children(session, session.get_one(RequestGroup, draft.group_id), but=draft.controller)
    if not companies:
        return []
    if draft.controller in companies:
        raise CompanyIsNoSisterError(f"{draft.controller} is asked already")
    words = _words(session, draft, vault)
    group = RequestGroup(
        id=secrets.token_hex(16),
        draft_id=draft.id,
        companies=f" {' '.join((draft.controller, *companies))} ",
        children=[],
        is_test=draft.is_test,
        filed_at=now,
    )
    session.add(group)
    session.flush()
    filed = [_file(session, group, draft, one, words, now=now, vault=vault, then=then) for one in companies.items()]
    first = Child(draft.controller, name, draft.id, tuple(receipts(session, draft.id)))
    group.children = [_noted(child) for child in (first, *filed)]
    draft.group_id = group.id
    session.flush()
    return filed


def siblings_of(session: Session, draft_id: str) -> list[Sibling]:
    """The other companies' requests that were filed together with those of this draft; none for what stands alone."""
    group = _group_of(session, draft_id)
    if group is None:
        return []
    return [sibling for sibling, draft in _siblings(group) if draft != draft_id]


def standings_of(session: Session, draft_id: str) -> list[Standing]:
    """Where the other companies' requests stand, for the member who filed them together with those of this draft.

    THE MEMBER'S ALONE: no page of staff asks for it, whichever company's they are.
    """
    group = _group_of(session, draft_id)
    if group is None:
        return []
    found: list[Standing] = []
    for sibling, draft in _siblings(group):
        if draft != draft_id:
            found += _standing(session, sibling)
    return found


def for_each_of_group(session: Session, draft_id: str, then: Callable[[str, str], object]) -> None:
    """Does something for every draft of a group, each as the company that it was filed with; all in one transaction.

    Args:
        session: the open transaction of one of the companies; where others may do the same, it holds the group
            (`identity.codes.hold_group`).
        draft_id: that company's draft, which comes first. One that stands alone is a group by itself.
        then: is called with a company's id and its draft's; whatever it reads and writes there is that company's.

    Raises:
        DraftIsUnknownError: this company has no draft of this id.
    """
    then(locked_draft(session, draft_id).controller, draft_id)
    group = _group_of(session, draft_id)
    for noted in () if group is None else group.children:
        if noted["draft_id"] != draft_id:
            crash_point(CrashPoint.GROUP_BETWEEN_COMPANIES)
            _as_company(session, noted["controller"], noted["draft_id"], then)


def _as_company(session: Session, controller: str, draft_id: str, then: Callable[[str, str], object]) -> None:
    with speaking_for(session, controller):
        # A test that a company has removed already leaves its place in the group.
        if session.get(Draft, draft_id) is not None:
            then(controller, draft_id)


def _group_of(session: Session, draft_id: str) -> RequestGroup | None:
    draft = session.get(Draft, draft_id)
    return None if draft is None or draft.group_id is None else session.get(RequestGroup, draft.group_id)


def _file(  # noqa: PLR0913 - what is filed, for whom, and by which means
    session: Session,
    group: RequestGroup,
    draft: Draft,
    company: tuple[str, str],
    words: str | None,
    *,
    now: datetime,
    vault: Vault,
    then: Callable[[Child], object],
) -> Child:
    controller, name = company
    with speaking_for(session, controller):
        own_id = open_draft(
            session,
            controller=controller,
            # The conversation is the first company's, and none of the others sees it.
            conversation_id=None,
            channel=draft.channel,
            kinds=[Kind(kind) for kind in draft.kinds],
            scope=draft.scope,
            words=words,
            vault=vault,
            now=now,
            is_test=draft.is_test,
            stops_advertising=draft.stops_advertising,
        )
        session.get_one(Draft, own_id).group_id = group.id
        child = Child(controller, name, own_id, tuple(file_draft(session, own_id, now=now, vault=vault)))
        then(child)
        return child


def _words(session: Session, draft: Draft, vault: Vault) -> str | None:
    """What the member wrote; once filed, it stands in each of the requests."""
    query = select(Request).where(Request.draft_id == draft.id, Request.sealed_words.is_not(None))
    request = session.scalars(query.order_by(Request.number).limit(1)).first()
    if request is None or request.sealed_words is None:
        return None
    return vault.open(request.sealed_words, table="request", row=request.id, column="sealed_words")


def _children(session: Session, group: RequestGroup, *, but: str) -> list[Child]:
    found: list[Child] = []
    for noted in group.children:
        if noted["controller"] != but:
            with speaking_for(session, noted["controller"]):
                filed = tuple(receipts(session, noted["draft_id"]))
            found.append(Child(noted["controller"], noted["company"], noted["draft_id"], filed))
    return found


def _noted(child: Child) -> dict[str, Any]:
    numbers = [receipt.number for receipt in child.receipts]
    return {"controller": child.controller, "company": child.company, "draft_id": child.draft_id, "numbers": numbers}


def _siblings(group: RequestGroup) -> Iterator[tuple[Sibling, str]]:
    for noted in group.children:
        for number in noted["numbers"]:
            yield Sibling(noted["controller"], noted["company"], number), noted["draft_id"]


def _standing(session: Session, sibling: Sibling) -> list[Standing]:
    query = select(Request.kind, Request.state, Request.received_at).where(Request.number == sibling.number)
    with speaking_for(session, sibling.controller):
        row = session.execute(query).first()
    return [] if row is None else [Standing(sibling, Kind(row.kind), State(row.state), row.received_at)]
