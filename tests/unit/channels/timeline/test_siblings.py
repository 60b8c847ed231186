"""The page and the paper of a request that was filed together with others say to its member where those stand."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pypdfium2
import pytest
from sqlalchemy import Engine

from bot.channels.timeline.texts import SIBLING_STATES, sibling_words
from bot.register import audit
from bot.register.casework import begin_review
from bot.register.completing import give_details
from bot.register.details import Details
from bot.register.drafts import open_draft
from bot.register.filing import Filed, file_draft
from bot.register.groups import Child, Sibling, Standing, file_group
from bot.register.kinds import Kind
from bot.register.models import ReplyBy, Role, State
from bot.register.requests import withdraw
from bot.storage.encryption import Vault
from bot.storage.engine import open_engine, transaction
from tests.support.timeline_visitor import START, Visitor, visiting
from tests.support.two_controllers import FIRST, SECOND, SECOND_NAME, corpus_of_both

NAME, OUTING, OUTING_NAME = "見本株式会社", "outing", "見本おでかけ株式会社"
DETAILS = Details(role=Role.SELF, reply_by=ReplyBy.EMAIL, name="見本 花子", email="hanako@example.jp")


@dataclass
class Asked:
    """What was asked of three companies at once, seen from the page of one of them."""

    visitor: Visitor
    filed: dict[str, Filed]
    page_of: str
    url: str

    @property
    def own(self) -> Filed:
        return self.filed[self.page_of]

    @property
    def others(self) -> dict[str, str]:
        names = {FIRST: NAME, SECOND: SECOND_NAME, OUTING: OUTING_NAME}
        return {self.filed[one].number: name for one, name in names.items() if one != self.page_of}

    async def paper(self) -> str:
        response = await self.visitor.get("/request/case/receipt")
        document = pypdfium2.PdfDocument(await response.read())
        return "".join("".join(page.get_textpage().get_text_range() for page in document).split())

    async def text(self) -> str:
        return "".join((await self.visitor.page()).split())

    def of_company(self, controller: str) -> Engine:
        return open_engine(self.url, controller=controller)


@pytest.fixture(params=[FIRST, SECOND])
async def asked(database_url: str, tmp_path: Path, request: pytest.FixtureRequest) -> AsyncIterator[Asked]:
    page_of: str = request.param
    policy, corpus = f"{page_of}/privacy", corpus_of_both(tmp_path)
    async with visiting(database_url, default_policy=policy, corpus_dir=corpus) as visitor:
        yield Asked(visitor, _file(database_url, visitor.desk.vault, START), page_of, database_url)


def _file(url: str, vault: Vault, now: datetime) -> dict[str, Filed]:
    """Files with all three as the page of the first does."""

    def complete(child: Child) -> None:
        give_details(session, child.draft_id, DETAILS, actor="member", now=now, vault=vault)

    engine = open_engine(url, controller=FIRST)
    with transaction(engine) as session:
        draft_id = open_draft(
            session,
            controller=FIRST,
            conversation_id=None,
            channel="web",
            kinds=[Kind.DISCLOSURE],
            scope="予約履歴",
            words=None,
            vault=vault,
            now=now,
        )
        own = file_draft(session, draft_id, now=now, vault=vault)
        give_details(session, draft_id, DETAILS, actor="member", now=now, vault=vault)
        further = {SECOND: SECOND_NAME, OUTING: OUTING_NAME}
        children = file_group(session, draft_id, further, name=NAME, now=now, vault=vault, then=complete)
    engine.dispose()
    return {FIRST: own[0], **{child.controller: child.receipts[0] for child in children}}


async def test_page_and_paper_have_number_company_and_state_of_the_others(asked: Asked) -> None:
    await asked.visitor.enter(asked.own.number)

    for told in (await asked.text(), await asked.paper()):
        for number, company in asked.others.items():
            assert number in told
            assert company in told
        assert told.count(f"{Kind.DISCLOSURE.title}（本人確認中）") == len(asked.others)


async def test_they_say_how_it_stands_now(asked: Asked) -> None:
    with transaction(engine := asked.of_company(OUTING)) as session:
        begin_review(session, asked.filed[OUTING].request_id, actor="staff:sato", now=START)
    engine.dispose()
    other = SECOND if asked.page_of == FIRST else FIRST
    with transaction(engine := asked.of_company(other)) as session:
        withdraw(session, asked.filed[other].request_id, now=START)
    engine.dispose()
    await asked.visitor.enter(asked.own.number)

    for told in (await asked.text(), await asked.paper()):
        assert f"{Kind.DISCLOSURE.title}（調査中）" in told
        assert f"{Kind.DISCLOSURE.title}（取下げ）" in told


async def test_the_code_that_opens_the_page_proves_the_mailbox_to_all(asked: Asked) -> None:
    await asked.visitor.enter(asked.own.number)

    for controller, filed in asked.filed.items():
        with transaction(engine := asked.of_company(controller)) as session:
            actions = [event.action for event in audit.trail(session, filed.request_id)]
        engine.dispose()
        assert actions.count("proof:tried") == 1
        assert ("page:visited" in actions) == (controller == asked.page_of)


async def test_nobody_else_reads_of_them(asked: Asked) -> None:
    """Neither who has no visit, nor who has one of another request of this company."""
    (alone,) = asked.visitor.desk.filed_with_details()
    assert (await asked.visitor.get("/request/case/receipt")).status == 403
    await asked.visitor.enter(alone.number)

    for told in (await asked.text(), await asked.paper()):
        assert not any(number in told or company in told for number, company in asked.others.items())


def test_every_state_has_its_words_and_nobody_is_identified_for_a_question() -> None:
    def words(kind: Kind, state: State) -> str:
        return sibling_words(Standing(Sibling("c", "社", "K1"), kind, state, START))

    assert set(SIBLING_STATES) == set(State)
    assert words(Kind.DISCLOSURE, State.IDENTITY_PENDING).endswith("（本人確認中）")
    for state in (State.IDENTITY_PENDING, State.IDENTITY_EXPIRED, State.VERIFIED):
        assert words(Kind.INQUIRY, state) == f"{Kind.INQUIRY.title}（確認中）"
    assert words(Kind.INQUIRY, State.CLOSED) == f"{Kind.INQUIRY.title}（終了）"
