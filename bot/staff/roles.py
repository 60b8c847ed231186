"""What each role at the desk may do: one table, which every route of the console is held to.

Whoever looks after the console itself (管理者) sees no member's data, and whoever decides on requests manages no
accounts: nobody can give themselves a second pair of eyes.
"""

from __future__ import annotations

from enum import StrEnum
from types import MappingProxyType


class Role(StrEnum):
    """Who somebody is at the desk.

    Attributes:
        VIEWER: 閲覧, reads what is not sealed and changes nothing.
        COUNSELLOR: 相談員, answers members and works on requests, without the second half of anything.
        OFFICER: 個人情報担当, is the second person, reads what is sealed, publishes.
        ADMIN: 管理者, looks after accounts and policies.
    """

    VIEWER = "viewer"
    COUNSELLOR = "counsellor"
    OFFICER = "officer"
    ADMIN = "admin"


class Right(StrEnum):
    """One thing that not everybody may do.

    Attributes:
        LOOK: see numbers, policies, results: nothing of a single member.
        TRY: ask the assistant as a test.
        RUN_TESTS: run regression sets and add cases.
        READ_TALKS: read conversations, masked.
        MARK_TALKS: say of a conversation that it was looked at, and what is wrong with it.
        REVEAL_TALKS: read a conversation as it was written.
        EDIT_ANSWERS: change the candidate's cards, gaps, words and phrases.
        PUBLISH: be the second person who publishes a candidate or goes back to an earlier release.
        EDIT_POLICIES: import versions of a policy and choose the date of their publication.
        SEE_REQUESTS: see the queue, and a request without what is sealed.
        WORK_REQUESTS: enter, assign, write, verify, propose.
        REVEAL_CONTACT: see who asks and how to reach them.
        APPROVE: be the second person for a decision or the release of an answer.
        HOLD: keep a request from being forgotten, and let it go again.
        EXPORT: take lists out of the console.
        READ_AUDIT: read who did and saw what, and check the chain.
        AUDIT_FILES: make the files for an audit of a period.
        MANAGE_PEOPLE: invite people, change roles, end sessions.
    """

    LOOK = "look"
    TRY = "try"
    RUN_TESTS = "run_tests"
    READ_TALKS = "read_talks"
    MARK_TALKS = "mark_talks"
    REVEAL_TALKS = "reveal_talks"
    EDIT_ANSWERS = "edit_answers"
    PUBLISH = "publish"
    EDIT_POLICIES = "edit_policies"
    SEE_REQUESTS = "see_requests"
    WORK_REQUESTS = "work_requests"
    REVEAL_CONTACT = "reveal_contact"
    APPROVE = "approve"
    HOLD = "hold"
    EXPORT = "export"
    READ_AUDIT = "read_audit"
    AUDIT_FILES = "audit_files"
    MANAGE_PEOPLE = "manage_people"


_VIEWER = frozenset({Right.LOOK, Right.TRY, Right.READ_TALKS, Right.SEE_REQUESTS})
_COUNSELLOR = _VIEWER | {
    Right.RUN_TESTS,
    Right.MARK_TALKS,
    Right.EDIT_ANSWERS,
    Right.WORK_REQUESTS,
    Right.REVEAL_CONTACT,
}
_OFFICER = _COUNSELLOR | {
    Right.REVEAL_TALKS,
    Right.PUBLISH,
    Right.EDIT_POLICIES,
    Right.APPROVE,
    Right.HOLD,
    Right.EXPORT,
    Right.READ_AUDIT,
    Right.AUDIT_FILES,
}
_ADMIN = frozenset(
    {Right.LOOK, Right.TRY, Right.RUN_TESTS, Right.EDIT_POLICIES, Right.READ_AUDIT, Right.AUDIT_FILES}
    | {Right.MANAGE_PEOPLE}
)

RIGHTS_OF = MappingProxyType(
    {Role.VIEWER: _VIEWER, Role.COUNSELLOR: _COUNSELLOR, Role.OFFICER: _OFFICER, Role.ADMIN: _ADMIN}
)
"""The rights of each role."""
