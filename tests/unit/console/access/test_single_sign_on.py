"""Log-in by an identity provider that runs on loopback: what opens, and everything that must not."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from aiohttp import ClientResponse
from pydantic import SecretStr
from sqlalchemy import select

from bot.staff import invitations
from bot.staff.models import Account, StaffEvent, StaffSession
from bot.staff.roles import Role
from bot.storage.engine import reading, transaction
from tests.support import oidc_issuer
from tests.support.console import Client, Desk, console_settings, running_console
from tests.support.oidc_issuer import CLIENT_ID, CLIENT_SECRET, Issuer, running_issuer
from tests.support.staff_people import person, ready_person

CALLBACK = "http://127.0.0.1:8081/login/oidc/callback"


@dataclass
class House:
    """A console and its provider."""

    desk: Desk
    issuer: Issuer

    def invite(self, account_id: str = "sato", *, hours_ago: float = 1) -> None:
        """Opens an invitation."""
        with transaction(self.desk.console.engine) as session:
            account = session.get(Account, (account_id, "eparkrelax")) or person(
                session, account_id, now=self.desk.clock()
            )
            invitations.issue(session, account, now=self.desk.clock() - timedelta(hours=hours_ago))

    def account(self, account_id: str = "sato") -> Account:
        """As it stands now."""
        with reading(self.desk.console.engine) as session:
            return session.get_one(Account, (account_id, "eparkrelax"))

    def trail(self) -> list[tuple[str, str, list[str]]]:
        """Everything that was noted."""
        with reading(self.desk.console.engine) as session:
            rows = session.scalars(select(StaffEvent).order_by(StaffEvent.position))
            return [(row.actor, row.action, row.fields) for row in rows]

    def sessions(self) -> int:
        """How many were ever opened."""
        with reading(self.desk.console.engine) as session:
            return len(session.scalars(select(StaffSession)).all())


@pytest.fixture
async def house(database_url: str) -> AsyncIterator[House]:
    async with running_issuer() as issuer:
        issuer.redirect_uri = CALLBACK
        settings = console_settings(
            database_url,
            oidc_issuer=issuer.url,
            oidc_client_id=CLIENT_ID,
            oidc_client_secret=SecretStr(CLIENT_SECRET),
        )
        async with running_console(settings) as desk:
            yield House(desk, issuer)


async def log_in(browser: Client) -> ClientResponse:
    """Away to the provider and back, as a browser goes."""
    return await browser.get(await way_back(browser), allow_redirects=False)


async def way_back(browser: Client) -> str:
    """The path and query that the provider sends the browser back to."""
    away = await browser.get("/login/oidc", allow_redirects=False)
    assert away.status == 303, await away.text()
    back = await browser.session.get(away.headers["Location"], allow_redirects=False)
    assert back.status == 302, await back.text()
    parts = urlsplit(back.headers["Location"])
    return f"{parts.path}?{parts.query}"


async def test_an_invited_person_is_known_by_address_once_and_by_subject_ever_after(house: House) -> None:
    house.invite()
    house.issuer.person["email"] = "SATO@example.jp"
    browser = await house.desk.stranger()
    response = await log_in(browser)
    assert response.status == 200
    assert 'content="0; url=/"' in await response.text()
    assert (response.cookies["console"]["samesite"], response.cookies["console"]["httponly"]) == ("Strict", True)
    assert (await browser.get("/account")).status == 200
    account = house.account()
    assert (account.issuer, account.subject, account.setup_hash) == (house.issuer.url, "subject-1", None)

    house.issuer.person |= {"email": "another@example.jp", "email_verified": False}
    assert (await log_in(await house.desk.stranger())).status == 200
    assert house.sessions() == 2
    assert [(actor, action) for actor, action, _ in house.trail()] == [
        ("staff:sato", "factor:set"),
        ("staff:sato", "session:opened"),
        ("staff:sato", "session:opened"),
    ]


async def test_it_asks_with_pkce_state_and_nonce_and_keeps_them_for_itself(house: House) -> None:
    browser = await house.desk.stranger()
    away = await browser.get("/login/oidc", allow_redirects=False)
    asked = dict(parse_qsl(urlsplit(away.headers["Location"]).query))
    assert asked["code_challenge_method"] == "S256"
    assert (asked["response_type"], asked["redirect_uri"]) == ("code", CALLBACK)
    assert {"openid", "email"} == set(asked["scope"].split())
    cookie = away.cookies["console-oidc"]
    assert (cookie["samesite"], cookie["httponly"], cookie["max-age"]) == ("Lax", True, "600")
    assert asked["state"] not in cookie.value
    assert asked["nonce"] not in cookie.value


@pytest.mark.parametrize("sign", [oidc_issuer.signed_rs256, oidc_issuer.signed_es256])
async def test_signatures_by_the_issuers_keys_hold(house: House, sign: Callable[[dict[str, Any]], str]) -> None:
    house.invite()
    house.issuer.sign = sign
    assert (await log_in(await house.desk.stranger())).status == 200


@pytest.mark.parametrize(
    "sign",
    [oidc_issuer.unsigned, oidc_issuer.signed_with_the_clients_secret, oidc_issuer.signed_by_a_stranger, str],
)
async def test_other_signatures_do_not(house: House, sign: Callable[[dict[str, Any]], str]) -> None:
    house.invite()
    house.issuer.sign = sign
    assert (await log_in(await house.desk.stranger())).status == 403
    assert house.trail() == [("stranger", "login:failed", ["oidc", "signature"])]
    assert house.sessions() == 0


@pytest.mark.parametrize(
    "claims",
    [
        {"nonce": "another"},
        {"nonce": None},
        {"aud": "another-client"},
        {"aud": None},
        {"aud": ["another-client"]},
        {"aud": [CLIENT_ID, "another-client"], "azp": "another-client"},
        {"iss": "https://another.example"},
        {"iss": None},
        {"exp": int(time.time()) - 3600},
        {"exp": None},
        {"iat": None},
        {"iat": int(time.time()) + 3600},
        {"nbf": int(time.time()) + 3600},
        {"sub": None},
        {"sub": ""},
    ],
)
async def test_a_token_that_is_not_of_this_log_in_opens_nothing(house: House, claims: dict[str, Any]) -> None:
    house.invite()
    house.issuer.claims = claims
    assert (await log_in(await house.desk.stranger())).status == 403
    assert house.trail() == [("stranger", "login:failed", ["oidc", "claims"])]
    assert house.account().subject is None


@pytest.mark.parametrize(
    "person_there",
    [
        {"email_verified": False},
        {"email_verified": None},
        {"email_verified": "true"},
        {"email": None},
        {"email": "nobody@example.jp"},
        {"email": ["sato@example.jp"]},
    ],
)
async def test_an_address_that_is_not_verified_or_not_invited_is_nobody(
    house: House, person_there: dict[str, Any]
) -> None:
    house.invite()
    house.issuer.person |= person_there
    assert (await log_in(await house.desk.stranger())).status == 403
    assert house.account().subject is None
    assert house.trail() == [("stranger", "login:failed", ["oidc", "unknown"])]


async def test_only_an_open_invitation_can_be_claimed(house: House) -> None:
    house.invite(hours_ago=25)
    assert (await log_in(await house.desk.stranger())).status == 403


async def test_an_account_that_is_in_use_is_not_claimed_by_an_address(house: House) -> None:
    with transaction(house.desk.console.engine) as session:
        ready_person(session, now=house.desk.clock())
    assert (await log_in(await house.desk.stranger())).status == 403


async def test_whoever_is_disabled_stays_outside_even_where_another_account_has_the_address(house: House) -> None:
    house.invite()
    await log_in(await house.desk.stranger())
    with transaction(house.desk.console.engine) as session:
        session.get_one(Account, ("sato", "eparkrelax")).disabled_at = house.desk.clock()
    house.invite("suzuki")
    house.issuer.person["email"] = "suzuki@example.jp"
    assert (await log_in(await house.desk.stranger())).status == 403
    assert house.account("suzuki").subject is None


async def test_an_answer_that_another_browser_asked_for_is_refused(house: House) -> None:
    house.invite()
    planted = await way_back(await house.desk.stranger())
    victim = await house.desk.stranger()
    assert (await victim.get(planted, allow_redirects=False)).status == 403
    await way_back(victim)
    assert (await victim.get(planted, allow_redirects=False)).status == 403
    assert house.sessions() == 0


async def test_an_answer_is_good_once(house: House) -> None:
    house.invite()
    browser = await house.desk.stranger()
    path = await way_back(browser)
    cookie = {"Cookie": "; ".join(f"{one.key}={one.value}" for one in browser.session.cookie_jar)}
    assert (await browser.get(path, allow_redirects=False)).status == 200
    assert "console-oidc" not in {one.key for one in browser.session.cookie_jar}
    again = await house.desk.stranger()
    assert (await again.get(path, headers=cookie, allow_redirects=False)).status == 403
    assert house.sessions() == 1


async def test_a_cookie_that_was_made_up_is_refused(house: House) -> None:
    browser = await house.desk.stranger()
    for cookie in ("", "x", "eyJzdGF0ZSI6ICJ4In0="):
        headers = {"Cookie": f"console-oidc={cookie}"}
        response = await browser.get("/login/oidc/callback?state=x&code=y", headers=headers, allow_redirects=False)
        assert response.status == 403


async def test_a_refusal_of_the_provider_is_told_in_our_own_words(house: House) -> None:
    house.issuer.error = "access_denied<script>"
    response = await log_in(await house.desk.stranger())
    assert response.status == 403
    assert "access_denied" not in await response.text()
    assert house.trail() == [("stranger", "login:failed", ["oidc", "denied"])]


async def test_a_client_secret_in_the_form_where_the_provider_wants_it_there(house: House) -> None:
    house.invite()
    house.issuer.discovery = {"token_endpoint_auth_methods_supported": ["client_secret_post"]}
    assert (await log_in(await house.desk.stranger())).status == 200


@pytest.mark.parametrize(
    "discovery",
    [
        {"issuer": "https://another.example"},
        {"token_endpoint": "http://another.example/token"},
        {"authorization_endpoint": "javascript:alert(1)"},
        {"jwks_uri": None},
    ],
)
async def test_another_issuers_document_is_not_followed(house: House, discovery: dict[str, Any]) -> None:
    house.issuer.discovery = discovery
    browser = await house.desk.stranger()
    assert (await browser.get("/login/oidc", allow_redirects=False)).status == 503


async def test_while_the_provider_is_away_the_desks_own_accounts_still_open(house: House) -> None:
    house.issuer.is_down = True
    browser = await house.desk.stranger()
    assert (await browser.get("/login/oidc", allow_redirects=False)).status == 503
    assert "非常用のアカウント" in await (await browser.get("/login")).text()


async def test_a_role_is_the_accounts_and_nothing_the_provider_says(house: House) -> None:
    house.invite()
    house.issuer.claims = {"role": Role.ADMIN.value, "roles": ["admin"]}
    browser = await house.desk.stranger()
    await log_in(browser)
    assert house.account().role == Role.OFFICER
