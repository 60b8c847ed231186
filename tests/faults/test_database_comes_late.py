"""The database's server is started after the processes: they wait for it, say so, and go to work once it is there."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from email.message import EmailMessage
from http import HTTPStatus
from pathlib import Path

import aiohttp
import pytest

from bot.clock import system_clock
from bot.launch import steps
from bot.register.drafts import open_draft
from bot.register.filing import file_draft
from bot.register.kinds import Kind
from bot.settings import PREFIX, Settings
from bot.storage.encryption import Vault
from bot.storage.engine import open_engine, transaction
from bot.storage.migrate import upgrade
from tests.support.postgres import run_server, server_programs, stopped
from tests.support.product import ROOT
from tests.support.smtp_server import LocalMailServer, mail_server
from tests.support.waiting import until
from tests.support.web_process import WebProcess

RECOVERY_SECONDS = 60.0
_PATIENCE_SECONDS = 180.0

pytestmark = [pytest.mark.postgres, pytest.mark.timeout(1200)]


@pytest.fixture
def programs() -> Path:
    found = server_programs()
    if found is None:
        pytest.skip("PostgreSQL's server programs are not installed: `make system-deps` does")
    return found


@pytest.fixture
def server(programs: Path) -> Iterator[str]:
    """A migrated database on a server of its own."""
    with run_server(programs) as url:
        upgrade(url)
        yield url


@contextmanager
def running_jobs(web: WebProcess, log: Path) -> Iterator[subprocess.Popen[bytes]]:
    """The jobs process with the settings of `web`."""
    with log.open("wb") as output:
        jobs = subprocess.Popen(
            [sys.executable, "-m", "bot.jobs"], cwd=ROOT, env=web.environment, stdout=output, stderr=output
        )
    try:
        yield jobs
    finally:
        jobs.terminate()
        jobs.wait(60)


async def test_web_and_jobs_go_to_work_once_the_database_is_there(
    server: str, programs: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    log = tmp_path / "jobs.log"
    with mail_server() as mail:
        web = web_with_mail(tmp_path, server, mail)
        number = filed(web, server)
        away = ExitStack()
        away.enter_context(stopped(programs, server))
        with away, running_jobs(web, log) as jobs:
            await web.start()
            await until(lambda: "jobs_wait_for_database" in log.read_text("utf-8"), seconds=_PATIENCE_SECONDS)
            await until(lambda: "overdue_turns_not_read" in web.log(), seconds=_PATIENCE_SECONDS)
            assert await conversation_begun(web) == HTTPStatus.SERVICE_UNAVAILABLE
            assert not await register_is_ready(web)

            await asyncio.to_thread(away.close)
            begun = time.monotonic()
            async with asyncio.timeout(_PATIENCE_SECONDS):
                while not await register_is_ready(web):  # noqa: ASYNC110 - the process decides
                    await asyncio.sleep(0.1)
            assert await conversation_begun(web) == HTTPStatus.CREATED
            await until(lambda: any(number in text_of(one) for one in mail.mails), seconds=_PATIENCE_SECONDS)
            recovery = time.monotonic() - begun
            assert jobs.poll() is None
            await web.stop()
    assert "jobs_active" in log.read_text("utf-8")
    with capsys.disabled():
        print(f"\nthe database comes after web and jobs: {recovery:.1f} s")  # noqa: T201 - a proof tells its figures
    assert recovery <= RECOVERY_SECONDS


async def test_the_launcher_waits_for_it(server: str, programs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(steps, "_PAUSE_SECONDS", 0.1)
    said: list[str] = []
    with stopped(programs, server):
        waiting = asyncio.create_task(asyncio.to_thread(steps._await_database, server, said.append))
        await until(lambda: len(said) > 1)
        assert not waiting.done()
    async with asyncio.timeout(_PATIENCE_SECONDS):
        await waiting
    assert said[0] == "waiting: the database does not answer (OperationalError)"


def web_with_mail(folder: Path, server: str, mail: LocalMailServer) -> WebProcess:
    """A `web` that is not started yet; its settings are those of jobs that mail to the desk."""
    return WebProcess(
        folder,
        database_url=server,
        rasa_url="http://127.0.0.1:9",
        SMTP_URL=f"smtp://127.0.0.1:{mail.port}",
        MAIL_FROM="privacy@example.jp",
        STAFF_MAIL="desk@example.jp",
    )


def filed(web: WebProcess, server: str) -> str:
    """The number of a request of which the desk has not been told yet."""
    keys = {name: web.environment[PREFIX + name.upper()] for name in ("encryption_key", "hash_key")}
    vault = Vault.from_settings(Settings(_env_file=None, **keys))  # type: ignore[arg-type]  # pydantic reads texts
    engine, now = open_engine(server, controller="eparkrelax"), system_clock()
    with transaction(engine) as session:
        draft = open_draft(
            session,
            controller="eparkrelax",
            conversation_id=None,
            channel="web",
            kinds=(Kind.DISCLOSURE,),
            scope=None,
            words=None,
            vault=vault,
            now=now,
        )
        (receipt,) = file_draft(session, draft, now=now, vault=vault)
    engine.dispose()
    return receipt.number


def text_of(mail: EmailMessage) -> str:
    body = mail.get_body(("plain",))
    assert body is not None
    return f"{mail['Subject']}\n{body.get_content()}"


async def register_is_ready(web: WebProcess) -> bool:
    async with aiohttp.ClientSession() as session, session.get(f"{web.url}/readyz") as answer:
        return bool((await answer.json())["checks"]["register"])


async def conversation_begun(web: WebProcess) -> int:
    async with aiohttp.ClientSession() as session, session.post(f"{web.url}/api/conversations", json={}) as answer:
        return answer.status
