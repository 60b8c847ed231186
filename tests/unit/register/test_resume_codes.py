from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.register import audit
from bot.register.errors import PageIsUnknownError, StateForbidsError
from bot.register.models import Page
from bot.register.pages import draft_of_resume_code, issue_page, issue_resume_code, open_page
from bot.register.requests import of_conversation
from bot.register.resume_codes import new_resume_code, read_resume_code

Make = Callable[..., Any]


@pytest.fixture
def draft_id(session: Session, filed: Make) -> str:
    filed(session)
    return of_conversation(session, "c" * 32)[0].draft_id


def test_a_code_is_four_groups_and_read_however_it_is_written() -> None:
    code = new_resume_code()

    assert [len(group) for group in code.split("-")] == [4, 4, 4, 4]
    for typed in (code, code.lower(), code.replace("-", " "), code.replace("-", ""), code.replace("0", "O")):
        assert read_resume_code(typed) == code


def test_one_wrong_character_is_found() -> None:
    code = new_resume_code()
    for place, character in enumerate(code):
        if character != "-":
            wrong = code[:place] + ("2" if character != "2" else "3") + code[place + 1 :]
            assert read_resume_code(wrong) is None


@pytest.mark.parametrize("typed", ["", "1234", "U" * 16, "あ" * 16, "\ud800" * 16])
def test_what_is_no_code_is_not_read(typed: str) -> None:
    assert read_resume_code(typed) is None


def test_a_code_opens_its_draft_for_400_days(session: Session, draft_id: str, now: datetime) -> None:
    code = issue_resume_code(session, draft_id, now=now)

    assert draft_of_resume_code(session, code.lower(), now=now + timedelta(days=399)) == draft_id
    assert draft_of_resume_code(session, code, now=now + timedelta(days=400)) is None
    assert draft_of_resume_code(session, new_resume_code(), now=now) is None
    event = audit.trail(session, of_conversation(session, "c" * 32)[0].id)[-1]
    assert (event.action, event.fields) == ("page:issued", ["resume_code"])


def test_a_code_is_stored_hashed(session: Session, draft_id: str, now: datetime) -> None:
    code = issue_resume_code(session, draft_id, now=now)

    stored = repr(vars(session.scalars(select(Page)).one()))

    assert code not in stored
    assert code.replace("-", "") not in stored


def test_a_code_is_no_link_and_a_link_no_code(session: Session, draft_id: str, now: datetime) -> None:
    code, token = issue_resume_code(session, draft_id, now=now), issue_page(session, draft_id, now=now)

    with pytest.raises(PageIsUnknownError):
        open_page(session, code, now=now)
    assert draft_of_resume_code(session, token, now=now) is None


def test_what_was_not_filed_has_no_code(session: Session, new_draft: Make, now: datetime) -> None:
    with pytest.raises(StateForbidsError):
        issue_resume_code(session, new_draft(session), now=now)
