"""Two companies' consoles behind one port: staff of one log in at, and see, nothing of the other."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from aiohttp import ClientResponse, web
from aiohttp.test_utils import TestClient, TestServer

from bot.clock import system_clock
from bot.console.app import build_apps
from bot.desk import load_desk
from bot.register.drafts import open_draft
from bot.register.filing import file_draft
from bot.register.kinds import Kind
from bot.settings import Settings
from bot.staff import identities, invitations
from bot.staff.accounts import AccountIsWrongError, NewAccount, invite
from bot.staff.logging_in import Door, LoginIsRefusedError, Typed, log_in
from bot.staff.roles import Role
from bot.staff.sessions import open_session
from bot.storage.encryption import Vault
from bot.storage.engine import transaction
from bot.storage.own_rows import open_own_engine
from tests.support.two_controllers import FIRST, FIRST_HOST, SECOND, SECOND_HOST, both_settings


@dataclass
class Company:
    """One of the two: its settings, a session of one of its staff, and a request that it has."""

    settings: Settings
    host: str
    token: str
    id: str
    number: str

    @property
    def service(self) -> str:
        return load_desk(self.settings.corpus_dir / self.settings.default_policy).service


@dataclass
class Consoles:
    client: TestClient[web.Request, web.Application]
    first: Company
    second: Company

    async def get(self, host: str, path: str, token: str) -> ClientResponse:
        return await self.client.get(path, headers={"Host": host}, cookies={"console": token}, allow_redirects=False)


def _company(settings: Settings, host: str) -> Company:
    engine, vault, now = open_own_engine(settings), Vault.from_settings(settings), system_clock()
    name = settings.controller
    with transaction(engine) as session:
        new = NewAccount(f"{name}-staff", "窓口 花子", "staff@example.jp", Role.OFFICER)
        account = invite(session, new, controller=name, by="test", now=now)
        token = open_session(session, account, opened_by="test", agent="test", now=now)
        draft = open_draft(
            session,
            controller=name,
            conversation_id=None,
            channel="web",
            kinds=(Kind.DISCLOSURE,),
            scope=None,
            words=None,
            vault=vault,
            now=now,
        )
        (filed,) = file_draft(session, draft, now=now, vault=vault)
    engine.dispose()
    return Company(settings, host, token, filed.request_id, filed.number)


@pytest.fixture
async def consoles(database_url: str, tmp_path: Path) -> AsyncIterator[Consoles]:
    served = both_settings(tmp_path, database_url)
    first, second = map(_company, served, (FIRST_HOST, SECOND_HOST))
    async with TestClient(TestServer(build_apps(served))) as client:
        yield Consoles(client, first, second)


async def test_each_sees_its_own_requests_only(consoles: Consoles) -> None:
    for own, other in ((consoles.first, consoles.second), (consoles.second, consoles.first)):
        for path in ("/inbox", "/requests", "/"):
            answer = await consoles.get(own.host, path, own.token)
            assert answer.status == 200, path
            assert other.number not in await answer.text()
        assert own.number in await (await consoles.get(own.host, "/requests", own.token)).text()
        # Two tabs beside each other are told apart.
        assert own.service in await (await consoles.get(own.host, "/requests", own.token)).text()
        assert own.service in await (await consoles.get(own.host, "/login", "")).text()
        assert (await consoles.get(own.host, f"/requests/{own.id}", own.token)).status == 200
        assert (await consoles.get(own.host, f"/requests/{other.id}", own.token)).status == 404


async def test_a_session_of_one_is_nobody_at_the_other(consoles: Consoles) -> None:
    for own, other in ((consoles.first, consoles.second), (consoles.second, consoles.first)):
        answer = await consoles.get(own.host, "/people", other.token)
        assert (answer.status, answer.headers["Location"]) == (303, "/login")


async def test_nobody_logs_in_at_the_other(consoles: Consoles) -> None:
    for own, other in ((consoles.first, consoles.second), (consoles.second, consoles.first)):
        engine = open_own_engine(own.settings)
        door = Door(engine, Vault.from_settings(own.settings), own.settings)
        typed = Typed(f"{other.settings.controller}-staff", "パスワード", "000000")
        with pytest.raises(LoginIsRefusedError):
            log_in(door, typed, agent="test", now=system_clock())
        engine.dispose()


async def test_a_link_to_set_up_a_log_in_is_good_at_its_own_console_only(consoles: Consoles) -> None:
    own = consoles.second
    engine, now = open_own_engine(own.settings), system_clock()
    with transaction(engine) as session:
        new = NewAccount("mei", "森芽衣", "mei@example.jp", Role.OFFICER)
        token = invitations.issue(session, invite(session, new, controller=SECOND, by="test", now=now), now=now)
    engine.dispose()
    path = invitations.path_of(token)
    here, there = [await consoles.get(host, path, "") for host in (SECOND_HOST, FIRST_HOST)]
    assert "森芽衣" in await here.text()
    assert "森芽衣" not in await there.text()


async def test_each_lists_and_opens_its_own_policies_only(consoles: Consoles) -> None:
    policies = {FIRST: "2026-11-23", SECOND: "2024-04-01"}
    for own, other in ((consoles.first, consoles.second), (consoles.second, consoles.first)):
        shelf = await (await consoles.get(own.host, "/policies", own.token)).text()
        name, others = own.settings.controller, other.settings.controller
        assert f"/policies/of/{name}/privacy/{policies[name]}" in shelf
        assert others not in shelf
        version = "/policies/of/{}/privacy/{}"
        assert (await consoles.get(own.host, version.format(name, policies[name]), own.token)).status == 200
        assert (await consoles.get(own.host, version.format(others, policies[others]), own.token)).status == 404


async def test_a_host_of_nobodys_has_no_console(consoles: Consoles) -> None:
    assert (await consoles.get("akane.localhost", "/login", "")).status == 421
    assert (await consoles.get("akane.localhost", "/healthz", "")).status == 200


async def test_an_id_that_the_other_has_given_is_free_here_and_opens_nothing_there(consoles: Consoles) -> None:
    """Whether it is taken there is not to be learnt; each is somebody of their own, with a session of their own."""
    tokens, now = {}, system_clock()
    for company, name in ((consoles.first, "見本 健"), (consoles.second, "別人 健")):
        engine, controller = open_own_engine(company.settings), company.settings.controller
        with transaction(engine) as session:
            new = NewAccount("ken", name, "ken@example.jp", Role.ADMIN)
            account = invite(session, new, controller=controller, by="test", now=now)
            tokens[controller] = open_session(session, account, opened_by="test", agent="test", now=now)
        with pytest.raises(AccountIsWrongError, match="すでに使われています"), transaction(engine) as session:
            invite(session, new, controller=controller, by="test", now=now)
        engine.dispose()
    for own, other, name in ((consoles.first, SECOND, "見本 健"), (consoles.second, FIRST, "別人 健")):
        people = await (await consoles.get(own.host, "/people", tokens[own.settings.controller])).text()
        assert name in people
        assert ("見本 健" in people) != ("別人 健" in people)
        assert (await consoles.get(own.host, "/people", tokens[other])).status == 303


async def test_who_of_the_same_id_is_shut_out_at_one_works_on_at_the_other(consoles: Consoles) -> None:
    tokens, now = {}, system_clock()
    for company in (consoles.first, consoles.second):
        engine, controller = open_own_engine(company.settings), company.settings.controller
        with transaction(engine) as session:
            account = invite(
                session, NewAccount("ken", "健", "ken@example.jp", Role.ADMIN), controller=controller, by="t", now=now
            )
            tokens[controller] = open_session(session, account, opened_by="test", agent="test", now=now)
            if company is consoles.first:
                account.disabled_at = now
        engine.dispose()

    assert (await consoles.get(FIRST_HOST, "/people", tokens[FIRST])).status == 303
    assert (await consoles.get(SECOND_HOST, "/people", tokens[SECOND])).status == 200


async def test_whoever_a_provider_vouches_for_has_an_account_at_each(consoles: Consoles) -> None:
    now = system_clock()
    known = identities.Identity("https://issuer.example", "subject", "mei@example.jp", is_email_verified=True)
    for company in (consoles.first, consoles.second):
        engine, name = open_own_engine(company.settings), company.settings.controller
        with transaction(engine) as session:
            assert identities.account_for(session, known, controller=name, now=now) is None
            new = NewAccount("mei", "森芽衣", "mei@example.jp", Role.OFFICER)
            invitations.issue(session, invite(session, new, controller=name, by="test", now=now), now=now)
        for _ in range(2):
            with transaction(engine) as session:
                account = identities.account_for(session, known, controller=name, now=now)
                assert account is not None
                assert (account.id, account.controller) == ("mei", name)
        engine.dispose()
