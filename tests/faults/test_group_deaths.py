"""A process that dies between two companies has proved a mailbox to none of them, and the code is still good."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import select

from bot.channels.gateway import open_gateway
from bot.channels.request_page.steps import Steps
from bot.crash_points import KILLED_STATUS, VARIABLE, CrashPoint
from bot.register.details import Details
from bot.register.identity.models import Proof
from bot.register.kinds import ADVERTISING, Kind
from bot.register.models import AuditEvent, ReplyBy, Request, Role
from bot.storage.engine import open_engine, reading
from tests.support.request_form import SMTP
from tests.support.request_pages import file_with_page, latest_code
from tests.support.web_member import TickingClock, web_settings

SISTERS = {"parking": "見本駐車株式会社", "outing": "見本おでかけ株式会社"}
EVERYBODY = ("eparkrelax", *SISTERS)
DETAILS = Details(role=Role.SELF, reply_by=ReplyBy.EMAIL, name="", email="hanako@example.jp")

# What the page's button does, in a process of its own, a minute after the page was sent.
_PRESS = f"""
import sys
from bot.channels.gateway import open_gateway
from bot.channels.request_page.steps import Steps
from tests.support.web_member import TickingClock, web_settings
clock = TickingClock()
clock.pass_time(minutes=1)
gateway = open_gateway(web_settings(sys.argv[1], sister_controllers={SISTERS!r}), clock=clock)
print("proved" if Steps(gateway).try_code(*sys.argv[2:]) else "refused")
"""

pytestmark = pytest.mark.timeout(600)


def press(url: str, *typed: str, crash_at: str = "") -> tuple[int, str]:
    environment = os.environ | {VARIABLE: crash_at, "PYTHONPATH": str(Path(__file__).parents[2])}
    done = subprocess.run(
        [sys.executable, "-c", _PRESS, url, *typed], env=environment, capture_output=True, text=True, check=False
    )
    return done.returncode, done.stdout.strip()


def seen(url: str) -> dict[str, tuple[str, list[str], int]]:
    """State, trail and number of proofs with each company."""
    found = {}
    for controller in EVERYBODY:
        engine = open_engine(url, controller=controller)
        with reading(engine) as session:
            trail = session.scalars(select(AuditEvent.action).order_by(AuditEvent.position)).all()
            state = session.scalars(select(Request.state)).one()
            found[controller] = (state, list(trail), len(session.scalars(select(Proof.id)).all()))
        engine.dispose()
    return found


def test_a_death_between_two_companies_leaves_the_code_and_proves_nothing(database_url: str) -> None:
    settings = web_settings(database_url, sister_controllers=SISTERS, smtp_url=SMTP)
    gateway = open_gateway(settings, clock=TickingClock())
    page = file_with_page(gateway, Kind.USE_STOP, scope=ADVERTISING)
    handle = Steps(gateway).submit(page.token, DETAILS, [], member_token="", sisters=list(SISTERS)).handle
    assert handle is not None
    typed = (page.token, handle, latest_code(gateway))
    gateway.engine.dispose()
    before = seen(database_url)

    for time in (1, 2):
        death = press(database_url, *typed, crash_at=f"{CrashPoint.GROUP_BETWEEN_COMPANIES}:{time}")
        assert death == (KILLED_STATUS, "")
        assert seen(database_url) == before

    assert press(database_url, *typed) == (0, "proved")
    after = seen(database_url)
    assert {state for state, _, _ in after.values()} == {"verified"}
    assert {proofs for _, _, proofs in after.values()} == {1}
    # A code is good once.
    assert press(database_url, *typed) == (0, "refused")
    assert seen(database_url) == after
