"""What the queue's address asks for, and how it is spelt: only words of this module stand in it, and ids of staff."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from urllib.parse import urlencode

from bot.register.kinds import FILED_KINDS, Kind
from bot.register.queue import NOBODY, Group, Wanted
from bot.staff.actor import Actor

MINE = "mine"
DUES = {
    "": "すべて",
    "overdue": "期限を過ぎた",
    "today": "今日まで",
    "3": "3日以内",
    "7": "7日以内",
}
_DAYS = {"overdue": -1, "today": 0, "3": 3, "7": 7}
_MARKS = ("urgent", "without_contact", "second_person", "replied", "held", "with_tests")


@dataclass(frozen=True)
class Filter:
    """The choices as the form shows them; `marks` are the boxes that are ticked."""

    group: Group
    kind: str
    assignee: str
    due: str
    marks: frozenset[str]

    def wanted(self, actor: Actor, today: date) -> Wanted:
        """What to ask the queue for, for this person and on this day."""
        return Wanted(
            group=self.group,
            kinds=(Kind(self.kind),) if self.kind else (),
            assignee=actor.id if self.assignee == MINE else self.assignee,
            due_by=today + timedelta(days=_DAYS[self.due]) if self.due else None,
            ordinary_only=not actor.sees_sensitive,
            urgent="urgent" in self.marks,
            without_contact="without_contact" in self.marks,
            second_person="second_person" in self.marks,
            replied="replied" in self.marks,
            held="held" in self.marks,
            with_tests="with_tests" in self.marks,
        )

    def query(self, **changes: str) -> str:
        """The address of the list with these choices, changed in some, ready for more to follow."""
        given = {"group": str(self.group), "kind": self.kind, "assignee": self.assignee, "due": self.due}
        given |= dict.fromkeys(sorted(self.marks), "1")
        return "/requests?" + urlencode({name: value for name, value in (given | changes).items() if value})


def read_filter(query: Mapping[str, str]) -> Filter:
    """The choices of an address; what is no choice counts as none."""
    marks = frozenset(name for name in _MARKS if query.get(name) == "1")
    group = query.get("group", "")
    return Filter(
        group=Group(group) if group in set(Group) else _group_for(marks),
        kind=_known(query.get("kind", ""), map(str, FILED_KINDS)),
        assignee=_assignee(query.get("assignee", "")),
        due=_known(query.get("due", ""), DUES),
        marks=marks,
    )


def _group_for(marks: frozenset[str]) -> Group:
    # An answer can wait for its second person after the member was told, and whoever has an answer may write again;
    # what is held is over, most often.
    if marks & {"replied", "held"}:
        return Group.ALL
    return Group.UNFINISHED if "second_person" in marks else Group.OPEN


def _known(value: str, choices: object) -> str:
    return value if value in set(choices) else ""  # type: ignore[call-overload]  # anything one can go through


def _assignee(value: str) -> str:
    return value if value in {MINE, NOBODY} or value.startswith("staff:") else ""
