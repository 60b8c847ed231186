"""Over https: cookies that are bound to this host and no other, and never go over plain http."""

from __future__ import annotations

import shutil
import ssl
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from aiohttp import ClientSession, CookieJar, TCPConnector
from aiohttp.test_utils import TestServer
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from bot.clock import system_clock
from bot.console.app import build_app
from bot.storage.engine import open_engine, transaction
from tests.support.console import console_settings
from tests.support.staff_people import PASSWORD, app_code, ready_person


@pytest.fixture
def certificate(tmp_path: Path) -> ssl.SSLContext:
    """A certificate that this test alone makes and trusts."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    secret = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    file = tmp_path / "server.pem"
    file.write_bytes(secret + made.public_bytes(pem))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    return context


@pytest.fixture
async def browser(certificate: ssl.SSLContext, sqlite_template: Path, tmp_path: Path) -> AsyncIterator[ClientSession]:
    """A browser at a console that speaks https itself; sato can log in."""
    path = tmp_path / "console.db"
    shutil.copy(sqlite_template, path)
    server = TestServer(build_app(console_settings(f"sqlite:///{path}")), scheme="https")
    await server.start_server(ssl=certificate)
    connector = TCPConnector(ssl=False)
    async with ClientSession(server.make_url(""), connector=connector, cookie_jar=CookieJar(unsafe=True)) as client:
        yield client
    await server.close()


async def test_the_sessions_cookie_is_bound_to_the_host(browser: ClientSession, tmp_path: Path) -> None:
    engine = open_engine(f"sqlite:///{tmp_path / 'console.db'}")
    with transaction(engine) as session:
        account = ready_person(session, now=system_clock() - timedelta(hours=1))
        code = app_code(account, system_clock())
    engine.dispose()
    page = await browser.get("/login")
    form = page.cookies["__Host-console-form"]
    assert (form["secure"], form["samesite"], form["httponly"], form["path"]) == (True, "Strict", True, "/")
    token = (await page.text()).partition('name="csrf" value="')[2][:64]
    typed = {"csrf": token, "id": "sato", "password": PASSWORD, "code": code}
    response = await browser.post("/login", data=typed, allow_redirects=False)
    assert response.status == 303
    cookie = response.cookies["__Host-console"]
    assert (cookie["secure"], cookie["samesite"], cookie["httponly"], cookie["path"]) == (True, "Strict", True, "/")
    assert (cookie["domain"], cookie["max-age"]) == ("", "")
    assert "max-age=31536000" in response.headers["Strict-Transport-Security"]
    assert (await browser.get("/account")).status == 200
