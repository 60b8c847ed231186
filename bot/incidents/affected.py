"""The persons and items possibly affected, as a report counts them; ids and sorts of data, nothing personal."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, exists, select
from sqlalchemy.orm import Session

from bot.incidents.data import FREE_TEXT, Data, Owner
from bot.incidents.filters import Filters
from bot.incidents.gathering import Export, Guard, Mark, exports, marks
from bot.incidents.persons import People
from bot.register.models import Contact, Draft, Request
from bot.register.sensitivity import names_accounts, names_health
from bot.storage.models import Conversation, Member

_AT_A_TIME = 500

Found = Mapping[Data, Guard]


@dataclass(frozen=True)
class Item:
    """One request, draft, conversation or member, and what of it may be affected.

    Attributes:
        sort: what it is.
        id: its opaque id.
        number: its receipt number, if it is a request.
        channel: how it came.
        found: the sorts of data and what guards each, at its weakest.
        about_health: whether a request's scope names 健康情報 (要配慮個人情報).
        about_accounts: whether it names 口座情報, which money can be taken with.
    """

    sort: Owner
    id: str
    number: str | None
    channel: str
    found: Found
    about_health: bool = False
    about_accounts: bool = False

    @property
    def guard(self) -> Guard:
        """What guards the item at its weakest."""
        return min(self.found.values())

    @property
    def has_free_text(self) -> bool:
        """Whether somebody has to read it to say what stands in it."""
        return any(data in FREE_TEXT for data in self.found)


@dataclass(frozen=True)
class Affected:
    """What the filters found, tests left out.

    `persons` is the most there can be: one person who wrote from two addresses, or without any, counts twice.
    """

    items: tuple[Item, ...]
    exports: tuple[Export, ...]
    persons: int

    def counts(self) -> dict[str, Any]:
        """What is kept of it: numbers only."""
        return {
            "persons": self.persons,
            "items": len(self.items),
            "sorts": dict(sorted(Counter(str(item.sort) for item in self.items).items())),
            "clear": sum(item.guard is Guard.CLEAR for item in self.items),
            "key_leaked": sum(item.guard is Guard.KEY_LEAKED for item in self.items),
            "sealed": sum(item.guard is Guard.SEALED for item in self.items),
            "health": sum(item.about_health for item in self.items),
            "accounts": sum(item.about_accounts for item in self.items),
            "free_text": sum(item.has_free_text for item in self.items),
            "exports": len(self.exports),
            "data": {str(data): count for data, count in self._by_data().items()},
        }

    def _by_data(self) -> dict[Data, int]:
        counted = Counter(data for item in self.items for data in item.found)
        return {data: counted[data] for data in Data if data in counted}


def affected(session: Session, filters: Filters) -> Affected:
    """Who and what may be affected; reads without opening anything."""
    found = _by_owner(marks(session, filters))
    people = People()
    items = [
        *_requests(session, found, people),
        *_drafts(session, found, people),
        *_talks(session, found, people),
        *_members(session, found, people),
    ]
    return Affected(tuple(items), tuple(exports(session, filters)), len(people))


def _by_owner(found: Iterable[Mark]) -> dict[Owner, dict[str, dict[Data, Guard]]]:
    owners: dict[Owner, dict[str, dict[Data, Guard]]] = {owner: defaultdict(dict) for owner in Owner}
    for mark in found:
        of_one = owners[mark.owner][mark.id]
        of_one[mark.data] = min(mark.guard, of_one.get(mark.data, Guard.SEALED))
    return owners


def _requests(session: Session, found: Mapping[Owner, dict[str, dict[Data, Guard]]], people: People) -> Iterator[Item]:
    of_drafts, of_requests = found[Owner.DRAFT], found[Owner.REQUEST]
    rows = {
        row.id: row
        for column, ids in ((Request.id, of_requests), (Request.draft_id, of_drafts))
        for row in _rows(session, select(*_COLUMNS), column, ids)
    }
    contacts = {
        row.draft_id: row
        for row in _rows(session, select(*_WHO), Contact.draft_id, {row.draft_id: None for row in rows.values()})
    }
    members = {
        row.id: row.member_id
        for row in _rows(
            session,
            select(Conversation.id, Conversation.member_id),
            Conversation.id,
            {row.conversation_id: None for row in rows.values() if row.conversation_id},
        )
    }
    for row in sorted(rows.values(), key=lambda row: (row.received_at, row.id)):
        if row.is_test:
            continue
        people.add(_names(row, contacts.get(row.draft_id), members.get(row.conversation_id)))
        if row.draft_id in contacts and contacts[row.draft_id].has_subject:
            people.add([f"subject:{row.draft_id}"])
        yield Item(
            Owner.REQUEST,
            row.id,
            row.number,
            row.channel,
            _weakest(of_requests.get(row.id, {}), of_drafts.get(row.draft_id, {})),
            about_health=names_health(row.scope),
            about_accounts=names_accounts(row.scope),
        )


_COLUMNS = (
    Request.id,
    Request.draft_id,
    Request.number,
    Request.channel,
    Request.scope,
    Request.conversation_id,
    Request.received_at,
    Request.is_test,
)
_WHO = (Contact.draft_id, Contact.email_hash, Contact.sealed_subject.is_not(None).label("has_subject"))


def _names(request: Any, contact: Any, member_id: str | None) -> Iterator[str]:  # noqa: ANN401 - rows of the queries above
    yield f"draft:{request.draft_id}"
    if contact is not None and contact.email_hash:
        yield f"email:{contact.email_hash}"
    if member_id:
        yield f"member:{member_id}"


def _drafts(session: Session, found: Mapping[Owner, dict[str, dict[Data, Guard]]], people: People) -> Iterator[Item]:
    """Drafts that nobody filed: what was filed is a request."""
    query = select(Draft.id, Draft.channel, Draft.is_test, Conversation.member_id).join_from(
        Draft, Conversation, Conversation.id == Draft.conversation_id, isouter=True
    )
    for row in _rows(session, query.where(Draft.filed_at.is_(None)), Draft.id, found[Owner.DRAFT]):
        if not row.is_test:
            people.add([f"draft:{row.id}", *([f"member:{row.member_id}"] if row.member_id else [])])
            yield Item(Owner.DRAFT, row.id, None, row.channel, found[Owner.DRAFT][row.id])


def _talks(session: Session, found: Mapping[Owner, dict[str, dict[Data, Guard]]], people: People) -> Iterator[Item]:
    query = select(Conversation.id, Conversation.channel, Conversation.member_id, Conversation.is_test)
    for row in _rows(session, query, Conversation.id, found[Owner.TALK]):
        if not row.is_test:
            people.add([f"member:{row.member_id}"])
            yield Item(Owner.TALK, row.id, None, row.channel, found[Owner.TALK][row.id])


def _members(session: Session, found: Mapping[Owner, dict[str, dict[Data, Guard]]], people: People) -> Iterator[Item]:
    tests = exists().where(Conversation.member_id == Member.id, Conversation.is_test)
    query = select(Member.id, Member.channel).where(~tests)
    for row in _rows(session, query, Member.id, found[Owner.MEMBER]):
        people.add([f"member:{row.id}"])
        yield Item(Owner.MEMBER, row.id, None, row.channel, found[Owner.MEMBER][row.id])


def _rows(session: Session, query: Select[*tuple[Any, ...]], column: Any, ids: Iterable[str]) -> Iterator[Any]:  # noqa: ANN401 - any column
    wanted = sorted(ids)
    for first in range(0, len(wanted), _AT_A_TIME):
        yield from session.execute(query.where(column.in_(wanted[first : first + _AT_A_TIME])))


def _weakest(*found: Found) -> Found:
    joined: dict[Data, Guard] = {}
    for part in found:
        for data, guard in part.items():
            joined[data] = min(guard, joined.get(data, Guard.SEALED))
    return joined
